import { publishDerived } from "@on-record/core/delivery/publish-derived";
import { Instant } from "@on-record/core/domain/time";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { derivedPk, derivedSk, POSITIONS } from "@on-record/core/projections/positions/rows";
import { failNth, FaultyBus, FaultyViews } from "@on-record/core/storage/faulty";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { describe, expect, it } from "vitest";

const AT = Instant.parse("2025-08-19T12:00:00.000Z");

function row(sequence: number, ordinal: number) {
  const id = `dv_${String(sequence * 1_000 + ordinal).replace(/[0189]/g, (digit) => "abcdefghij"[Number(digit)] ?? "a")}`;
  const body = {
    type: "PositionContestEnded",
    id: id.padEnd(29, "z"),
    schemaVersion: 1,
    actor: "donald-trump",
    proposition: "us-troops",
    number: 1,
    sequence,
    recordedAt: AT,
    cause: "new_statement",
    statement: `st_${"a".repeat(26)}`,
    how: "actor_spoke",
  };
  return { pk: derivedPk(sequence), sk: derivedSk(sequence, ordinal), body };
}

class World {
  readonly views = new MemoryViews();
  readonly places = new MemoryViews();
  readonly bus = new MemoryBus();

  async derive(...places: [sequence: number, ordinal: number][]): Promise<void> {
    await this.views.put(places.map(([sequence, ordinal]) => row(sequence, ordinal)));
  }

  async show(next: number): Promise<void> {
    await this.views.advance(POSITIONS, await this.views.checkpoint(POSITIONS), { next, recordedAt: AT });
  }

  get published(): string[] {
    return this.bus.accepted.map(({ detail }) => (detail as DerivedEvent).id);
  }
}

const idsOf = (...places: [number, number][]) => places.map(([sequence, ordinal]) => row(sequence, ordinal).body.id);

describe("publishing derived events", () => {
  it("takes each visible one to the bus once, in the order of the log", async () => {
    const world = new World();
    await world.derive([3, 0], [0, 1], [0, 0], [2, 0]);
    await world.show(4);
    expect(await publishDerived(world)).toBe(4);
    expect(await publishDerived(world)).toBe(0);
    expect(world.published).toEqual(idsOf([0, 0], [0, 1], [2, 0], [3, 0]));
  });

  it("leaves what no checkpoint has made visible, and publishes it when one has", async () => {
    const world = new World();
    await world.derive([0, 0], [5, 0]);
    await world.show(5);
    await publishDerived(world);
    expect(world.published).toEqual(idsOf([0, 0]));
    await world.show(6);
    await publishDerived(world);
    expect(world.published).toEqual(idsOf([0, 0], [5, 0]));
  });

  it("goes on over pages, over many of one event, and over partitions with nothing in them", async () => {
    const world = new World();
    const places = [
      ...Array.from({ length: 150 }, (_, ordinal): [number, number] => [7, ordinal]),
      ...Array.from({ length: 120 }, (_, index): [number, number] => [10 + index, 0]),
      [999, 0] as [number, number],
      [1_000, 0] as [number, number],
      [5_432, 0] as [number, number],
    ];
    await world.derive(...places);
    await world.show(6_000);
    await publishDerived(world);
    expect(world.published).toEqual(idsOf(...places));
    expect((await world.places.checkpoint("derived-events")).next).toBe(6_000);
  });

  it("stops at the first that the bus refuses, and begins there again", async () => {
    const world = new World();
    await world.derive([0, 0], [1, 0], [2, 0]);
    await world.show(3);
    const [, refused] = idsOf([0, 0], [1, 0]);
    world.bus.refuseWhen(({ detail }) => (detail as DerivedEvent).id === refused);
    await expect(publishDerived(world)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(world.published).toEqual(idsOf([0, 0]));
    world.bus.refuseWhen(() => false);
    await publishDerived(world);
    expect(world.published).toEqual(idsOf([0, 0], [1, 0], [2, 0]));
  });

  it.each(["before", "after"] as const)(
    "loses nothing when the bus fails %s it took them: repeats have the same id",
    async (fail) => {
      const world = new World();
      await world.derive([0, 0], [1, 0]);
      await world.show(2);
      const bus = new FaultyBus(world.bus, failNth("publish", 1, fail));
      await expect(publishDerived({ views: world.views, places: world.places, bus })).rejects.toMatchObject({
        code: "store_unavailable",
      });
      await publishDerived(world);
      expect([...new Set(world.published)]).toEqual(idsOf([0, 0], [1, 0]));
    },
  );

  it.each(["before", "after"] as const)("loses nothing when its place cannot be moved, %s the write", async (fail) => {
    const world = new World();
    await world.derive([0, 0], [1, 0]);
    await world.show(2);
    const places = new FaultyViews(world.places, failNth("advance", 1, fail));
    await expect(publishDerived({ views: world.views, bus: world.bus, places })).rejects.toMatchObject({
      code: "store_unavailable",
    });
    await publishDerived(world);
    expect([...new Set(world.published)]).toEqual(idsOf([0, 0], [1, 0]));
  });

  it("publishes what stands before a row that is no derived event, then stops there", async () => {
    const world = new World();
    await world.derive([0, 0]);
    await world.views.put([{ pk: derivedPk(1), sk: derivedSk(1, 0), body: { garbage: true } }]);
    await world.derive([2, 0]);
    await world.show(3);
    await expect(publishDerived(world)).rejects.toThrow("000000000001#00000 is no derived event");
    expect(world.published).toEqual(idsOf([0, 0]));
    expect((await world.places.checkpoint("derived-events")).next).toBe(1);
  });

  it("misses nothing when several run at once while more becomes visible", async () => {
    const world = new World();
    const places = Array.from({ length: 300 }, (_, sequence): [number, number] => [sequence, 0]);
    await world.derive(...places);
    await world.show(100);
    const early = [publishDerived(world), publishDerived(world)];
    await world.show(300);
    await Promise.all([...early, publishDerived(world), publishDerived(world)]);
    await publishDerived(world);
    expect([...new Set(world.published)].toSorted()).toEqual(idsOf(...places).toSorted());
  });
});
