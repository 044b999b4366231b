import type { Occurred } from "../../domain/decider.ts";
import type { StatementEvent } from "../../domain/statement/events.ts";
import { evolveStatement, type Statement, type StatementState } from "../../domain/statement/state.ts";
import { eventIdOf, type LogEntry, type StoredEvent } from "../../log/envelope.ts";
import { readEvent } from "../../log/upcast.ts";
import { isOfStatement } from "../positions/statements.ts";
import type { BlockSources, LoggedEvent } from "../projection.ts";
import { encodePosting, postingOf, type Posting, type Recording } from "./posting.ts";

type Sources = Pick<BlockSources, "log" | "streams">;

interface Known {
  statement: Statement;
  recording: Recording;
}

function occurred(
  stored: Pick<StoredEvent, "version" | "recordedBy">,
  event: StatementEvent,
): Occurred<StatementEvent> {
  return { ...event, version: stored.version, recordedBy: stored.recordedBy };
}

/** The statement as of just before an event of its stream, and how it was recorded; read from what never changes. */
async function knownBefore({ stream, version }: LogEntry, { log, streams }: Sources): Promise<Known> {
  const first = eventIdOf(stream, 1);
  const [stored, sequence] = await Promise.all([streams.load(stream), log.sequenceOf(first)]);
  const segment = sequence === null ? null : await log.segmentAt(sequence);
  const [recorded] = stored;
  if (sequence === null || segment === null || recorded === undefined) {
    throw new Error(`the log holds a later event of ${stream}, but not ${first}`);
  }
  let statement: StatementState = null;
  for (const each of stored.filter((event) => event.version < version)) {
    const event = readEvent(each);
    if (isOfStatement(event)) statement = evolveStatement(statement, occurred(each, event));
  }
  if (statement === null) throw new Error(`the events of ${stream} before version ${version} leave no statement`);
  return { statement, recording: { sequence, recordedAt: segment.recordedAt, by: recorded.recordedBy } };
}

/** The postings that events make, in the events' order: of each what is new. All of them must have their pointers. */
export async function postingsOf(events: readonly LoggedEvent[], sources: Sources): Promise<Posting[]> {
  const known = new Map<string, Known>();
  const postings: Posting[] = [];
  for (const { entry, event } of events) {
    if (!isOfStatement(event)) continue;
    const isFirst = event.type === "StatementRecorded";
    const before = isFirst ? null : (known.get(entry.stream) ?? (await knownBefore(entry, sources)));
    const statement = evolveStatement(before?.statement ?? null, occurred(entry, event));
    if (statement === null) throw new Error(`${entry.id} left no statement`);
    const { sequence, recordedAt, recordedBy: by } = entry;
    const recording = before?.recording ?? { sequence, recordedAt, by };
    known.set(entry.stream, { statement, recording });
    const posting = postingOf(statement, recording);
    const isNew = before === null || encodePosting(postingOf(before.statement, recording)) !== encodePosting(posting);
    if (isNew) postings.push(posting);
  }
  return postings;
}
