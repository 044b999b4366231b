import { instantOf } from "@on-record/core/domain/time";
import { EventId } from "@on-record/core/log/envelope";
import type { LogReader, Segment } from "@on-record/core/log/ports";
import { placesInLog } from "@on-record/core/queries/log-places";
import fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runs } from "../positions/histories.ts";

const idAt = (sequence: number) => EventId.parse(`actor/a@${sequence + 1}`);

/** A log with segments of these lengths, and what is asked of it. */
class CountedLog implements Pick<LogReader, "segmentAt" | "sequenceOf"> {
  readonly segments: Segment[] = [];
  readonly read: number[] = [];
  mostAtOnce = 0;
  #underWay = 0;

  constructor(lengths: readonly number[]) {
    let first = 0;
    for (const [nth, length] of lengths.entries()) {
      // Of the entries nothing but their count is looked at.
      const entries = Array.from({ length }) as Segment["entries"];
      this.segments.push({ first, recordedAt: instantOf(nth * 1_000), entries });
      first += length;
    }
  }

  get size(): number {
    const last = this.segments.at(-1);
    return last === undefined ? 0 : last.first + last.entries.length;
  }

  async segmentAt(sequence: number): Promise<Segment | null> {
    await this.#counted();
    const found = this.segments.find(({ first, entries }) => first <= sequence && sequence < first + entries.length);
    if (found !== undefined) this.read.push(found.first);
    return found ?? null;
  }

  async sequenceOf(id: EventId): Promise<number | null> {
    await this.#counted();
    const sequence = Number(id.slice(id.indexOf("@") + 1)) - 1;
    return sequence < this.size ? sequence : null;
  }

  async #counted(): Promise<void> {
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    await turn();
    this.#underWay -= 1;
  }
}

describe("the places of events in the log", () => {
  test("are told in the order asked, with few reads at once and no segment read twice", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 128 }), { minLength: 1, maxLength: 30 });
    const property = fc.asyncProperty(lengths, fc.array(fc.nat(2_000), { maxLength: 100 }), async (lengths, asked) => {
      const log = new CountedLog(lengths);
      const places = await placesInLog(log, asked.map(idAt));
      const expected = asked.map((sequence) => {
        const segment = log.segments.findLast(({ first }) => first <= sequence);
        return sequence < log.size && segment ? { sequence, recordedAt: segment.recordedAt } : null;
      });
      expect(places).toEqual(expected);
      expect(new Set(log.read).size).toBe(log.read.length);
      expect(log.mostAtOnce).toBeLessThanOrEqual(16);
    });
    await fc.assert(property, { numRuns: runs(100) });
  });

  test("of a hundred events that entered together take one read more than their pointers", async () => {
    const log = new CountedLog([3, 128, 5]);
    await placesInLog(
      log,
      Array.from({ length: 100 }, (_, index) => idAt(index + 10)),
    );
    expect(log.read).toEqual([3]);
  });
});
