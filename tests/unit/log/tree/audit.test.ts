import {
  checkGrowth,
  firstFault,
  growthTiles,
  leafRuns,
  type LeafRun,
  type LoadTile,
} from "@on-record/core/log/tree/audit";
import { emptyRoot, leafHash } from "@on-record/core/log/tree/hash";
import { proveConsistency, readRoot } from "@on-record/core/log/tree/prove";
import {
  cutTile,
  edgeTiles,
  readerOf,
  readTile,
  tileBytes,
  tilesFilled,
  type Tile,
} from "@on-record/core/log/tree/tile";
import { tilePath } from "@on-record/core/log/tree/tile-path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { altered, entriesOf, readerOfEntries } from "../../../helpers/naive-tree.ts";

/** Enough for three levels of tiles. */
const SIZE = 66_000;
const ENTRIES = entriesOf(SIZE);
const LEAVES = ENTRIES.map(leafHash);
const READ = readerOfEntries(ENTRIES);
const headOf = (size: number) => ({ size, root: readRoot(size, READ) });
const bytesOf = (tile: Tile) => tileBytes(readTile(tile, READ));

async function collected(runs: AsyncIterable<LeafRun>): Promise<LeafRun[]> {
  const all: LeafRun[] = [];
  for await (const run of runs) all.push(run);
  return all;
}

describe("the leaves of a tree, from its tiles", () => {
  it("come in order and all, and each tile is loaded once", async () => {
    const loaded: string[] = [];
    const load: LoadTile = (tile) => {
      loaded.push(tilePath(tile));
      return bytesOf(tile);
    };
    const runs = await collected(leafRuns(headOf(SIZE), load));
    let at = 0;
    for (const { first, leaves } of runs) {
      expect(first).toBe(at);
      at += leaves.length;
    }
    expect(at).toBe(SIZE);
    expect(Buffer.concat(runs.flatMap(({ leaves }) => leaves)).equals(Buffer.concat(LEAVES))).toBe(true);
    const all = [...tilesFilled(0, SIZE), ...edgeTiles(SIZE)];
    expect(loaded.toSorted()).toEqual(all.map(tilePath).toSorted());
  });

  it.each([0, 1, 255, 256, 257, 511, 512])("are all there of %d entries", async (size) => {
    const runs = await collected(leafRuns(headOf(size), async (tile) => bytesOf(tile)));
    expect(runs.flatMap(({ leaves }) => leaves)).toHaveLength(size);
  });

  it("begin where one asks for them, and nothing before is loaded", async () => {
    const from = 65_536 + 300;
    const loaded: Tile[] = [];
    const load: LoadTile = (tile) => {
      loaded.push(tile);
      return bytesOf(tile);
    };
    const runs = await collected(leafRuns(headOf(SIZE), load, from));
    expect(runs.map(({ first }) => first)).toEqual([65_792]);
    expect(loaded).toEqual(edgeTiles(SIZE));
    expect(await collected(leafRuns(headOf(SIZE), bytesOf, SIZE))).toEqual([]);

    loaded.length = 0;
    const rest = await collected(leafRuns(headOf(1_000), load, 512));
    expect(rest.map(({ first }) => first)).toEqual([512, 768]);
    expect(loaded.map(tilePath)).toEqual(["tile/1/000.p/3", "tile/0/003.p/232", "tile/0/002"]);
  });

  it("are not given where a tile has one byte altered, and the tile is named", async () => {
    const anyTile = fc.constantFrom(...tilesFilled(0, 1_000), ...edgeTiles(1_000));
    await fc.assert(
      fc.asyncProperty(anyTile, fc.nat(8_191), fc.integer({ min: 1, max: 255 }), async (tile, at, by) => {
        const load: LoadTile = (asked) =>
          tilePath(asked) === tilePath(tile) ? altered(bytesOf(asked), at % (asked.width * 32), by) : bytesOf(asked);
        const named =
          tile.width < 256 ? "the last tiles of a tree of 1000" : `tile ${tile.index} of level ${tile.level} is not`;
        await expect(collected(leafRuns(headOf(1_000), load))).rejects.toThrow(named);
      }),
    );
  });

  it("are not given from a tile that is too short, or under another root", async () => {
    const short: LoadTile = (tile) => bytesOf(tile).subarray(1);
    await expect(collected(leafRuns(headOf(300), short))).rejects.toThrow("tile 0 of level 1 has 31 bytes, not 32");
    const wrong = { size: 300, root: headOf(301).root };
    await expect(collected(leafRuns(wrong, bytesOf))).rejects.toThrow("the last tiles of a tree of 300 lead to");
    const none = { size: 0, root: headOf(301).root };
    await expect(collected(leafRuns(none, bytesOf))).rejects.toThrow("the last tiles of a tree of 0 lead to");
    const short31 = { size: 0, root: emptyRoot().subarray(1) };
    await expect(collected(leafRuns(short31, bytesOf))).rejects.toThrow("the root has 31 bytes");
  });
});

