import { readEvent } from "../log/upcast.ts";
import type { LogReader, Segment, StreamStore, ViewStore } from "../log/ports.ts";
import { revisionKey, type LoggedEvent, type Projection } from "./projection.ts";

export interface ProjectionDeps {
  log: LogReader;
  streams: StreamStore;
  views: ViewStore;
}

async function eventsOf(segment: Segment, streams: StreamStore): Promise<LoggedEvent[]> {
  const stored = await streams.read(segment.entries.map((entry) => entry.id));
  return segment.entries.map((entry, index) => {
    const event = stored[index];
    if (!event) throw new Error(`the log names ${entry.id}, but the Events table does not hold it`);
    return { entry, event: readEvent(event) };
  });
}

/**
 * Brings a projection up to the log's end, strictly by sequence, one segment at a time.
 *
 * Commit point: the checkpoint's move, conditional on where it stood. Rows are written before it and are
 * invisible until it. Dies before: the segment is applied again and writes the same rows. Dies after: the next
 * run goes on from there. Two at once do the same work; one of them moves the checkpoint, the other follows.
 *
 * Gives how many events it applied.
 */
export async function catchUp(projection: Projection, { log, streams, views }: ProjectionDeps): Promise<number> {
  const name = revisionKey(projection);
  const head = await log.head();
  let applied = 0;
  let place = await views.checkpoint(name);
  while (place.next < head.size) {
    const segment = await log.segmentAt(place.next);
    if (segment === null || segment.first !== place.next) {
      throw new Error(`no segment of the log begins at ${place.next}, where ${name} stands`);
    }
    for (const logged of await eventsOf(segment, streams)) {
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
