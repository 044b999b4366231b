import { describe, expect, test } from "vitest";
import type { Bus, BusMessage } from "@on-record/core/log/ports";
import { momentOf } from "../helpers/storage-fixtures.ts";

/** A bus, what reached its other side, and a way to make it refuse a message by its `n`. */
export interface BusUnderTest {
  bus: Bus;
  accepted: () => BusMessage[];
  refuse: (n: number | null) => void;
}

/** Messages that carry `n` from 0. */
export function messages(count: number, more: object = {}): BusMessage[] {
  return Array.from({ length: count }, (_, n) => ({
    source: "on-record.ledger",
    detailType: "StatementRecorded",
    detail: { n, ...more },
    time: momentOf(n),
  }));
}

/** What every Bus does. */
export function describeBusContract(name: string, factory: () => Promise<BusUnderTest>): void {
  describe(`bus: ${name}`, () => {
    test("messages arrive whole and in order", async () => {
      const { bus, accepted } = await factory();
      const sent = messages(37, { text: "Київ 🇺🇦", list: [] });
      expect(await bus.publish(sent)).toBe(37);
      expect(accepted()).toEqual(sent);
    });

    test("nothing to publish is nothing accepted", async () => {
      const { bus, accepted } = await factory();
      expect(await bus.publish([])).toBe(0);
      expect(accepted()).toEqual([]);
    });

    test("publishing stops at the first refusal, and says how many from the front were accepted", async () => {
      const { bus, accepted, refuse } = await factory();
      const sent = messages(35);
      for (const refused of [0, 9, 10, 14]) {
        refuse(refused);
        expect(await bus.publish(sent)).toBe(refused);
      }
      const numbers = accepted().map((message) => (message.detail as { n: number }).n);
      // Neighbours in the same call may have gone through; calls after it were never made.
      expect(numbers.filter((n) => n >= 20)).toEqual([]);
      refuse(null);
      expect(await bus.publish(sent.slice(14))).toBe(21);
      expect(accepted().slice(-21)).toEqual(sent.slice(14));
    });
  });
}
