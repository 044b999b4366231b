import type { LogEntry } from "../log/envelope.ts";
import type { LogReader, Segment } from "../log/ports.ts";

/**
 * The entries from `from` up to, and without, `to` (the log's size at some time), a segment at a time.
 * `held` is a segment that the caller still has in hand and need not be read again.
 */
export async function* entriesBetween(
  log: LogReader,
  from: number,
  to: number,
  held: Segment | null,
): AsyncGenerator<LogEntry[]> {
  for (let next = from; next < to;) {
    const segment = held?.first === next ? held : await log.segmentAt(next);
    const entries = segment?.entries.slice(next - segment.first) ?? [];
    if (entries.length === 0) throw new Error(`the log has no entry ${next}, although its size is ${to}`);
    yield entries;
    next += entries.length;
  }
}
