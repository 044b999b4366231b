import type { Occurred } from "../../domain/decider.ts";
import type { StatementFact } from "../../domain/statement/erased-event.ts";
import { evolveStatement, type Statement, type StatementState } from "../../domain/statement/state.ts";
import { mapBounded } from "../../log/bounded.ts";
import { eventIdOf, type LogEntry, type StoredEvent } from "../../log/envelope.ts";
import { placesInLog } from "../../log/places.ts";
import { readEvent } from "../../log/upcast.ts";
import { isOfStatement } from "../positions/statements.ts";
import type { BlockSources, LoggedEvent } from "../projection.ts";
import { encodePosting, postingOf, type Posting, type Recording } from "./posting.ts";

type Sources = Pick<BlockSources, "log" | "streams">;

interface Known {
  statement: Statement;
  recording: Recording;
}

function occurred(stored: Pick<StoredEvent, "version" | "recordedBy">, event: StatementFact): Occurred<StatementFact> {
  return { ...event, version: stored.version, recordedBy: stored.recordedBy };
}

/** The statement as of just before an event of its stream, of all that was stored of it. */
function statementBefore({ stream, version }: LogEntry, stored: readonly StoredEvent[]): Statement {
  let statement: StatementState = null;
  for (const each of stored.filter((event) => event.version < version)) {
    const event = readEvent(each);
    if (isOfStatement(event)) statement = evolveStatement(statement, occurred(each, event));
  }
  if (statement === null) throw new Error(`the events of ${stream} before version ${version} leave no statement`);
  return statement;
}

/**
 * The statements that events are of, as of just before the first of each, and how they were recorded; read from what
 * never changes. Those recorded among these events are left out.
 */
async function knownBefore(events: readonly LoggedEvent[], { log, streams }: Sources): Promise<Map<string, Known>> {
  const first = new Map<string, LoggedEvent>();
  for (const logged of events) {
    if (isOfStatement(logged.event) && !first.has(logged.entry.stream)) first.set(logged.entry.stream, logged);
  }
  const older = [...first.values()].filter(({ entry }) => entry.type !== "StatementRecorded");
  const [stored, places] = await Promise.all([
    mapBounded(older, ({ entry }) => streams.load(entry.stream)),
    placesInLog(
      log,
      older.map(({ entry }) => eventIdOf(entry.stream, 1)),
    ),
  ]);
  return new Map(
    older.map(({ entry }, index) => {
      const place = places[index] ?? null;
      const [recorded] = stored[index] ?? [];
      if (place === null || recorded === undefined) {
        throw new Error(`the log holds a later event of ${entry.stream}, but not its first`);
      }
      const statement = statementBefore(entry, stored[index] ?? []);
      return [entry.stream, { statement, recording: { ...place, by: recorded.recordedBy } }];
    }),
  );
}

/** The postings that events make, in the events' order: of each what is new. All of them must have their pointers. */
export async function postingsOf(events: readonly LoggedEvent[], sources: Sources): Promise<Posting[]> {
  const known = await knownBefore(events, sources);
  const postings: Posting[] = [];
  for (const { entry, event } of events) {
    if (!isOfStatement(event)) continue;
    const before = known.get(entry.stream) ?? null;
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
