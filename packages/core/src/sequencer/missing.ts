import type { Envelope, StreamName } from "../log/envelope.ts";
import type { LogStore, StreamStore } from "../log/ports.ts";
import { mapBounded } from "../log/bounded.ts";
import type { Hint } from "./hints.ts";

/** What the log lacks of the hinted streams, in the order in which it is to enter. */
export interface Missing {
  events: Envelope[];
  /** Versions that are not in the table although a later one of the same stream is: see `consecutive`. */
  gaps: Hint[];
}

/**
 * Reads what the hinted streams hold beyond their last pointer. The caller has made sure that every entry of
 * the log has its pointer: then what is found here is not in the log, unless the log has grown since.
 *
 * Hints name streams and order, nothing more. Whatever stands in the table enters, hinted or not; a hint for
 * something that does not stand there does nothing.
 */
export async function missingEvents(
  { streams, log }: { streams: StreamStore; log: LogStore },
  hints: readonly Hint[],
): Promise<Missing> {
  const names = [...new Set(hints.map(({ stream }) => stream))];
  const behind = await mapBounded(names, async (stream) => {
    const next = (await log.lastPointed(stream)) + 1;
    const found = await streams.envelopes(stream, next);
    const events = consecutive(found, next);
    return { stream, events, hole: events.length < found.length, version: next + events.length };
  });
  const gaps = behind.filter(({ hole }) => hole).map(({ stream, version }) => ({ stream, version }));
  return { events: inHintOrder(hints, new Map(behind.map(({ stream, events }) => [stream, events]))), gaps };
}

/**
 * The events up to the first version that is not there. A query is no snapshot: one that runs while N and N + 1
 * are appended may see N + 1 alone. Both then have a hint still to come, so leaving N + 1 for later loses nothing.
 */
function consecutive(events: Envelope[], next: number): Envelope[] {
  const end = events.findIndex(({ version }, index) => version !== next + index);
  return end === -1 ? events : events.slice(0, end);
}

/**
 * Each event stands where the first hint for it, or for a later event of its stream, stands; so hints out of order
 * cannot turn a stream around, and a repeated hint finds nothing left. What no hint names follows at the end,
 * by the streams' first mention: it is newer than the batch, as its own hint has not come yet.
 */
function inHintOrder(hints: readonly Hint[], behind: ReadonlyMap<StreamName, Envelope[]>): Envelope[] {
  const ordered: Envelope[] = [];
  const taken = new Map<StreamName, number>();
  const take = (stream: StreamName, through: number) => {
    const from = taken.get(stream) ?? 0;
    const some = (behind.get(stream) ?? []).slice(from).filter(({ version }) => version <= through);
    ordered.push(...some);
    taken.set(stream, from + some.length);
  };
  for (const { stream, version } of hints) take(stream, version);
  for (const stream of behind.keys()) take(stream, Infinity);
  return ordered;
}
