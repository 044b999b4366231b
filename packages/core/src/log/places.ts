import { LIMITS } from "../limits.ts";
import type { Instant } from "../domain/time.ts";
import { mapBounded } from "./bounded.ts";
import type { EventId } from "./envelope.ts";
import type { LogReader, Segment } from "./ports.ts";

export interface LogPlace {
  sequence: number;
  recordedAt: Instant;
}

/** Of sorted numbers, such as lie in different segments for sure, whatever segments there are. */
function apart(sequences: readonly number[]): number[] {
  const chosen: number[] = [];
  for (const sequence of sequences) {
    const last = chosen.at(-1);
    if (last === undefined || sequence - last >= LIMITS.segmentEntriesCount) chosen.push(sequence);
  }
  return chosen;
}

const isIn = ({ first, entries }: Segment, sequence: number) => first <= sequence && sequence < first + entries.length;

/**
 * Where events stand in the log and since when, in the order asked; `null` for one that has no number yet. Few reads
 * are under way at once, and each segment is read once, however many of the events it holds.
 */
export async function placesInLog(
  log: Pick<LogReader, "segmentAt" | "sequenceOf">,
  ids: readonly EventId[],
): Promise<(LogPlace | null)[]> {
  const sequences = await mapBounded(ids, (id) => log.sequenceOf(id));
  const segments: Segment[] = [];
  let left = [...new Set(sequences.filter((sequence) => sequence !== null))].toSorted((a, b) => a - b);
  while (left.length > 0) {
    const found = await mapBounded(apart(left), async (sequence) => {
      const segment = await log.segmentAt(sequence);
      if (segment === null) throw new Error(`a pointer leads to ${sequence}, which the log does not hold`);
      return segment;
    });
    segments.push(...found);
    left = left.filter((sequence) => !found.some((segment) => isIn(segment, sequence)));
  }
  return sequences.map((sequence) => {
    const segment = sequence === null ? undefined : segments.find((each) => isIn(each, sequence));
    return sequence === null || segment === undefined ? null : { sequence, recordedAt: segment.recordedAt };
  });
}
