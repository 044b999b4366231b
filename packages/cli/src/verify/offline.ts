import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ExportLine } from "@on-record/core/log/export-line";
import { entryBytes } from "@on-record/core/log/tree/entry";
import { EMPTY_FRONTIER, grow, rootOf, type Frontier } from "@on-record/core/log/tree/frontier";
import { HASH_BYTES, leafHash, type TreeHead } from "@on-record/core/log/tree/hash";
import { fromBase64, sameBytes } from "@on-record/core/log/tree/text";
import { FILES, LINE_BYTES } from "../export/layout.ts";
import { onFile } from "../files.ts";
import { linesOf, type Line } from "../lines.ts";
import type { Held, Wanted } from "./compare.ts";
import { Found } from "./finding.ts";

const SMALL_BYTES = 262_144;
const LEAF_LINE_BYTES = 1_024;

/** A small file of an export, as it is. */
export async function smallFile(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  return onFile("read", path, async () => {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.alloc(SMALL_BYTES + 1);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
      if (bytesRead > SMALL_BYTES) throw new Found("damaged", `${name} is longer than it can be`, { file: name });
      return bytes.subarray(0, bytesRead).toString();
    } finally {
      await file.close();
    }
  });
}

/** The leaves of an export, as its file has them: to be proved by their root. */
export async function* leavesIn(folder: string): AsyncGenerator<Wanted> {
  for await (const { text, number } of linesOf(join(folder, FILES.leaves), { maxBytes: LEAF_LINE_BYTES })) {
    const [hash = "", id] = (text ?? "").split(" ");
    const leaf = fromBase64(hash);
    if (leaf?.length !== HASH_BYTES || id === undefined) {
      throw new Found("damaged", `line ${number} of ${FILES.leaves} is no hash with a name`, { file: FILES.leaves });
    }
    yield { leaf, id };
  }
}

/** A line of an export, and the hash of its entry. */
function heldIn({ number, text, flaw, ended }: Line): Held {
  const damaged = (message: string): Held => {
    const where = `line ${number} of ${FILES.events}`;
    const kind = ended ? ("altered" as const) : ("cut_off" as const);
    return {
      leaf: new Uint8Array(),
      line: null,
      flaw: { kind, message: `${where} ${ended ? message : "is cut off"}` },
    };
  };
  if (text === null) return damaged(flaw ?? "cannot be read");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return damaged("is not JSON any more");
  }
  const read = ExportLine.safeParse(value);
  if (!read.success) return damaged("is no event of a log any more");
  if (!ended) return damaged("");
  return { leaf: leafHash(entryBytes(read.data.entry)), line: read.data };
}

export async function* eventsIn(folder: string): AsyncGenerator<Held> {
  for await (const line of linesOf(join(folder, FILES.events), { maxBytes: LINE_BYTES })) yield heldIn(line);
}

/** What a run of leaves comes to: its root, and the one that it had at an earlier size. */
export interface Roots {
  frontier: Frontier;
  /** Where it reached that size. */
  earlier: Uint8Array | undefined;
}

/** Grows a tree of leaves as they come. */
export async function rootsOf(leaves: AsyncIterable<{ leaf: Uint8Array }>, earlierSize: number): Promise<Roots> {
  let frontier = EMPTY_FRONTIER;
  let earlier = earlierSize === 0 ? rootOf(frontier) : undefined;
  for await (const { leaf } of leaves) {
    if (leaf.length !== HASH_BYTES) break;
    frontier = grow(frontier, [leaf]);
    if (frontier.size === earlierSize) earlier = rootOf(frontier);
  }
  return { frontier, earlier };
}

export function isTree({ size, root }: TreeHead, frontier: Frontier): boolean {
  return frontier.size === size && sameBytes(rootOf(frontier), root);
}

/**
 * What can be said where the leaves are not those that were signed, so that nothing tells which event is at fault:
 * numbers that do not follow; else that it is the leaves alone, or something in the events.
 */
export async function faultWithoutLeaves(folder: string, head: TreeHead): Promise<Found> {
  let frontier = EMPTY_FRONTIER;
  for await (const { line, leaf, flaw } of eventsIn(folder)) {
    const sequence = frontier.size;
    if (flaw !== undefined) return new Found(flaw.kind, flaw.message, { sequence });
    const entry = line?.entry;
    if (entry !== undefined && entry.sequence !== sequence) {
      const kind = entry.sequence > sequence ? ("missing" as const) : ("moved" as const);
      const message = `in the place of event ${sequence} stands event ${entry.sequence} (${entry.id})`;
      return new Found(kind, message, { sequence, ...(kind === "moved" && { event: entry.id }) });
    }
    if (isTree(head, frontier)) {
      const message = `event ${sequence} (${entry?.id ?? ""}) was never entered there: it was inserted`;
      return new Found("inserted", message, { sequence, event: entry?.id });
    }
    frontier = grow(frontier, [leaf]);
  }
  if (isTree(head, frontier))
    return new Found("damaged", `${FILES.leaves} is not as it was written; the events are`, { file: FILES.leaves });
  if (frontier.size < head.size) {
    return new Found("missing", `event ${frontier.size} is missing, and all behind it: the log has ${head.size}`, {
      sequence: frontier.size,
    });
  }
  const message = `the events do not lead to the root that was signed, nor does ${FILES.leaves}: which of them was altered cannot be told`;
  return new Found("altered", message, { file: FILES.events });
}

/** Compares every file with the sum that was written with it. Gives how many were compared. */
export async function checkSums(folder: string): Promise<number> {
  const lines = (await smallFile(folder, FILES.sums)).split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const [, sum, name] = /^([0-9a-f]{64}) {2}([\w.-]+)$/.exec(line) ?? [];
    if (sum === undefined || name === undefined)
      throw new Found("damaged", `${FILES.sums} is not as it was written`, { file: FILES.sums });
    const path = join(folder, name);
    const hash = createHash("sha256");
    await onFile("read", path, async () => {
      await stat(path);
      await pipeline(createReadStream(path), hash);
    });
    if (hash.digest("hex") !== sum) throw new Found("damaged", `${name} is not as it was written`, { file: name });
  }
  return lines.length;
}
