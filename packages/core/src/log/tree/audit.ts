import { ProofError } from "./errors.ts";
import { checkHash, shown, type TreeHead } from "./hash.ts";
import { consistencyPlan, proveConsistency, readRoot, type HashReader } from "./prove.ts";
import { edgeTiles, nameOf, readerOf, subtreeRoot, tileHashes, tilesFor, TILE_WIDTH, type Tile } from "./tile.ts";
import { sameBytes } from "./text.ts";
import { checkConsistency } from "./verify.ts";

/** Fetches the bytes of a tile, from a server or an export. They are not trusted. */
export type LoadTile = (tile: Tile) => Uint8Array | Promise<Uint8Array>;

/** The tiles that `checkGrowth` needs; none where there is nothing to compare. */
export function growthTiles(old: TreeHead, head: TreeHead): Tile[] {
  return old.size < head.size ? tilesFor(consistencyPlan(old.size, head.size), head.size) : [];
}

/** Throws unless the tree of `head` begins with that of `old`, as hashes read from its tiles show. */
export function checkGrowth(old: TreeHead, head: TreeHead, read: HashReader): void {
  // The proof is only as good as the tiles, and is checked against both roots.
  const proof = old.size < head.size ? proveConsistency(old.size, head.size, read) : [];
  checkConsistency({ old, head, proof });
}

/** The leaf hashes of consecutive entries. */
export interface LeafRun {
  readonly first: number;
  readonly leaves: readonly Uint8Array[];
}

/**
 * The leaf hashes of a whole tree, in order, each proved by the root before it is given; throws a `ProofError` that
 * names the first tile that is not what the root says. Loads every tile from `from`'s on once, and holds one a level.
 */
export async function* leafRuns(head: TreeHead, load: LoadTile, from = 0): AsyncGenerator<LeafRun> {
  checkHash(head.root, "the root");
  const edge: (readonly [Tile, Uint8Array])[] = [];
  for (const tile of edgeTiles(head.size)) edge.push([tile, await load(tile)]);
  const root = readRoot(head.size, readerOf(edge));
  if (!sameBytes(root, head.root)) {
    throw new ProofError(
      "disproved",
      `the last tiles of a tree of ${head.size} lead to the root ${shown(root)}, not ${shown(head.root)}`,
    );
  }
  // The last tile of a level holds what is left over below those of the levels above.
  for (const [tile, bytes] of edge) yield* runsOf(tile, tileHashes(tile, bytes), load, from);
}

/** The runs below a tile whose hashes are proved. */
async function* runsOf(
  tile: Tile,
  hashes: readonly Uint8Array[],
  load: LoadTile,
  from: number,
): AsyncGenerator<LeafRun> {
  const first = tile.index * TILE_WIDTH;
  if (tile.level === 0) {
    if (first + hashes.length > from) yield { first, leaves: hashes };
    return;
  }
  for (const [i, hash] of hashes.entries()) {
    const below: Tile = { level: tile.level - 1, index: first + i, width: TILE_WIDTH };
    if ((below.index + 1) * TILE_WIDTH ** tile.level <= from) continue;
    const found = tileHashes(below, await load(below));
    if (!sameBytes(subtreeRoot(found), hash)) {
      throw new ProofError("disproved", `${nameOf(below)} is not what the tile above it says`);
    }
    yield* runsOf(below, found, load, from);
  }
}

/** How the entry at a place of the log differs from the one that was entered there. */
export interface EntryFault {
  readonly sequence: number;
  readonly kind: "altered" | "missing" | "inserted" | "moved";
}

/**
 * The first place where what was found is not what was proved; `undefined` when all is in its place.
 * Where an entry went is told as far as the run and `found` reach; beyond them it counts as altered.
 */
export function firstFault(run: LeafRun, found: readonly Uint8Array[]): EntryFault | undefined {
  const { first, leaves } = run;
  const places = Math.max(leaves.length, found.length);
  for (let i = 0; i < places; i += 1) {
    const wanted = leaves[i];
    const held = found[i];
    if (wanted && held && sameBytes(wanted, held)) continue;
    const elsewhere = wanted !== undefined && includes(found, wanted);
    const early = held !== undefined && includes(leaves.slice(i), held);
    return { sequence: first + i, kind: kindOf(wanted, held, elsewhere, early) };
  }
  return undefined;
}

function kindOf(
  wanted: Uint8Array | undefined,
  held: Uint8Array | undefined,
  elsewhere: boolean,
  early: boolean,
): EntryFault["kind"] {
  if (!held) return "missing";
  if (!wanted) return "inserted";
  if (elsewhere) return early ? "moved" : "inserted";
  return early ? "missing" : "altered";
}

const includes = (hashes: readonly Uint8Array[], hash: Uint8Array) => hashes.some((other) => sameBytes(other, hash));
