import { countingAssessments, waitingAssessments } from "./counting.ts";
import { standingReports, type Assessment, type Statement } from "./state.ts";

/** Whether a statement counts, and why not. `unreported`: every report of it was withdrawn. */
export const STATEMENT_STATUSES = ["standing", "unreported", "withdrawn", "merged"] as const;
export type StatementStatus = (typeof STATEMENT_STATUSES)[number];

/** `corroboration` counts the publishers behind it also by reports that merges brought; without it its own decide. */
export function statementStatus(statement: Statement, corroboration?: number): StatementStatus {
  if (statement.withdrawn !== undefined) return "withdrawn";
  if (statement.merged !== undefined) return "merged";
  return standingReports(statement).length === 0 && (corroboration ?? 0) === 0 ? "unreported" : "standing";
}

/** How the statement is read at present, one assessment a proposition: the one that counts, else the one that waits. */
export function readingsOf(statement: Statement): Assessment[] {
  return [...countingAssessments(statement).values(), ...waitingAssessments(statement)];
}
