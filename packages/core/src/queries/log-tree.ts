import { mapBounded } from "../log/bounded.ts";
import { LogEntry, type Envelope } from "../log/envelope.ts";
import type { LogReader } from "../log/ports.ts";
import { entryBytes, leavesOf } from "../log/tree/entry.ts";
import { formatBundle } from "../log/tree/bundle.ts";
import { inclusionPlan, proveInclusion } from "../log/tree/prove.ts";
import {
  readerOf,
  subtreeRoot,
  tileAt,
  tileBytes,
  tileHashes,
  tilesFor,
  TILE_WIDTH,
  type Tile,
} from "../log/tree/tile.ts";
import { placesInLog } from "../log/places.ts";
import { segmentsBetween } from "./sequence-at.ts";

/** The newest checkpoint and the size of the tree that it signs; `null` while nothing is in the log. */
export interface Signed {
  size: number;
  checkpoint: string | null;
}

/** What the log has signed last. */
export async function signedHead(log: LogReader): Promise<Signed> {
  const { size, checkpoint } = await log.head();
  return { size, checkpoint };
}

async function entriesFrom(log: LogReader, first: number, count: number): Promise<LogEntry[]> {
  const segments = await segmentsBetween(log, first, first + count);
  const entries = segments.flatMap((segment) => segment.entries);
  return entries.filter(({ sequence }) => first <= sequence && sequence < first + count);
}

/**
 * The hashes of a tile that is there in a tree of the log's size. What the sequencer has not kept yet, in the moment
 * behind a commit, or never will, as the tile is not full, is made of what is below it.
 */
async function hashesOf(log: LogReader, { level, index, width }: Tile): Promise<Uint8Array[]> {
  if (level > 0) {
    const kept = (await log.subtrees(level, index)).slice(0, width);
    const missing = Array.from({ length: width - kept.length }, (_, at) => index * TILE_WIDTH + kept.length + at);
    const below = (each: number): Tile => ({ level: level - 1, index: each, width: TILE_WIDTH });
    return [...kept, ...(await mapBounded(missing, async (each) => subtreeRoot(await hashesOf(log, below(each)))))];
  }
  const tile = { level, index, width: TILE_WIDTH };
  const kept = await log.tile(index);
  if (kept !== null) return tileHashes(tile, kept).slice(0, width);
  return [...leavesOf(await entriesFrom(log, index * TILE_WIDTH, width))];
}

/** The bytes of a tile; `null` when the log, as it was last signed, has no such tile, or a narrower one. */
export async function readTile(log: LogReader, tile: Tile): Promise<Uint8Array | null> {
  const { size } = await signedHead(log);
  const standing = tileAt(tile.level, tile.index, size);
  if (standing === undefined || standing.width < tile.width) return null;
  return tileBytes(await hashesOf(log, tile));
}

/** The bytes of a bundle of entries; `null` as for tiles. */
export async function readBundle(log: LogReader, { index, width }: Omit<Tile, "level">): Promise<Uint8Array | null> {
  const { size } = await signedHead(log);
  const standing = tileAt(0, index, size);
  if (standing === undefined || standing.width < width) return null;
  const entries = await entriesFrom(log, index * TILE_WIDTH, width);
  return formatBundle(entries.map(entryBytes));
}

/** An entry of the log, and the hashes that lead from it to the root of the tree of that size. */
export interface ProvedEntry {
  entry: LogEntry;
  hashes: Uint8Array[];
}

/** Proofs for these events against the newest checkpoint; an event that it does not cover yet is left out. */
export async function proveEvents(
  log: LogReader,
  envelopes: readonly Envelope[],
): Promise<Signed & { proved: ProvedEntry[] }> {
  const signed = await signedHead(log);
  const places = await placesInLog(
    log,
    envelopes.map(({ id }) => id),
  );
  const entries = envelopes.flatMap((envelope, at) => {
    const place = places[at];
    return place && place.sequence < signed.size ? [LogEntry.parse({ ...envelope, ...place })] : [];
  });
  const plans = entries.map(({ sequence }) => inclusionPlan(sequence, signed.size));
  const tiles = tilesFor(plans.flat(), signed.size);
  const read = readerOf(await mapBounded(tiles, async (tile) => [tile, tileBytes(await hashesOf(log, tile))] as const));
  const proved = entries.map((entry) => ({ entry, hashes: proveInclusion(entry.sequence, signed.size, read) }));
  return { ...signed, proved };
}
