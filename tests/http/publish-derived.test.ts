import { publishDerived, type PublishDerivedDeps } from "@on-record/core/delivery/publish-derived";
import { LedgerError } from "@on-record/core/errors";
import type { Bus, BusMessage } from "@on-record/core/log/ports";
import { derivedPk, derivedSk } from "@on-record/core/projections/positions/rows";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { describe, expect, test } from "vitest";
import { changeAt, positionsReach, putChanges } from "../helpers/derived-rows.ts";

interface World extends PublishDerivedDeps {
  views: MemoryViews;
  places: MemoryViews;
  bus: MemoryBus;
}

/** Changes at these places of the log, of which everything below `reach` is visible. */
async function worldOf(sequences: readonly number[], reach: number): Promise<World> {
  const views = new MemoryViews();
  const nth = (index: number) => sequences.slice(0, index).filter((other) => other === sequences[index]).length;
  await putChanges(views, ...sequences.map((sequence, index) => changeAt(sequence, nth(index))));
  await positionsReach(views, reach);
  return { views, places: new MemoryViews(), bus: new MemoryBus() };
}

const sequenceOf = ({ detail }: BusMessage) => (detail as { sequence: number }).sequence;
const idOf = ({ detail }: BusMessage) => (detail as { id: string }).id;
const told = ({ bus }: World) => bus.accepted.map(sequenceOf);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("derived events on their way to the bus", () => {
  test("are published once each, whole and in the order of the log, across its whole length", async () => {
    const sequences = [0, 3, 3, 3, 999, 1_000, 7_500, 7_501];
    const world = await worldOf(sequences, 8_000);
    expect(await publishDerived(world)).toBe(8);
    expect(told(world)).toEqual(sequences);
    expect(world.bus.accepted[0]).toEqual({
      source: "on-record.positions",
      detailType: "PositionChanged",
      time: changeAt(0).recordedAt,
      detail: changeAt(0),
    });
    expect(await publishDerived(world)).toBe(0);
    expect(told(world)).toHaveLength(8);
  });

  test("are all published later when the bus is down, or its answer is lost", async () => {
    for (const answers of [0, 1]) {
      const world = await worldOf([0, 1, 2], 10);
      let calls = 0;
      const faulty: Bus = {
        async publish(messages) {
          calls += 1;
          if (calls > 1) return world.bus.publish(messages);
          if (answers === 1) await world.bus.publish(messages);
          throw new LedgerError("store_unavailable", "failed as planned");
        },
      };
      await expect(publishDerived({ ...world, bus: faulty })).rejects.toMatchObject({ code: "store_unavailable" });
      await publishDerived({ ...world, bus: faulty });
      expect([...new Set(told(world))]).toEqual([0, 1, 2]);
      expect(told(world)).toHaveLength(answers === 1 ? 6 : 3);
    }
  });

  test("are published again, and under the same ids, when it died before it moved its place", async () => {
    const world = await worldOf(upTo(120), 130);
    const places = {
      checkpoint: (name: string) => world.places.checkpoint(name),
      advance: async (): Promise<boolean> => {
        throw new LedgerError("store_unavailable", "died as planned");
      },
    };
    await expect(publishDerived({ ...world, places })).rejects.toMatchObject({ code: "store_unavailable" });
    expect(told(world)).toHaveLength(100);
    await publishDerived(world);
    expect(told(world)).toEqual([...upTo(100), ...upTo(120)]);
    expect(new Set(world.bus.accepted.map(idOf)).size).toBe(120);
  });

  test("do not pass a row that is none", async () => {
    const world = await worldOf([0, 1, 3], 10);
    await world.views.put([{ pk: derivedPk(2), sk: derivedSk(2, 0), body: { type: "Nonsense" } }]);
    await expect(publishDerived(world)).rejects.toThrow();
    expect(told(world)).not.toContain(3);
    expect((await world.places.checkpoint("derived-events")).next).toBeLessThanOrEqual(2);
  });
});
