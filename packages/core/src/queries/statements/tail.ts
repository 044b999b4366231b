import type { Checkpoint, LogHead, LogReader, StreamStore, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../../projections/body.ts";
import { sequenceKey } from "../../projections/projection.ts";
import { eventsOf } from "../../projections/run.ts";
import { postingsOf } from "../../projections/statements/gather.ts";
import { decodePosting, type Posting } from "../../projections/statements/posting.ts";
import { blockEventsOf, LEAVES_PK, type PostingsBody, type Shape } from "../../projections/statements/rows.ts";
import { LIMITS } from "../../limits.ts";
import { segmentsBetween } from "../sequence-at.ts";

export interface ListSources {
  views: ViewStore;
  log: LogReader;
  streams: StreamStore;
}

/** Where the views stand that a list rests on. */
export interface Places {
  positions: Checkpoint;
  statements: Checkpoint;
  head: LogHead;
}

/**
 * The event behind the newest that an answer takes in. Statements are shown as the positions' view has them; what the
 * index has not listed is read from the log, up to a bound and as far as it has its pointers.
 */
export function endOf({ positions, statements, head }: Places): number {
  return Math.min(positions.next, head.pointedThrough, statements.next + LIMITS.unlistedEventsCount);
}

/** The postings of everything that no block has listed: of complete leaves as they are, of the rest from the log. */
export async function tailBehind(
  { next }: Checkpoint,
  end: number,
  shape: Shape,
  { views, log, streams }: Pick<ListSources, "log" | "streams"> & { views: Pick<ViewStore, "query"> },
): Promise<Posting[]> {
  const listed = next - (next % blockEventsOf(shape));
  const [leaves, segments] = await Promise.all([
    views.query(LEAVES_PK, { from: sequenceKey(listed), to: sequenceKey(next) }),
    segmentsBetween(log, next, end),
  ]);
  const entries = segments
    .flatMap((segment) => segment.entries)
    .filter(({ sequence }) => next <= sequence && sequence < end);
  const newest = entries.length === 0 ? [] : await postingsOf(await eventsOf(entries, streams), { log, streams });
  return [...leaves.flatMap((row) => bodyOf<PostingsBody>(row).postings.map(decodePosting)), ...newest];
}
