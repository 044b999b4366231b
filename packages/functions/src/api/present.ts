import type { ActorState } from "@on-record/core/domain/actor";
import type { PropositionState } from "@on-record/core/domain/proposition";
import { countingAssessments } from "@on-record/core/domain/statement/counting";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { actorOf, isDirect, standingReports, type Statement } from "@on-record/core/domain/statement/state";
import { statementStatus } from "@on-record/core/domain/statement/status";

/**
 * A statement as the API shows it: what its stream holds, and what follows from that for a reader. Where it is
 * known, `corroboration` tells whether any report stands, also of those that merges brought.
 */
export function presentStatement(statement: Statement, corroboration?: number) {
  const { id, version, erased: _erased, unlike: _unlike, ...facts } = statement;
  const status = statementStatus(statement, corroboration);
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
