import type { StatementId } from "../../domain/ids.ts";
import type { Contest, Held, Words } from "../../domain/position/fold.ts";
import { placeholderOf, redact, type Redaction } from "../../domain/statement/erasure.ts";
import type { ViewRange, ViewRow } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import type { ViewReader } from "../projection.ts";
import type { DerivedEvent } from "./derived.ts";
import type { EntryRow, GoneRow, PackedRow } from "./entry-form.ts";
import { isEntrySk, positionIn } from "./rows.ts";
import type { StatementRow } from "./statements.ts";

/** A statement that was erased, and what takes the place of its words. */
export interface Erasure extends Redaction {
  statement: StatementId;
}

/** Words with the condition that stands in place of theirs, if they are the statement's. */
function toldAgain<W extends Pick<Words | Contest, "statement" | "assessment" | "condition">>(
  words: W,
  erasure: Erasure,
): W {
  if (words.statement !== erasure.statement || words.condition === undefined) return words;
  return { ...words, condition: placeholderOf(erasure, words.assessment) };
}

/** The same where the fold compares them with others. */
function heldAgain<W extends Pick<Held, "statement" | "assessment" | "condition" | "unlike">>(
  words: W,
  erasure: Erasure,
): W {
  const told = toldAgain(words, erasure);
  return told === words ? words : { ...told, unlike: erasure.unlike[words.assessment] ?? [] };
}

function entryAgain(entry: PackedRow["entry"], erasure: Erasure): PackedRow["entry"] {
  if (entry.statement !== erasure.statement) return entry;
  const { cue: _cue, ...rest } = entry;
  return heldAgain(rest, erasure);
}

/** A version of an entry without the words of an erased statement. What is without them already stays as it is. */
export function redactEntry(body: PackedRow | GoneRow, erasure: Erasure): PackedRow | GoneRow {
  if ("gone" in body) return body;
  const { outcome, contests } = body;
  return {
    ...body,
    entry: entryAgain(body.entry, erasure),
    outcome:
      outcome.kind === "moved" && outcome.from !== null
        ? { ...outcome, from: toldAgain(outcome.from, erasure) }
        : outcome,
    words: body.words.map((words) => ("statement" in words ? heldAgain(words, erasure) : words)),
    ...(contests && { contests: contests.map((contest) => toldAgain(contest, erasure)) }),
  };
}

/** A version of the statement without its words. */
export function redactStatement(row: StatementRow, erasure: Erasure): StatementRow {
  return { ...row, statement: redact(row.statement, erasure) };
}

/** Entries of a position that tell which readings a derived event is about. */
export interface Telling {
  /** Those that the same event of the log made. */
  made: readonly EntryRow[];
  /** The reading by which the statement contradicted the actor at that time. */
  contested: string | undefined;
}

/** A derived event without the words of an erased statement. */
export function redactDerived(event: DerivedEvent, { made, contested }: Telling, erasure: Erasure): DerivedEvent {
  const { statement } = erasure;
  if (event.type === "PositionContested") {
    if (event.statement !== statement || event.condition === undefined) return event;
    return { ...event, condition: placeholderOf(erasure, contested ?? "") };
  }
  if (event.type !== "PositionChanged") return event;
  const outcome = made.find(({ announced }) => announced?.id === event.id)?.outcome;
  const moved = outcome?.kind === "moved" ? outcome : undefined;
  const again = (words: typeof event.current, held: Words | null | undefined) =>
    words.statement === statement && words.condition !== undefined
      ? { ...words, condition: placeholderOf(erasure, held?.assessment ?? "") }
      : words;
  const { cue, ...rest } = event;
  return {
    ...rest,
    ...(cue !== undefined && event.statement !== statement && { cue }),
    previous: event.previous && again(event.previous, moved?.from),
    current: again(event.current, moved?.to),
  };
}

/** Reads positions as if the words of a statement had left them, whether or not they have. */
export function erasedReader(views: ViewReader, erasure: Erasure): ViewReader {
  const again = (row: ViewRow): ViewRow =>
    positionIn(row.pk) !== null && isEntrySk(row.sk)
      ? { ...row, body: redactEntry(bodyOf<PackedRow | GoneRow>(row), erasure) }
      : row;
  return {
    async get(pk: string, sk: string) {
      const body = await views.get(pk, sk);
      return body && again({ pk, sk, body }).body;
    },
    async query(pk: string, range: ViewRange) {
      return (await views.query(pk, range)).map(again);
    },
  };
}
