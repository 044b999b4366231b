import type * as z from "zod";
import { canonicalJson } from "../digest.ts";
import { LogEntry } from "../envelope.ts";
import { ProofError } from "./errors.ts";
import { leafHash } from "./hash.ts";
import { fromUtf8, utf8 } from "./text.ts";

/**
 * An entry as the tree hashes it: canonical JSON (RFC 8785) of the envelope with `sequence` and `recordedAt`.
 * Refuses fields that are not the log's: once hashed they would stay, were it somebody's data.
 */
export function entryBytes(entry: LogEntry): Uint8Array {
  const read = LogEntry.safeParse(entry);
  if (!read.success) throw notAnEntry(read.error);
  return utf8(canonicalJson(read.data));
}

/** The entry that these bytes are, which are its only ones. */
export function parseEntry(bytes: Uint8Array): LogEntry {
  const text = fromUtf8(bytes);
  const read = LogEntry.safeParse(text === undefined ? undefined : parsed(text));
  if (!read.success) throw notAnEntry(read.error);
  if (canonicalJson(read.data) !== text) {
    throw new ProofError("malformed", `entry ${read.data.sequence} is not written in canonical JSON`);
  }
  return read.data;
}

function notAnEntry(error: z.ZodError): ProofError {
  const [issue] = error.issues;
  const where = issue?.path.join(".") ?? "";
  return new ProofError("malformed", `this is no entry of a log: ${where === "" ? "" : `${where}: `}${issue?.message}`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The leaf hashes of entries, to feed a frontier with. Lazily: the whole log may pass through. */
export function* leavesOf(entries: Iterable<LogEntry>): Generator<Uint8Array> {
  for (const entry of entries) yield leafHash(entryBytes(entry));
}
