import { ProofError } from "./errors.ts";

/** The length of an entry stands before it in two bytes. */
const ENTRY_BYTES = 65_535;

/** The entries of a tile of level 0, each behind its length (C2SP tlog-tiles, log entries). */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES) {
      throw new ProofError("malformed", `an entry has ${entry.length} bytes; a bundle takes ${ENTRY_BYTES}`);
    }
    bytes.set([entry.length >> 8, entry.length & 255], at);
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The entries of a bundle; throws unless there are exactly `width`, and nothing behind them. */
export function parseBundle(bytes: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length && entries.length < width) {
    const end = at + 2 + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
    if (end > bytes.length) {
      throw new ProofError("malformed", `a bundle breaks off in its entry ${entries.length}`);
    }
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (entries.length < width) {
    throw new ProofError("malformed", `a bundle has ${entries.length} entries, not ${width}`);
  }
  if (at < bytes.length) throw new ProofError("malformed", `a bundle goes on behind its ${width} entries`);
  return entries;
}
