import type { Change, Reversal } from "../../domain/change.ts";
import type { ActorId, PropositionId } from "../../domain/ids.ts";
import type { Instant } from "../../domain/time.ts";
import { idCode, lettersOf, type ChangePosting } from "../../projections/changes/posting.ts";
import { BROAD, changeListPk, NARROW, sharedListPk, type ChangesShape } from "../../projections/changes/rows.ts";
import type { Cause, DerivedEvent } from "../../projections/positions/derived.ts";

/** Which derived events are asked for. */
export interface ChangeFilter {
  actor?: ActorId | undefined;
  proposition?: PropositionId | undefined;
  type?: DerivedEvent["type"] | undefined;
  change?: Change | undefined;
  reversal?: Reversal | undefined;
  cause?: Cause | undefined;
  /** Bounds that count themselves. */
  recordedFrom?: Instant | undefined;
  recordedTo?: Instant | undefined;
}

/** Whether the event is one that is asked for, its time left out. */
export function isAskedFor(event: DerivedEvent, filter: ChangeFilter): boolean {
  const facts: ChangeFilter = {
    actor: event.actor,
    proposition: event.proposition,
    type: event.type,
    change: "change" in event ? event.change : undefined,
    reversal: "reversal" in event ? event.reversal : undefined,
    cause: event.cause,
  };
  return [...NARROW, ...BROAD].every((fact) => filter[fact] === undefined || filter[fact] === facts[fact]);
}

/** Whether anything but the time is asked for. */
export function isFiltered(filter: ChangeFilter): boolean {
  return [...NARROW, ...BROAD].some((fact) => filter[fact] !== undefined);
}

/**
 * The lists that a page can be read from, each complete in itself, in one partition or in two. Where there is a list of an id, those of letters are no help.
 */
export function listsFor(filter: ChangeFilter, shape: ChangesShape): string[][] {
  for (const fact of NARROW) {
    const id = filter[fact];
    if (id !== undefined) return [[changeListPk(fact, idCode(id)), sharedListPk(fact, idCode(id), shape)]];
  }
  const letters = lettersOf(filter);
  return BROAD.flatMap((fact, place) =>
    filter[fact] === undefined ? [] : [[changeListPk(fact, letters[place] ?? "")]],
  );
}

/** Tells which postings may be of events that are asked for. */
export function postingFilter(filter: ChangeFilter): (posting: ChangePosting) => boolean {
  const letters = lettersOf(filter);
  const asked = BROAD.map((fact, place) => (filter[fact] === undefined ? undefined : letters[place]));
  const codes = NARROW.map((fact) => [fact, filter[fact] && idCode(filter[fact])] as const);
  return (posting) =>
    asked.every((letter, place) => letter === undefined || posting.kind.charAt(place) === letter) &&
    codes.every(([fact, code]) => code === undefined || posting[fact] === code);
}
