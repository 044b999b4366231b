import type { LogReader } from "@on-record/core/log/ports";
import { envelopeOf } from "@on-record/core/log/envelope";
import { openCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { leafRuns } from "@on-record/core/log/tree/audit";
import { parseBundle } from "@on-record/core/log/tree/bundle";
import { entryBytes, leavesOf } from "@on-record/core/log/tree/entry";
import { leafHash } from "@on-record/core/log/tree/hash";
import { grow, EMPTY_FRONTIER, rootOf } from "@on-record/core/log/tree/frontier";
import { TILE_WIDTH, tileAt } from "@on-record/core/log/tree/tile";
import { checkInclusion } from "@on-record/core/log/tree/verify";
import { proveEvents, readBundle, readTile } from "@on-record/core/queries/log-tree";
import { sequence } from "@on-record/core/sequencer/sequence";
import { FaultyLog } from "@on-record/core/storage/faulty";
import { beforeAll, describe, expect, test } from "vitest";
import { TRUST } from "../../helpers/log-keys.ts";
import { event, hintsFor, segmentsOf, World } from "../sequencer/world.ts";

/** Past one full tile, and within the second. */
const EVENTS = TILE_WIDTH + 40;

/** Brings so many streams of one event each into the log, in segments of uneven length. */
async function filled(world: World, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, n) => `s${n}@1`);
  for (let from = 0, step = 1; from < count; from += step, step = (step % 60) + 7) {
    await sequence(world.deps, await world.append(...names.slice(from, from + step)));
  }
}

const entriesOf = async (world: World) => (await segmentsOf(world.log)).flatMap(({ entries }) => entries);

describe("the log's tree", () => {
  const world = new World();

  beforeAll(() => filled(world, EVENTS));

  test("is signed with every commit, over all entries up to it", async () => {
    const { checkpoint, size } = await world.log.head();
    const opened = openCheckpoint(checkpoint ?? "", TRUST);
    expect(opened.checkpoint.size).toBe(EVENTS);
    expect(size).toBe(EVENTS);
    const frontier = grow(EMPTY_FRONTIER, leavesOf(await entriesOf(world)));
    expect(opened.checkpoint.root).toEqual(rootOf(frontier));
  });

  test("can be read in tiles, from which an auditor finds every leaf under the signed root", async () => {
    const { checkpoint } = openCheckpoint((await world.log.head()).checkpoint ?? "", TRUST);
    const found: Uint8Array[] = [];
    const load = async (tile: Parameters<typeof readTile>[1]) => {
      const bytes = await readTile(world.log, tile);
      if (bytes === null) throw new Error("a tile is missing");
      return bytes;
    };
    for await (const { leaves } of leafRuns(checkpoint, load)) found.push(...leaves);
    expect(found).toEqual([...leavesOf(await entriesOf(world))]);
  });

  test("keeps full tiles, and makes those that are missing of the entries", async () => {
    expect(await world.log.tile(0)).not.toBeNull();
    expect(await world.log.subtrees(1, 0)).toHaveLength(1);
    const kept = await readTile(world.log, { level: 0, index: 0, width: TILE_WIDTH });
    const { log } = world;
    const forgetful: LogReader = {
      head: () => log.head(),
      segmentAt: (at) => log.segmentAt(at),
      sequenceOf: (id) => log.sequenceOf(id),
      tile: async () => null,
      subtrees: async () => [],
    };
    expect(await readTile(forgetful, { level: 0, index: 0, width: TILE_WIDTH })).toEqual(kept);
    expect(await readTile(forgetful, { level: 1, index: 0, width: 1 })).toEqual(
      await readTile(world.log, { level: 1, index: 0, width: 1 }),
    );
  });

  test("has no tile beyond its size, and none wider than it is", async () => {
    expect(await readTile(world.log, { level: 0, index: 1, width: EVENTS - TILE_WIDTH })).not.toBeNull();
    expect(await readTile(world.log, { level: 0, index: 1, width: EVENTS - TILE_WIDTH + 1 })).toBeNull();
    expect(await readTile(world.log, { level: 0, index: 2, width: 1 })).toBeNull();
    expect(await readTile(world.log, { level: 2, index: 0, width: 1 })).toBeNull();
    expect(await readBundle(world.log, { index: 1, width: TILE_WIDTH })).toBeNull();
  });

  test("gives the entries themselves in bundles, whose hashes are the leaves", async () => {
    const width = tileAt(0, 1, EVENTS)?.width ?? 0;
    const bundle = await readBundle(world.log, { index: 1, width });
    const entries = parseBundle(bundle ?? new Uint8Array(), width);
    expect(entries).toEqual((await entriesOf(world)).slice(TILE_WIDTH).map(entryBytes));
  });

  test("proves any event, and leaves out one that is not in it yet", async () => {
    const [hint] = hintsFor("unlogged@1");
    const events = [...hintsFor("s0@1", "s100@1", `s${EVENTS - 1}@1`), ...(hint ? [hint] : [])];
    const envelopes = events.map(({ stream, version }) => envelopeOf(event(stream, version)));
    const { proved, checkpoint } = await proveEvents(world.log, envelopes);
    const { root, size } = openCheckpoint(checkpoint ?? "", TRUST).checkpoint;
    expect(proved).toHaveLength(3);
    for (const { entry, hashes } of proved) {
      const leaf = leafHash(entryBytes(entry));
      expect(() => checkInclusion({ index: entry.sequence, size, root, leaf, proof: hashes })).not.toThrow();
    }
  });
});

describe("a sequencer that dies around a full tile", () => {
  test.each(["keepTile", "keepSubtree"] as const)(
    "before or after %s leaves it to the next, which keeps it before it commits anything",
    async (method) => {
      for (const fail of ["before", "after"] as const) {
        const world = new World();
        await filled(world, TILE_WIDTH - 1);
        const log = new FaultyLog(world.log, (call) => (call.method === method ? { fail } : undefined));
        const hints = await world.append("last@1");
        await expect(sequence({ ...world.deps, log }, hints)).rejects.toMatchObject({ code: "store_unavailable" });
        expect((await world.log.head()).pointedThrough).toBeLessThan(TILE_WIDTH);
        await sequence(world.deps, await world.append("next@1"));
        expect(await world.log.tile(0)).not.toBeNull();
        expect(await world.log.subtrees(1, 0)).toHaveLength(1);
        expect(await world.log.head()).toMatchObject({ size: TILE_WIDTH + 1, pointedThrough: TILE_WIDTH + 1 });
      }
    },
  );
});
