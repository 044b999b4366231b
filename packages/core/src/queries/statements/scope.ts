import { Instant } from "../../domain/time.ts";
import type { Checkpoint, LogReader } from "../../log/ports.ts";
import { openView, type OpenView } from "../../projections/builds.ts";
import { POSITIONS } from "../../projections/positions/rows.ts";
import { sequenceKey } from "../../projections/projection.ts";
import { STATEMENTS } from "../../projections/statements/rows.ts";
import { sequenceAt, type TimeSources } from "../sequence-at.ts";
import { orderIn, type StatementFilter, type StatementSort } from "./filter.ts";
import { endOf, type ListSources } from "./tail.ts";
import type { Walk } from "./walk.ts";

const NEXT = "\u0001";
const LAST = "~";

/** What a list is made of: the statements as the positions' view has them, and the index that leads to them. */
export interface Scope {
  positions: OpenView;
  statements: OpenView;
  /** What an answer takes in: everything before `next`. */
  place: Checkpoint;
}

/** The place before a sequence number, without the beginning of a segment: all of one bears the same time. */
async function placeBefore(end: number, positions: Checkpoint, log: LogReader): Promise<Checkpoint> {
  if (end === positions.next) return positions;
  const segment = end === 0 ? null : await log.segmentAt(end - 1);
  if (segment === null) return { next: 0, recordedAt: null };
  const { first, entries, recordedAt } = segment;
  return first + entries.length > end ? placeBefore(first, positions, log) : { next: end, recordedAt };
}

/** Opens both views; what is read of them stays of one build each. */
export async function openScope({ views, log }: Pick<ListSources, "views" | "log">): Promise<Scope> {
  const [positions, statements, head] = await Promise.all([
    openView(views, POSITIONS),
    openView(views, STATEMENTS),
    log.head(),
  ]);
  const end = endOf({ positions: positions.place, statements: statements.place, head });
  return { positions, statements, place: await placeBefore(end, positions.place, log) };
}

/** What of the log a list may show: sequence numbers from `first` up to, and without, `end`. */
export interface Recorded {
  first: number;
  end: number;
}

/** What lies between the filter's bounds of recording, of the entries below `end`. */
export async function recordedWithin(
  { recordedFrom, recordedTo }: Pick<StatementFilter, "recordedFrom" | "recordedTo">,
  end: number,
  sources: TimeSources,
): Promise<Recorded> {
  const justAfter = (instant: Instant) => Instant.parse(new Date(Date.parse(instant) + 1).toISOString());
  const [first, behind] = await Promise.all([
    recordedFrom === undefined ? 0 : sequenceAt(recordedFrom, end, sources),
    recordedTo === undefined ? end : sequenceAt(justAfter(recordedTo), end, sources),
  ]);
  return { first, end: behind };
}

/** The last key below another, of those of the same kind. */
function keyBelow(key: string): string {
  const at = key.lastIndexOf("#") + 1;
  const sequence = Number(key.slice(at));
  // A key that stands for a whole day or month has nothing at itself.
  if (at === 0 && !/^\d{12}$/.test(key)) return key;
  return sequence === 0 ? key.slice(0, at) : `${key.slice(0, at)}${sequenceKey(sequence - 1)}`;
}

/** The keys that are left to go through. */
export function rangeOf(
  filter: StatementFilter,
  sort: StatementSort,
  recorded: Recorded,
  after: string | undefined,
): Pick<Walk, "low" | "high"> {
  const { order, descending } = orderIn(sort);
  const low = order === "said" ? (filter.saidFrom ?? "") : sequenceKey(recorded.first);
  const high = order === "said" ? `${filter.saidTo ?? ""}${LAST}` : sequenceKey(Math.max(recorded.end - 1, 0));
  if (after === undefined) return { low, high };
  const above = order === "said" ? `${after}${NEXT}` : sequenceKey(Number(after) + 1);
  const below = keyBelow(after);
  return descending ? { low, high: below < high ? below : high } : { low: above > low ? above : low, high };
}
