import { mapBounded } from "../log/bounded.ts";
import type { StoredEvent, StreamName } from "../log/envelope.ts";
import type { LogHead, LogStore, Segment, StreamStore } from "../log/ports.ts";
import { keepTiles, sealOf, type SignCheckpoint } from "./seal.ts";

/** What it takes to bring a log back as it was. */
export interface RestoreDeps {
  streams: StreamStore;
  log: LogStore;
  sign: SignCheckpoint;
}

/**
 * Brings a segment back, verbatim, behind the head: the same entries, the same numbers, the same `recordedAt`. Gives the
 * head after it. `events` are those of its entries, in their order.
 *
 * The log comes first, and the events behind their pointers: a sequencer that hears of them finds them entered, and gives
 * no number twice. So the commit point is the segment's, as ever; dies after it, and `finishSegment` does the rest.
 */
export async function restoreSegment(
  deps: RestoreDeps,
  head: LogHead,
  segment: Segment,
  events: readonly StoredEvent[],
): Promise<LogHead> {
  const seal = sealOf(head, segment.entries, deps.sign);
  if (!(await deps.log.commit(head, segment, seal)))
    throw new Error("the log has grown meanwhile: something else writes to it");
  const size = head.size + segment.entries.length;
  await finishSegment(deps, segment, events);
  return { ...head, ...seal, size, recordedAt: segment.recordedAt, pointedThrough: size, publishedThrough: size };
}

/**
 * What stands behind the commit of a segment: its pointers, its tiles, its events. Idempotent. Nothing of it is
 * published: it was, where it comes from.
 */
export async function finishSegment(
  { streams, log }: Omit<RestoreDeps, "sign">,
  { first, entries }: Segment,
  events: readonly StoredEvent[],
): Promise<void> {
  const end = first + entries.length;
  await log.point(entries);
  await keepTiles(log, first, end);
  const byStream = new Map<StreamName, StoredEvent[]>();
  for (const event of events) byStream.set(event.stream, [...(byStream.get(event.stream) ?? []), event]);
  await mapBounded([...byStream.values()], async (some) => {
    for (const event of some) await streams.append(event);
  });
  await log.advance({ pointedThrough: end, publishedThrough: end });
}
