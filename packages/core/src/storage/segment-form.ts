import * as z from "zod";
import { Instant } from "../domain/time.ts";
import { eventIdOf, LogEntry } from "../log/envelope.ts";
import type { LogHead, Segment } from "../log/ports.ts";

/** Segments are kept in partitions of this many sequence numbers, by their first. */
export const BUCKET_ENTRIES_COUNT = 4_096;

const KeptEntries = z.array(LogEntry.omit({ id: true, sequence: true, recordedAt: true }));

/** What only a bug can break: a segment that does not follow the head, has holes, or is too long to be found again. */
export function assertFollows(head: LogHead, { first, recordedAt, entries }: Segment): void {
  const inOrder = entries.every((entry, at) => entry.sequence === first + at && entry.recordedAt === recordedAt);
  if (first !== head.size || !inOrder || entries.length === 0 || entries.length > BUCKET_ENTRIES_COUNT) {
    throw new RangeError(`not a segment that follows ${head.size}: ${entries.length} entries from ${first}`);
  }
}

/** A segment's entries as stored text, without what the segment and the other fields imply. */
export function encodeEntries(entries: readonly LogEntry[]): string {
  return JSON.stringify(entries.map(({ id: _id, sequence: _sequence, recordedAt: _recordedAt, ...kept }) => kept));
}

/** The segment behind a stored text, each entry as it was committed. Throws when the text is not a segment's. */
export function decodeSegment(first: number, time: string, text: string): Segment {
  const recordedAt = Instant.parse(time);
  const entries = KeptEntries.parse(JSON.parse(text)).map((kept, at) => ({
    ...kept,
    id: eventIdOf(kept.stream, kept.version),
    sequence: first + at,
    recordedAt,
  }));
  return { first, recordedAt, entries };
}
