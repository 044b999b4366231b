import type { LogEntry } from "../log/envelope.ts";
import type { LogHead, LogStore, Seal } from "../log/ports.ts";
import { leavesOf } from "../log/tree/entry.ts";
import { signCheckpoint } from "../log/tree/checkpoint.ts";
import { formatFrontier, grow, parseFrontier, rootOf } from "../log/tree/frontier.ts";
import type { TreeHead } from "../log/tree/hash.ts";
import type { Signer } from "../log/tree/keys.ts";
import { subtreeRoot, tileBytes, tileHashes, tilesFilled, TILE_WIDTH } from "../log/tree/tile.ts";
import { entriesBetween } from "./entries.ts";

/** Signs a checkpoint of the log over the tree of so many entries. */
export type SignCheckpoint = (head: TreeHead) => string;

/** Signs with all of these keys, which are the log's and bear its name. */
export function checkpointSigner(signers: readonly Signer[]): SignCheckpoint {
  const origin = signers[0]?.name ?? "";
  return (head) => signCheckpoint({ origin, extensions: [], ...head }, signers);
}

/** What the head says of the tree once these entries stand behind it. */
export function sealOf(head: LogHead, entries: readonly LogEntry[], sign: SignCheckpoint): Seal {
  const frontier = grow(parseFrontier(head.size, head.frontier), leavesOf(entries));
  return { frontier: formatFrontier(frontier), checkpoint: sign({ size: frontier.size, root: rootOf(frontier) }) };
}

async function leavesBetween(log: LogStore, from: number, to: number): Promise<Uint8Array[]> {
  const leaves: Uint8Array[] = [];
  for await (const entries of entriesBetween(log, from, to, null)) leaves.push(...leavesOf(entries));
  return leaves.slice(0, to - from);
}

/** Keeps every tile that the log's growth from one size to another has filled. Made of the log alone: idempotent. */
export async function keepTiles(log: LogStore, from: number, to: number): Promise<void> {
  for (const tile of tilesFilled(from, to)) {
    const { level, index } = tile;
    const first = index * TILE_WIDTH;
    const hashes = level === 0 ? await leavesBetween(log, first, first + TILE_WIDTH) : await log.subtrees(level, index);
    if (level === 0) await log.keepTile(index, tileBytes(hashes));
    await log.keepSubtree(level + 1, index, subtreeRoot(tileHashes(tile, tileBytes(hashes))));
  }
}