describe("growth from one checkpoint to another", () => {
  const tilesBetween = (oldSize: number, size: number) =>
    growthTiles(headOf(oldSize), headOf(size)).map((tile) => [tile, bytesOf(tile)] as const);

  it("is shown by the tiles of the newer tree", () => {
    const sizes = fc.tuple(fc.nat(SIZE), fc.nat(SIZE)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(sizes, ([oldSize, size]) => {
        checkGrowth(headOf(oldSize), headOf(size), readerOf(tilesBetween(oldSize, size)));
      }),
      { numRuns: 40 },
    );
  });

  it("is not shown by tiles with a byte altered of any hash that it rests on", () => {
    const tiles = tilesBetween(300, 1_000);
    const proofBy = (pairs: typeof tiles) => Buffer.concat(proveConsistency(300, 1_000, readerOf(pairs)));
    const proof = proofBy(tiles);
    const refusals = tiles.map(([altering]) => {
      let refused = 0;
      for (let hash = 0; hash < altering.width; hash += 8) {
        const wrong = tiles.map(([tile, bytes]) => {
          return [tile, tile === altering ? altered(bytes, hash * 32 + (hash % 32)) : bytes] as const;
        });
        if (proofBy(wrong).equals(proof)) continue;
        expect(() => checkGrowth(headOf(300), headOf(1_000), readerOf(wrong))).toThrow("does not begin with");
        refused += 1;
      }
      return refused;
    });
    // Each eighth hash was altered, and there is none that the proof does not rest on.
    expect(tiles.map(([tile]) => tilePath(tile))).toEqual(["tile/0/001", "tile/1/000.p/3", "tile/0/003.p/232"]);
    expect(refusals).toEqual([32, 1, 29]);
  });

  it("is not shown where the log forked, was cut, or lost what it had", () => {
    const fork = readerOfEntries(entriesOf(1_000).with(299, Uint8Array.of(1)));
    const forked = { size: 1_000, root: readRoot(1_000, fork) };
    expect(() => checkGrowth(headOf(300), forked, fork)).toThrow("does not begin with that of 300");
    expect(() => checkGrowth(headOf(1_000), forked, fork)).toThrow("forked");
    expect(() => checkGrowth(headOf(1_000), headOf(999), READ)).toThrow("some were dropped");
    expect(growthTiles(headOf(1_000), headOf(999))).toEqual([]);
    expect(() => checkGrowth(headOf(300), headOf(1_000), readerOf([]))).toThrow("is missing");
  });
});

describe("the first fault among entries", () => {
  const run: LeafRun = { first: 100, leaves: LEAVES.slice(0, 6) };
  const [a, b, c, d, e, f] = run.leaves;
  const x = LEAVES[9];
  const found = (...hashes: (Uint8Array | undefined)[]) => hashes.filter((hash) => hash !== undefined);

  it.each([
    ["nothing", found(a, b, c, d, e, f), undefined],
    ["an altered entry", found(a, b, x, d, e, f), { sequence: 102, kind: "altered" }],
    ["the altered one of two", found(a, x, c, d, x, f), { sequence: 101, kind: "altered" }],
    ["a dropped entry", found(a, b, d, e, f), { sequence: 102, kind: "missing" }],
    ["a dropped last entry", found(a, b, c, d, e), { sequence: 105, kind: "missing" }],
    ["an entry too many", found(a, x, b, c, d, e), { sequence: 101, kind: "inserted" }],
    ["an entry too many at the end", found(a, b, c, d, e, f, x), { sequence: 106, kind: "inserted" }],
    ["two swapped entries", found(a, c, b, d, e, f), { sequence: 101, kind: "moved" }],
    ["an entry given twice", found(a, a, b, c, d, e), { sequence: 101, kind: "inserted" }],
    ["nothing at all", [], { sequence: 100, kind: "missing" }],
  ])("is named: %s", (_what, hashes, fault) => {
    expect(firstFault(run, hashes)).toEqual(fault);
  });
});

it("a full tile serves, cut, where the narrower one is no longer kept", async () => {
  const load: LoadTile = (tile) => {
    const full = { ...tile, width: 256 };
    return tile.level === 0 ? cutTile(full, bytesOf(full), tile.width) : bytesOf(tile);
  };
  expect(await collected(leafRuns(headOf(300), load))).toHaveLength(2);
});
