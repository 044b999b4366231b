import type { ActorState } from "@on-record/core/domain/actor";
import type { PropositionState } from "@on-record/core/domain/proposition";
import { countingAssessments } from "@on-record/core/domain/statement/counting";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { actorOf, isDirect, standingReports, type Statement } from "@on-record/core/domain/statement/state";

/** Whether a statement counts, and why not. `unreported`: every report of it was withdrawn. */
export type StatementStatus = "standing" | "unreported" | "withdrawn" | "merged";

export function statusOf(statement: Statement): StatementStatus {
  if (statement.withdrawn !== undefined) return "withdrawn";
  if (statement.merged !== undefined) return "merged";
  return standingReports(statement).length === 0 ? "unreported" : "standing";
}

/** A statement as the API shows it: what its stream holds, and what follows from that for a reader. */
export function presentStatement(statement: Statement): object {
  const { id, version, ...facts } = statement;
  const status = statusOf(statement);
  const reports = standingReports(statement);
  return {
    id,
    version,
    status,
    disputed: statement.disputes.length > 0,
    actor: actorOf(statement),
    direct: isDirect(statement),
    ...facts,
    // Corroboration: publishers of standing reports, not posts.
    publishersCount: new Set(reports.map(({ publisher }) => publisherKey(publisher))).size,
    // Ids of the assessments that count, one a proposition; none while the statement itself does not.
    countingAssessments: status === "standing" ? [...countingAssessments(statement).values()].map(({ id }) => id) : [],
  };
}

export function presentActor(state: NonNullable<ActorState>, version: number): object {
  const { actor: id, ...profile } = state;
  return { id, version, ...profile };
}

export function presentProposition(state: NonNullable<PropositionState>, version: number): object {
  const { proposition: id, ...profile } = state;
  return { id, version, ...profile };
}
