import type { ActorId, PrincipalId, PropositionId } from "../../domain/ids.ts";
import type { Stance } from "../../domain/stance.ts";
import { isRedacted } from "../../domain/statement/erasure.ts";
import { publisherKey } from "../../domain/statement/parts.ts";
import { actorOf, standingReports } from "../../domain/statement/state.ts";
import { readingsOf, statementStatus, type StatementStatus } from "../../domain/statement/status.ts";
import type { Instant } from "../../domain/time.ts";
import { LedgerError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import { codeOf, readingKey, type Order, type Posting } from "../../projections/statements/posting.ts";

/** Which statements are asked for. Times are bounds that count themselves. */
export interface StatementFilter {
  actor?: ActorId | undefined;
  speaker?: ActorId | undefined;
  proposition?: PropositionId | undefined;
  /** Of a report that stands; compared as corroboration counts publishers. */
  publisher?: string | undefined;
  /** Who recorded the statement; not who did something to it later. */
  recordedBy?: PrincipalId | undefined;
  /** On the proposition, where one is given. */
  stance?: Stance | undefined;
  status?: StatementStatus | undefined;
  /** When the span of its saidAt begins. */
  saidFrom?: Instant | undefined;
  saidTo?: Instant | undefined;
  recordedFrom?: Instant | undefined;
  recordedTo?: Instant | undefined;
}

export const SORTS = ["saidAt", "-saidAt", "recordedAt", "-recordedAt"] as const;
export type StatementSort = (typeof SORTS)[number];

export function orderIn(sort: StatementSort): { order: Order; descending: boolean } {
  return { order: sort.endsWith("saidAt") ? "said" : "recorded", descending: sort.startsWith("-") };
}

/** What a statement is found by. Few statements bear each of the narrow ones; of the broad, many may. */
const NARROW = ["speaker", "proposition", "actor"] as const;
const BROAD = ["status", "publisher", "stance", "recordedBy"] as const;

function valueOf(filter: StatementFilter, field: (typeof NARROW | typeof BROAD)[number]): string | undefined {
  // Nearly all stand: that leads to none.
  if (field === "status" && filter.status === "standing") return undefined;
  return field === "publisher" && filter.publisher !== undefined ? publisherKey(filter.publisher) : filter[field];
}

/**
 * The lists that a page can be read from, each complete in itself and some in two parts; none when all statements have
 * to be read. Where narrow fields are given the broad ones are no help.
 */
export function listsFor(filter: StatementFilter): string[][] {
  const lists = (fields: readonly (typeof NARROW | typeof BROAD)[number][]) =>
    fields.flatMap((field) => {
      const value = valueOf(filter, field);
      if (value === undefined) return [];
      // Who speaks for itself is listed as the actor only.
      return [field === "speaker" ? [codeOf("speaker", value), codeOf("actor", value)] : [codeOf(field, value)]];
    });
  const narrow = lists(NARROW);
  return narrow.length > 0 ? narrow : lists(BROAD);
}

/** Codes that a posting must have. */
export function codesFor(filter: StatementFilter): string[] {
  const codes = [...NARROW, ...BROAD].flatMap((field) => {
    const value = valueOf(filter, field);
    return value === undefined ? [] : [codeOf(field, value)];
  });
  const { proposition, stance } = filter;
  if (proposition === undefined || stance === undefined) return codes;
  return [...codes, codeOf("reading", readingKey(proposition, stance))];
}

function needsIndex(message: string, add: string[]): LedgerError {
  const details = { add };
  return new LedgerError("needs_index", `this would read all statements: ${message}`, { details });
}

/** Whether a range bounds what is read. */
function isBounded(from: Instant | undefined, to: Instant | undefined): boolean {
  return from !== undefined && to !== undefined && Date.parse(to) - Date.parse(from) <= LIMITS.listedSpanMs;
}

/** Refuses what no list leads to: it would read the whole ledger for a page. */
export function refuseScan(filter: StatementFilter, sort: StatementSort): void {
  if (NARROW.some((field) => filter[field] !== undefined)) return;
  const { order } = orderIn(sort);
  const said = { from: filter.saidFrom, to: filter.saidTo };
  const recorded = { from: filter.recordedFrom, to: filter.recordedTo };
  const [own, other] = order === "said" ? [said, recorded] : [recorded, said];
  if (isBounded(own.from, own.to)) return;
  const names = order === "said" ? ["saidFrom", "saidTo"] : ["recordedFrom", "recordedTo"];
  const add = [...NARROW, ...names];
  const what = `add actor, speaker or proposition, or both ${names.join(" and ")}, a year apart at most`;
  if (other.from !== undefined || other.to !== undefined) {
    throw needsIndex(`it is sorted by one time and bounded by the other; sort by the other, or ${what}`, [
      "sort",
      ...add,
    ]);
  }
  const broad = BROAD.filter((field) => filter[field] !== undefined);
  if (broad.length > 1) throw needsIndex(`${broad.join(" and ")} can be few together; ${what}`, add);
}

/** Whether the statement is one that is asked for, as it stands now. */
export function isAskedFor(
  { statement, corroboration }: StatementRow,
  posting: Posting,
  filter: StatementFilter,
): boolean {
  const { actor, speaker, proposition, publisher, recordedBy, stance, status, saidFrom, saidTo } = filter;
  const is = (wanted: string | undefined, held: string) => wanted === undefined || wanted === held;
  const key = publisher === undefined ? undefined : publisherKey(publisher);
  const { from } = statement.saidAt;
  return (
    // What was erased is listed nowhere.
    !isRedacted(statement) &&
    is(actor, actorOf(statement)) &&
    is(speaker, statement.speaker) &&
    is(recordedBy, posting.by) &&
    is(status, statementStatus(statement, corroboration)) &&
    (saidFrom === undefined || saidFrom <= from) &&
    (saidTo === undefined || from <= saidTo) &&
    ((proposition === undefined && stance === undefined) ||
      readingsOf(statement).some((reading) => is(proposition, reading.proposition) && is(stance, reading.stance))) &&
    (key === undefined || standingReports(statement).some(({ publisher }) => publisherKey(publisher) === key))
  );
}
