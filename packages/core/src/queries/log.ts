import type { PrincipalId } from "../domain/ids.ts";
import { Instant } from "../domain/time.ts";
import { LedgerError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { LogEntry, type Envelope, type StreamName } from "../log/envelope.ts";
import type { LogReader, StreamStore, ViewStore } from "../log/ports.ts";
import { openView } from "../projections/builds.ts";
import { STATEMENTS } from "../projections/statements/rows.ts";
import { placesInLog } from "../log/places.ts";
import { segmentsBetween, sequenceAt } from "./sequence-at.ts";

/** Which entries of the log are asked for. Times are bounds that count themselves. */
export interface LogFilter {
  stream?: StreamName | undefined;
  type?: string | undefined;
  recordedBy?: PrincipalId | undefined;
  recordedFrom?: Instant | undefined;
  recordedTo?: Instant | undefined;
}

export interface LogPage {
  entries: LogEntry[];
  size: number;
  recordedAt: Instant | null;
  /** The number to go on behind; absent at the end. */
  next?: number;
}

interface LogSources {
  log: LogReader;
  streams: StreamStore;
  views: ViewStore;
}

/** Entries looked at for a page where not all are asked for, and segments read, which may hold one each. */
const SCANNED_COUNT = 2_000;
const SEGMENTS_COUNT = 256;

function isAskedFor({ type, recordedBy }: Envelope, filter: LogFilter): boolean {
  return (
    (filter.type === undefined || filter.type === type) &&
    (filter.recordedBy === undefined || filter.recordedBy === recordedBy)
  );
}

function refuseScan({ type, recordedBy, recordedFrom, recordedTo }: LogFilter): void {
  if (type === undefined && recordedBy === undefined) return;
  const isBounded =
    recordedFrom !== undefined &&
    recordedTo !== undefined &&
    Date.parse(recordedTo) - Date.parse(recordedFrom) <= LIMITS.listedSpanMs;
  if (isBounded) return;
  const message =
    "this would read the whole log: add stream, or both recordedFrom and recordedTo, a year apart at most";
  throw new LedgerError("needs_index", message, { details: { add: ["stream", "recordedFrom", "recordedTo"] } });
}

/** The first place whose event lies at or behind a sequence number; what is not in the log yet lies behind all. */
async function placeOf(envelopes: readonly Envelope[], sequence: number, log: LogReader): Promise<number> {
  let [low, high] = [0, envelopes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const envelope = envelopes[middle];
    const at = envelope === undefined ? null : await log.sequenceOf(envelope.id);
    if (at === null || at >= sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One stream's entries, found by their pointers. */
async function ofStream(
  stream: StreamName,
  filter: LogFilter,
  { first, end, limit }: { first: number; end: number; limit: number },
  { log, streams }: LogSources,
): Promise<{ entries: LogEntry[]; next?: number }> {
  const envelopes = (await streams.envelopes(stream, 1)).filter((envelope) => isAskedFor(envelope, filter));
  const place = await placeOf(envelopes, first, log);
  const page = envelopes.slice(place, place + limit + 1);
  const places = await placesInLog(
    log,
    page.map(({ id }) => id),
  );
  const entries = page.flatMap((envelope, index) => {
    const found = places[index] ?? null;
    return found === null || found.sequence >= end ? [] : [LogEntry.parse({ ...envelope, ...found })];
  });
  const last = entries[limit - 1];
  return { entries: entries.slice(0, limit), ...(entries.length > limit && last && { next: last.sequence }) };
}

/** Entries from one number up to another, a page of those that are asked for. */
async function ofLog(
  filter: LogFilter,
  { first, end, limit }: { first: number; end: number; limit: number },
  { log }: LogSources,
): Promise<{ entries: LogEntry[]; next?: number }> {
  const entries: LogEntry[] = [];
  const isWhole = filter.type === undefined && filter.recordedBy === undefined;
  const last = Math.min(end, first + (isWhole ? limit : SCANNED_COUNT));
  const step = isWhole ? limit : LIMITS.segmentEntriesCount;
  let read = 0;
  for (let at = first; at < last; at += step) {
    if (read >= SEGMENTS_COUNT) return { entries, next: at - 1 };
    const segments = await segmentsBetween(log, at, Math.min(at + step, last));
    read += segments.length;
    for (const entry of segments.flatMap((segment) => segment.entries)) {
      if (entry.sequence < at || entry.sequence >= Math.min(at + step, last) || !isAskedFor(entry, filter)) continue;
      entries.push(entry);
      if (entries.length < limit) continue;
      return { entries, ...(entry.sequence + 1 < end && { next: entry.sequence }) };
    }
  }
  return { entries, ...(last < end && { next: last - 1 }) };
}

/**
 * The log's entries behind the sequence number `after`, in order. A page may be short while `next` leads on. Throws
 * `needs_index` for what would read the whole log.
 */
export async function listLog(
  sources: LogSources,
  filter: LogFilter,
  { after, limit }: { after: number; limit: number },
): Promise<LogPage> {
  if (filter.stream === undefined) refuseScan(filter);
  const { size, recordedAt } = await sources.log.head();
  const { recordedFrom, recordedTo } = filter;
  const justAfter = (instant: Instant) => Instant.parse(new Date(Date.parse(instant) + 1).toISOString());
  const isBounded = recordedFrom !== undefined || recordedTo !== undefined;
  const times = { ...sources, ...(isBounded && { views: (await openView(sources.views, STATEMENTS)).rows }) };
  const [from, end] = await Promise.all([
    recordedFrom === undefined ? 0 : sequenceAt(recordedFrom, size, times),
    recordedTo === undefined ? size : sequenceAt(justAfter(recordedTo), size, times),
  ]);
  const range = { first: Math.max(after + 1, from), end, limit };
  const { stream } = filter;
  const page = await (stream === undefined ? ofLog(filter, range, sources) : ofStream(stream, filter, range, sources));
  return { ...page, size, recordedAt };
}
