import type { Instant } from "../domain/time.ts";
import { readEvent } from "../log/upcast.ts";
import type { LogEntry } from "../log/envelope.ts";
import type { LogReader, StreamStore, ViewRow, ViewStore } from "../log/ports.ts";
import { openView, rowsOf, type BuildRows } from "./builds.ts";
import { RowBuffer } from "./row-buffer.ts";
import type { AnyProjection, BlockProjection, FollowingProjection, LoggedEvent, LogRange } from "./projection.ts";

export interface ProjectionDeps {
  log: LogReader;
  streams: StreamStore;
  views: ViewStore;
  /** Told after each step how far a projection has come; `false` ends the run there. */
  onStep?: (name: string, next: number) => boolean;
}

type Steps = Pick<ProjectionDeps, "views" | "onStep">;

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

/** What a block adds to a view, and when the newest event of it was recorded. */
interface BlockMade {
  rows: ViewRow[];
  recordedAt: Instant | null;
}

/** As `catchUp`, a whole block at a time, as far as whole blocks go. */
async function catchUpBlocks(
  { name, revision, blockEvents }: Pick<BlockProjection, "name" | "revision" | "blockEvents">,
  end: number,
  { views, onStep = () => true }: Steps,
  make: (block: LogRange, own: BuildRows) => Promise<BlockMade>,
): Promise<number> {
  let applied = 0;
  let { place, rows: own } = await openView(views, name);
  while (place.next + blockEvents <= end) {
    const next = place.next + blockEvents;
    const { rows, recordedAt } = await make({ first: place.next, end: next }, own);
    if (rows.length > 0) await own.put(rows);
    const to = { ...place, revision, next, recordedAt };
    if (await views.advance(name, place, to)) {
      applied += blockEvents;
      place = to;
    } else {
      ({ place, rows: own } = await openView(views, name));
    }
    if (!onStep(name, place.next)) break;
  }
  return applied;
}

/** Pointers are relied on, and so the log ends where they do. */
async function indexEvents(projection: BlockProjection, deps: ProjectionDeps): Promise<number> {
  const { log, streams } = deps;
  const { pointedThrough } = await log.head();
  return catchUpBlocks(projection, pointedThrough, deps, async ({ first, end }, own) => {
    const entries = await entriesFrom(log, first, end);
    const rows = await projection.apply(await eventsOf(entries, streams), { log, streams, views: own });
    return { rows, recordedAt: entries.at(-1)?.recordedAt ?? null };
  });
}

async function follow(projection: FollowingProjection, deps: ProjectionDeps): Promise<number> {
  const { log, views } = deps;
  const { place: followed } = await openView(views, projection.follows);
  return catchUpBlocks(projection, followed.next, deps, async (block, own) => {
    const both = rowsOf(own, projection.follows, followed.build);
    const [rows, segment] = await Promise.all([projection.apply(block, both), log.segmentAt(block.end - 1)]);
    return { rows, recordedAt: segment?.recordedAt ?? null };
  });
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
export async function catchUp(projection: AnyProjection, deps: ProjectionDeps): Promise<number> {
  if ("follows" in projection) return follow(projection, deps);
  if ("blockEvents" in projection) return indexEvents(projection, deps);
  const { log, streams, views, onStep = () => true } = deps;
  const { name, revision } = projection;
  const head = await log.head();
  let applied = 0;
  let { place, rows: own } = await openView(views, name);
  while (place.next < head.size) {
    const segment = await log.segmentAt(place.next);
    if (segment === null || segment.first !== place.next) {
      throw new Error(`no segment of the log begins at ${place.next}, where ${name} stands`);
    }
    const buffer = new RowBuffer(own);
    for (const logged of await eventsOf(segment.entries, streams)) buffer.add(await projection.apply(logged, buffer));
    await buffer.writeTo(own);
    const next = segment.first + segment.entries.length;
    const to = { ...place, revision, next, recordedAt: segment.recordedAt };
    if (await views.advance(name, place, to)) {
      applied += segment.entries.length;
      place = to;
    } else {
      ({ place, rows: own } = await openView(views, name));
    }
    if (!onStep(name, place.next)) break;
  }
  return applied;
}
