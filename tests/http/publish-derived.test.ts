import { publishDerived, type PublishDerivedDeps } from "@on-record/core/delivery/publish-derived";
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

const told = ({ bus }: World) => bus.accepted.map(({ detail }) => (detail as { sequence: number }).sequence);

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

  test("do not pass a row that is none", async () => {
    const world = await worldOf([0, 1, 3], 10);
    await world.views.put([{ pk: derivedPk(2), sk: derivedSk(2, 0), body: { type: "Nonsense" } }]);
    await expect(publishDerived(world)).rejects.toThrow();
    expect(told(world)).not.toContain(3);
    expect((await world.places.checkpoint("derived-events")).next).toBeLessThanOrEqual(2);
  });
});
