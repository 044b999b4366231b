import type { Instant } from "../domain/time.ts";
import type { LogReader, Segment, ViewStore } from "../log/ports.ts";
import { sequenceIn } from "../projections/projection.ts";
import { TIMES_PK } from "../projections/statements/rows.ts";

export interface TimeSources {
  log: Pick<LogReader, "segmentAt">;
  views: Pick<ViewStore, "query">;
}

async function mustRead(log: TimeSources["log"], sequence: number): Promise<Segment> {
  const segment = await log.segmentAt(sequence);
  if (segment === null) throw new Error(`the log has no entry ${sequence}, although its size is more`);
  return segment;
}

/**
 * The first sequence number, of those below `end`, that was recorded at or after an instant; `end` when there is none.
 * A view knows when every 64th event was recorded, and the log the rest: few reads, however long the log.
 */
export async function sequenceAt(instant: Instant, end: number, { log, views }: TimeSources): Promise<number> {
  const [before, after] = await Promise.all([
    views.query(TIMES_PK, { to: instant, descending: true, limit: 1 }),
    views.query(TIMES_PK, { from: instant, limit: 1 }),
  ]);
  const [earlier, later] = [before[0], after[0]];
  // All below `low` were recorded before the instant, all from `high` on were not.
  let low = earlier === undefined ? 0 : Math.min(sequenceIn(earlier.sk) + 1, end);
  let high = later === undefined ? end : Math.min(sequenceIn(later.sk), end);
  while (low < high) {
    const segment = await mustRead(log, Math.floor((low + high) / 2));
    if (segment.recordedAt < instant) low = Math.min(segment.first + segment.entries.length, high);
    else high = Math.max(segment.first, low);
  }
  return low;
}

/** Sequence numbers from `from` up to, and without, `to`, whose segments are not known yet. */
interface Gap {
  from: number;
  to: number;
}

const MOST_AT_ONCE_COUNT = 16;

/** So many places spread over gaps, the ends of each first. */
function placesIn(gaps: readonly Gap[], count: number): number[] {
  const length = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const places = gaps.flatMap(({ from, to }) => {
    const share = Math.min(Math.max(Math.floor((count * (to - from)) / length), 1), to - from);
    return Array.from({ length: share }, (_, nth) =>
      share === 1 ? from : from + Math.floor((nth * (to - from - 1)) / (share - 1)),
    );
  });
  return places.slice(0, count);
}

function gapsBetween(segments: readonly Segment[], { from, to }: Gap): Gap[] {
  const gaps: Gap[] = [];
  let known = from;
  for (const { first, entries } of segments) {
    if (first > known) gaps.push({ from: known, to: first });
    known = first + entries.length;
  }
  if (known < to) gaps.push({ from: known, to });
  return gaps;
}

/**
 * The segments that hold the entries from `from` up to, and without, `to`. Where they are few, hardly more than they are
 * read; where they are many small ones, more and more at once, up to a bound.
 */
export async function segmentsBetween(log: TimeSources["log"], from: number, to: number): Promise<Segment[]> {
  let segments: Segment[] = [];
  let gaps = gapsBetween(segments, { from, to });
  for (let atOnce = 2; gaps.length > 0; atOnce = Math.min(2 * atOnce, MOST_AT_ONCE_COUNT)) {
    const found = await Promise.all(placesIn(gaps, atOnce).map((sequence) => mustRead(log, sequence)));
    const known = new Map([...segments, ...found].map((segment) => [segment.first, segment]));
    segments = [...known.values()].toSorted((a, b) => a.first - b.first);
    gaps = gapsBetween(segments, { from, to });
  }
  return segments;
}
