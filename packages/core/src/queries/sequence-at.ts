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

/**
 * The segments that hold the entries from `from` up to, and without, `to`; found from both ends and the middle, so that
 * many small ones take few rounds.
 */
export async function segmentsBetween(log: TimeSources["log"], from: number, to: number): Promise<Segment[]> {
  if (from >= to) return [];
  const [first, last] = await Promise.all([mustRead(log, from), mustRead(log, to - 1)]);
  if (first.first === last.first) return [first];
  const behind = first.first + first.entries.length;
  const middle = Math.floor((behind + last.first) / 2);
  const halves = await Promise.all([segmentsBetween(log, behind, middle), segmentsBetween(log, middle, last.first)]);
  // The segment in the middle may have been found from both sides.
  const between = new Map(halves.flat().map((segment) => [segment.first, segment]));
  return [first, ...between.values(), last];
}
