import { LedgerError } from "../../errors.ts";
import type { Occurred } from "../decider.ts";
import type { PrincipalId } from "../ids.ts";
import type { Instant } from "../time.ts";
import type { StatementFact } from "./erased-event.ts";
import type { ConditionNumbers } from "./parts.ts";
import type { Assessment, HeldReport, Statement } from "./state.ts";

/** Who had a statement erased, when, why, and on what ground. */
export interface Tombstone {
  version: number;
  by: PrincipalId;
  at: Instant;
  reason: string;
  reference?: string | undefined;
}

/** What stands in place of a reason. */
const ERASED = "[erased]";

/** What takes the place of the words, so that what was the same stays the same, and what differed stays different. */
export interface Redaction {
  numbers: ConditionNumbers;
  unlike: Readonly<Record<string, readonly string[]>>;
}

/** What stands in place of a condition: known by the assessment that has it, or the version that says it was met. */
export function placeholderOf({ numbers }: Pick<Redaction, "numbers">, key: string): string {
  const number = numbers[key];
  return number === undefined ? ERASED : `[erased ${number}]`;
}

function redactAssessment(assessment: Assessment, redaction: Redaction): Assessment {
  const { cue: _cue, condition, ...rest } = assessment;
  return condition === undefined ? rest : { ...rest, condition: placeholderOf(redaction, rest.id) };
}

/** That there was a report stays, as publishers are counted; what it was does not. */
function redactReport({ id, version, publisher, withdrawn }: HeldReport): HeldReport {
  const kept = { id, version, publisher, url: "" };
  return withdrawn === undefined ? kept : { ...kept, withdrawn: { ...withdrawn, reason: ERASED } };
}

/**
 * A statement without its words and without what somebody could look for: text, cues, addresses, headlines, digests of
 * pages, reasons. What positions are made of stays. Redacting again changes nothing.
 */
export function redact(statement: Statement, redaction: Redaction): Statement {
  const { language: _language, withdrawn, reinstated, ...rest } = statement;
  const { unlike } = redaction;
  return {
    ...rest,
    text: "",
    reports: rest.reports.map(redactReport),
    assessments: rest.assessments.map((assessment) => redactAssessment(assessment, redaction)),
    disputes: rest.disputes.map(({ version }) => ({ version, reason: ERASED })),
    conditionsMet: rest.conditionsMet.map((met) => ({
      ...met,
      condition: placeholderOf(redaction, String(met.version)),
    })),
    ...(withdrawn !== undefined && { withdrawn: { ...withdrawn, reason: ERASED } }),
    ...(reinstated !== undefined && { reinstated: { ...reinstated, reason: ERASED } }),
    unlike,
  };
}

/** Whether a statement, as of some version, holds its words no longer. */
export function isRedacted(statement: Statement): boolean {
  return statement.unlike !== undefined;
}

/** What of an event bears conditions: by which key, and in which words. */
function conditionsIn(event: Occurred<StatementFact>): [key: string, condition: string][] {
  const { version } = event;
  if (event.type === "ConditionMet") return [[String(version), event.data.condition]];
  // What was erased has none; nobody erases it twice.
  const read = "assessments" in event.data ? (event.data.assessments ?? []) : [];
  return read.flatMap(({ condition }, index): [string, string][] =>
    condition === undefined ? [] : [[`${version}.${index}`, condition]],
  );
}

/** Numbers the conditions of a stream's events in the order in which their words first appear. */
export function conditionNumbers(events: readonly Occurred<StatementFact>[]): ConditionNumbers {
  const texts = new Map<string, number>();
  const numbers: ConditionNumbers = {};
  for (const [key, condition] of events.flatMap(conditionsIn)) {
    const number = texts.get(condition) ?? texts.size + 1;
    texts.set(condition, number);
    numbers[key] = number;
  }
  return numbers;
}

/** The refusal of everything that is asked of an erased statement. */
export function erasedError({ id, erased }: Pick<Statement, "id"> & { erased: Tombstone }): LedgerError {
  const message = `statement ${id} was erased on ${erased.at}: ${erased.reason}`;
  return new LedgerError("statement_erased", message, { details: { statement: id, erased } });
}
