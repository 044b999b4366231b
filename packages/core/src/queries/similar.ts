import type { ActorId, StatementId } from "../domain/ids.ts";
import { actorOf, type Statement } from "../domain/statement/state.ts";
import { instantOf, type SaidAt } from "../domain/time.ts";
import { LIMITS } from "../limits.ts";
import type { ViewStore } from "../log/ports.ts";
import { POSITIONS, statementPk } from "../projections/positions/rows.ts";
import type { StatementRow } from "../projections/positions/statements.ts";
import { entriesOfPosition } from "../projections/positions/timeline.ts";
import { newestVersion } from "./moment.ts";

/** A statement that may be the same utterance, reported by another outlet: for an editor to compare and merge. */
export interface SimilarStatement {
  id: StatementId;
  speaker: ActorId;
  onBehalfOf?: ActorId | undefined;
  saidAt: SaidAt;
  text: string;
}

async function idsNear(views: ViewStore, statement: Statement, next: number): Promise<StatementId[]> {
  const window = LIMITS.similarWindowMs;
  const range = {
    from: instantOf(Date.parse(statement.saidAt.from) - window),
    through: instantOf(Date.parse(statement.saidAt.until) + window),
  };
  const found = new Set<StatementId>();
  for (const { proposition } of statement.assessments) {
    const position = { actor: actorOf(statement), proposition };
    for await (const { entry } of entriesOfPosition(views, position, range, (sequence) => sequence < next)) {
      if (entry.statement === statement.id || entry.speaker !== statement.speaker) continue;
      found.add(entry.statement);
      if (found.size === LIMITS.similarCount) return [...found];
    }
  }
  return [...found];
}

/**
 * Statements by the same speaker for the same actor, on a proposition that this one takes a stance on, said
 * within a day of it. As far as the view has come: a statement of the last moments may be missing.
 */
export async function findSimilar(views: ViewStore, statement: Statement): Promise<SimilarStatement[]> {
  const { next } = await views.checkpoint(POSITIONS);
  const ids = await idsNear(views, statement, next);
  const rows = await Promise.all(ids.map((id) => newestVersion(views, statementPk(id), (sequence) => sequence < next)));
  return rows.flatMap((row) => {
    if (row === null) return [];
    const { id, speaker, onBehalfOf, saidAt, text } = (row.body as StatementRow & typeof row.body).statement;
    return [{ id, speaker, ...(onBehalfOf !== undefined && { onBehalfOf }), saidAt, text }];
  });
}
