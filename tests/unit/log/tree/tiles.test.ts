import { formatBundle, parseBundle } from "@on-record/core/log/tree/bundle";
import { ProofError } from "@on-record/core/log/tree/errors";
import { consistencyPlan, inclusionPlan, proveConsistency, proveInclusion } from "@on-record/core/log/tree/prove";
import {
  cutTile,
  edgeTiles,
  readerOf,
  readTile,
  subtreeRoot,
  tileAt,
  tileBytes,
  tileHashes,
  tilesFilled,
  tilesFor,
  type Tile,
} from "@on-record/core/log/tree/tile";
import { parseTilePath, tilePath } from "@on-record/core/log/tree/tile-path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entriesOf, NaiveTree, readerOfEntries } from "../../../helpers/naive-tree.ts";

const ENTRIES = entriesOf(66_000);
const READ = readerOfEntries(ENTRIES);
const bytesOf = (tile: Tile) => tileBytes(readTile(tile, READ));

describe("the path of a tile", () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 3, index: 999, width: 256 }, "tile/3/999"],
    [{ level: 0, index: 1_000, width: 1 }, "tile/0/x001/000.p/1"],
    // The example of C2SP tlog-tiles.
    [{ level: 1, index: 1_234_067, width: 256 }, "tile/1/x001/x234/067"],
    [{ level: 63, index: 273, width: 112 }, "tile/63/273.p/112"],
    [{ level: "entries", index: 12, width: 255 }, "tile/entries/012.p/255"],
    [{ level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }, "tile/0/x009/x007/x199/x254/x740/991"],
  ] as const)("of %o is %s, and leads back", (tile, path) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it("leads back from any tile", () => {
    const tile = fc.record({
      level: fc.oneof(fc.nat(63), fc.constant("entries" as const)),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
  });

  it.each([
    "",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/00/000",
    "tile/01/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/data/000",
    "tile/0/x000/001",
    "tile/0/001/002",
    "tile/0/x001",
    "tile/0/x001/x002",
    "tile/0/x999/x999/x999/x999/x999/999",
    "tile/0/x009/x007/x199/x254/x740/992",
    "tile/0/x001/x001/x001/x001/x001/x001/001",
    "tile/0/000.p/0",
    "tile/0/000.p/05",
    "tile/0/000.p/256",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/0/000/",
    "/tile/0/000",
    "tile/0/000\n",
    "tile/0/١٢٣",
  ])("is not %j", (path) => {
    expect(() => parseTilePath(path)).toThrow(ProofError);
    expect(() => parseTilePath(path)).toThrow("is not the path of a tile or bundle");
  });
});

describe("the tiles of a tree", () => {
  it("are those that C2SP tlog-tiles counts for 70,000 entries, and for 256", () => {
    expect(edgeTiles(70_000)).toEqual([
      { level: 2, index: 0, width: 1 },
      { level: 1, index: 1, width: 17 },
      { level: 0, index: 273, width: 112 },
    ]);
    const filled = tilesFilled(0, 70_000);
    expect(filled.filter(({ level }) => level === 0)).toHaveLength(273);
    expect(filled.filter(({ level }) => level > 0)).toEqual([{ level: 1, index: 0, width: 256 }]);
    expect(edgeTiles(256)).toEqual([{ level: 1, index: 0, width: 1 }]);
    expect(edgeTiles(0)).toEqual([]);
    expect(tileAt(0, 273, 70_000)).toEqual({ level: 0, index: 273, width: 112 });
    expect(tileAt(0, 272, 70_000)?.width).toBe(256);
    expect(tileAt(0, 274, 70_000)).toBeUndefined();
    expect(tileAt(3, 0, 70_000)).toBeUndefined();
  });

  it("fill up one by one, each once, behind those that they are made of", () => {
    const steps = fc.array(fc.nat(40_000), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(steps, (steps) => {
        const seen: string[] = [];
        let size = 0;
        for (const step of steps) {
          for (const { level, index } of tilesFilled(size, size + step)) {
            if (level > 0) expect(seen).toContain(`${level - 1}/${index * 256 + 255}`);
            seen.push(`${level}/${index}`);
          }
          size += step;
        }
        const level0 = Math.floor(size / 256);
        expect(seen).toHaveLength(level0 + Math.floor(level0 / 256));
        expect(new Set(seen).size).toBe(seen.length);
      }),
      { numRuns: 30 },
    );
  });

  it("hold at each level the roots of full tiles below", () => {
    const above = readTile({ level: 1, index: 0, width: 257 - 1 }, READ);
    for (const index of [0, 1, 255]) {
      const below = readTile({ level: 0, index, width: 256 }, READ);
      expect(above[index]).toEqual(subtreeRoot(below));
      expect(above[index]).toEqual(new NaiveTree(ENTRIES).root(index * 256, (index + 1) * 256));
    }
    expect(readTile({ level: 2, index: 0, width: 1 }, READ)[0]).toEqual(subtreeRoot(above));
  });

  it("are enough for every proof of that tree: those planned, and no more", () => {
    const pair = fc.integer({ min: 1, max: 66_000 }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));
    fc.assert(
      fc.property(pair, ([index, size]) => {
        for (const [plan, prove] of [
          [inclusionPlan(index, size), proveInclusion],
          [consistencyPlan(index, size), proveConsistency],
        ] as const) {
          const tiles = tilesFor(plan, size);
          const read = readerOf(tiles.map((tile) => [tile, bytesOf(tile)] as const));
          expect(prove(index, size, read)).toEqual(prove(index, size, READ));
          for (const left of tiles) {
            const rest = tiles.filter((tile) => tile !== left).map((tile) => [tile, bytesOf(tile)] as const);
            expect(() => prove(index, size, readerOf(rest))).toThrow(`tile ${left.index} of level ${left.level}`);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("are read in their widest form, and cut to a narrower one", () => {
    const [narrow, wide] = [3, 256].map((width) => ({ level: 0, index: 0, width }));
    if (!narrow || !wide) throw new Error("no tiles");
    const pairs = [narrow, wide, narrow].map((tile) => [tile, bytesOf(tile)] as const);
    expect(readerOf(pairs)(7, 1)).toEqual(READ(7, 1));
    expect(() => readerOf(pairs.slice(0, 1))(0, 3)).toThrow("is missing, or too narrow");
    expect(() => readerOf(pairs.slice(0, 1))(1, 1)).toThrow("is missing, or too narrow");
    expect(cutTile(wide, bytesOf(wide), 3)).toEqual(bytesOf(narrow));
    expect(() => cutTile(narrow, bytesOf(narrow), 4)).toThrow("tile 0 of level 0 has 3 hashes, not 4");
  });

  it("have as many bytes as hashes ask for", () => {
    const tile = { level: 1, index: 7, width: 2 };
    for (const length of [0, 32, 63, 65, 96]) {
      expect(() => tileHashes(tile, new Uint8Array(length))).toThrow(`tile 7 of level 1 has ${length} bytes, not 64`);
    }
  });

  it("are not planned for subtrees that are not in the tree", () => {
    expect(() => tilesFor([[{ level: 0, index: 9 }]], 9)).toThrow("a tree of 9 entries has no subtree 0/9");
    expect(() => tilesFor([[{ level: 3, index: 1 }]], 9)).toThrow("no subtree 3/1");
    expect(() => subtreeRoot(readTile({ level: 0, index: 0, width: 3 }, READ))).toThrow("no perfect subtree");
    expect(() => subtreeRoot([])).toThrow("no hashes");
  });
});

describe("a bundle of entries", () => {
  it("has each entry behind its length", () => {
    const bytes = formatBundle([Uint8Array.of(7), new Uint8Array(0), new Uint8Array(0x0102).fill(9)]);
    expect(bytes.slice(0, 8)).toEqual(Uint8Array.of(0, 1, 7, 0, 0, 1, 2, 9));
    expect(bytes).toHaveLength(3 + 2 + 2 + 0x0102);
  });

  it("gives its entries back, and no others when it is cut or lengthened", () => {
    const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(entries, (entries) => {
        const bytes = formatBundle(entries);
        expect(parseBundle(bytes, entries.length).map((entry) => [...entry])).toEqual(entries.map((e) => [...e]));
        expect(() => parseBundle(new Uint8Array([...bytes, 0]), entries.length)).toThrow(ProofError);
        expect(() => parseBundle(bytes, entries.length + 1)).toThrow(ProofError);
        if (entries.length > 0) expect(() => parseBundle(bytes.slice(0, -1), entries.length)).toThrow(ProofError);
      }),
    );
  });

  it("says what is wrong with it", () => {
    const bytes = formatBundle([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
    expect(() => parseBundle(bytes, 3)).toThrow("a bundle has 2 entries, not 3");
    expect(() => parseBundle(bytes, 1)).toThrow("goes on behind its 1 entries");
    expect(() => parseBundle(bytes.slice(0, -1), 2)).toThrow("breaks off in its entry 1");
    expect(() => parseBundle(bytes.slice(0, 5), 2)).toThrow("breaks off in its entry 1");
    expect(() => formatBundle([new Uint8Array(65_536)])).toThrow("an entry has 65536 bytes");
    expect(parseBundle(formatBundle([new Uint8Array(65_535)]), 1)[0]).toHaveLength(65_535);
  });
});
