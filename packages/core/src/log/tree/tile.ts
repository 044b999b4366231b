import { ProofError } from "./errors.ts";
import { joined } from "./frontier.ts";
import { checkSize, HASH_BYTES } from "./hash.ts";
import type { HashReader, Plan, TreeNode } from "./prove.ts";

/** How many hashes a full tile has, and entries a full bundle. */
export const TILE_WIDTH = 256;
/** Levels of the tree between the hashes of a tile and those of the tile above. */
const TILE_HEIGHT = 8;

/**
 * A run of hashes of the tree: those of the subtrees of 256^level entries with the numbers
 * index × 256 to index × 256 + width − 1. Its bytes are the hashes, one behind the other.
 */
export interface Tile {
  readonly level: number;
  readonly index: number;
  /** 256 when it is full. Only the last of a level is not. */
  readonly width: number;
}

/** The tile as it is in a tree of this size; `undefined` where it would be empty. */
export function tileAt(level: number, index: number, size: number): Tile | undefined {
  const width = Math.min(TILE_WIDTH, hashesAt(level, size) - index * TILE_WIDTH);
  return width > 0 ? { level, index, width } : undefined;
}

/** How many hashes a level of tiles has. */
function hashesAt(level: number, size: number): number {
  checkSize(size);
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The tiles that are not full in a tree of this size, from the top level down. They hold its frontier. */
export function edgeTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, count = hashesAt(0, size); count > 0; level += 1, count = hashesAt(level, size)) {
    const tile = tileAt(level, Math.floor(count / TILE_WIDTH), size);
    if (tile) tiles.unshift(tile);
  }
  return tiles;
}

/** The tiles that became full on the way from one size to another; each behind those that it is made of. */
export function tilesFilled(oldSize: number, size: number): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0; hashesAt(level, size) >= TILE_WIDTH; level += 1) {
    const end = Math.floor(hashesAt(level, size) / TILE_WIDTH);
    for (let index = Math.floor(hashesAt(level, oldSize) / TILE_WIDTH); index < end; index += 1) {
      tiles.push({ level, index, width: TILE_WIDTH });
    }
  }
  return tiles;
}

/** The tiles, as they are in a tree of this size, that these subtrees can be read from; each once. */
export function tilesFor(plan: Plan, size: number): Tile[] {
  const tiles = new Map<string, Tile>();
  for (const node of plan.flat()) {
    const { level, first, count } = placeOf(node);
    const tile = tileAt(level, Math.floor(first / TILE_WIDTH), size);
    if (!tile || (first % TILE_WIDTH) + count > tile.width) {
      throw new ProofError("malformed", `a tree of ${size} entries has no subtree ${node.level}/${node.index}`);
    }
    tiles.set(keyOf(level, tile.index), tile);
  }
  return [...tiles.values()];
}

/** Which hashes of a level of tiles a subtree is made of. */
function placeOf(node: TreeNode): { level: number; first: number; count: number } {
  const level = Math.floor(node.level / TILE_HEIGHT);
  const count = 2 ** (node.level % TILE_HEIGHT);
  return { level, first: node.index * count, count };
}

const keyOf = (level: number, index: number) => `${level}/${index}`;

/** The hashes of a tile; throws unless its bytes are as many as its width asks for. */
export function tileHashes(tile: Tile, bytes: Uint8Array): Uint8Array[] {
  if (bytes.length !== tile.width * HASH_BYTES) {
    throw new ProofError("malformed", `${nameOf(tile)} has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`);
  }
  return Array.from({ length: tile.width }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
}

/** A tile as messages name it. */
export function nameOf(tile: Tile): string {
  return `tile ${tile.index} of level ${tile.level}`;
}

/** The bytes of a tile, of its hashes. */
export function tileBytes(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  hashes.forEach((hash, i) => bytes.set(hash, i * HASH_BYTES));
  return bytes;
}

/** The hashes of a tile, wherever they can be read. For a tile of a higher level: the roots of full tiles below. */
export function readTile(tile: Tile, read: HashReader): Uint8Array[] {
  const first = tile.index * TILE_WIDTH;
  return Array.from({ length: tile.width }, (_, i) => read(tile.level * TILE_HEIGHT, first + i));
}

/** A narrower form of a tile, as it was when the tree was smaller. */
export function cutTile(tile: Tile, bytes: Uint8Array, width: number): Uint8Array {
  if (width > tile.width) throw new ProofError("malformed", `${nameOf(tile)} has ${tile.width} hashes, not ${width}`);
  return tileBytes(tileHashes(tile, bytes).slice(0, width));
}

/** The hash over a power of two of neighbouring hashes: over those of a full tile, the hash in the tile above. */
export function subtreeRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    if (row.length % 2 === 1) throw new ProofError("malformed", "the hashes make no perfect subtree");
    row = Array.from({ length: row.length / 2 }, (_, i) => joined(row.slice(2 * i, 2 * i + 2)));
  }
  return joined(row);
}

/** Reads hashes from tiles. Whether the tiles are true shows in the proof that is made of them, and nowhere before. */
export function readerOf(tiles: Iterable<readonly [Tile, Uint8Array]>): HashReader {
  const held = new Map<string, Uint8Array[]>();
  for (const [tile, bytes] of tiles) {
    const hashes = tileHashes(tile, bytes);
    const key = keyOf(tile.level, tile.index);
    // A wider form of the same tile says all that the narrower one says.
    if (hashes.length > (held.get(key)?.length ?? 0)) held.set(key, hashes);
  }
  return (nodeLevel, nodeIndex) => {
    const { level, first, count } = placeOf({ level: nodeLevel, index: nodeIndex });
    const index = Math.floor(first / TILE_WIDTH);
    const hashes = held.get(keyOf(level, index))?.slice(first % TILE_WIDTH, (first % TILE_WIDTH) + count);
    if (hashes?.length !== count) {
      throw new ProofError("malformed", `${nameOf({ level, index, width: 0 })} is missing, or too narrow`);
    }
    return subtreeRoot(hashes);
  };
}
