import { readEvent } from "../log/upcast.ts";
import type { LogEntry } from "../log/envelope.ts";
import type { LogReader, StreamStore, ViewStore } from "../log/ports.ts";
import { revisionKey, type BlockProjection, type LoggedEvent, type Projection } from "./projection.ts";

export interface ProjectionDeps {
  log: LogReader;
  streams: StreamStore;
  views: ViewStore;
}

/** The events of log entries, in their order. */
export async function eventsOf(
  entries: readonly LogEntry[],
  streams: Pick<StreamStore, "read">,
): Promise<LoggedEvent[]> {
  const stored = await streams.read(entries.map((entry) => entry.id));
  return entries.map((entry, index) => {
    const event = stored[index];
    if (!event) throw new Error(`the log names ${entry.id}, but the Events table does not hold it`);
    return { entry, event: readEvent(event) };
  });
}

/** The entries from `from` up to, and without, `to`. */
async function entriesFrom(log: LogReader, from: number, to: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  while (from + entries.length < to) {
    const next = from + entries.length;
    const segment = await log.segmentAt(next);
    if (segment === null) throw new Error(`the log has no entry ${next}, although its size is more`);
    entries.push(...segment.entries.slice(next - segment.first));
  }
  return entries.slice(0, to - from);
}

/** As `catchUp`, a whole block at a time; pointers are relied on, and so the log ends where they do. */
async function catchUpBlocks(projection: BlockProjection, { log, streams, views }: ProjectionDeps): Promise<number> {
  const name = revisionKey(projection);
  const { pointedThrough } = await log.head();
  let applied = 0;
  let place = await views.checkpoint(name);
  while (place.next + projection.blockEvents <= pointedThrough) {
    const next = place.next + projection.blockEvents;
    const entries = await entriesFrom(log, place.next, next);
    const rows = await projection.apply(await eventsOf(entries, streams), { log, streams, views });
    if (rows.length > 0) await views.put(rows);
    const to = { next, recordedAt: entries.at(-1)?.recordedAt ?? null };
    if (await views.advance(name, place, to)) {
      applied += entries.length;
      place = to;
    } else {
      place = await views.checkpoint(name);
    }
  }
  return applied;
}

/**
 * Brings a projection up to the log's end, strictly by sequence, one segment at a time, or one block.
 *
 * Commit point: the checkpoint's move, conditional on where it stood. Rows are written before it and are
 * invisible until it. Dies before: the segment is applied again and writes the same rows. Dies after: the next
 * run goes on from there. Two at once do the same work; one of them moves the checkpoint, the other follows.
 *
 * Gives how many events it applied.
 */
export async function catchUp(projection: Projection | BlockProjection, deps: ProjectionDeps): Promise<number> {
  if ("blockEvents" in projection) return catchUpBlocks(projection, deps);
  const { log, streams, views } = deps;
  const name = revisionKey(projection);
  const head = await log.head();
  let applied = 0;
  let place = await views.checkpoint(name);
  while (place.next < head.size) {
    const segment = await log.segmentAt(place.next);
    if (segment === null || segment.first !== place.next) {
      throw new Error(`no segment of the log begins at ${place.next}, where ${name} stands`);
    }
    for (const logged of await eventsOf(segment.entries, streams)) {
      const rows = await projection.apply(logged, views);
      if (rows.length > 0) await views.put(rows);
    }
    const to = { next: segment.first + segment.entries.length, recordedAt: segment.recordedAt };
    if (await views.advance(name, place, to)) {
      applied += segment.entries.length;
      place = to;
    } else {
      place = await views.checkpoint(name);
    }
  }
  return applied;
}
