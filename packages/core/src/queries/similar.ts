import type { ActorId, PropositionId, StatementId } from "../domain/ids.ts";
import type { Entry } from "../domain/position/entry.ts";
import { isRedacted } from "../domain/statement/erasure.ts";
import { actorOf, type Statement } from "../domain/statement/state.ts";
import { instantOf, type Instant, type SaidAt } from "../domain/time.ts";
import { LIMITS } from "../limits.ts";
import type { ViewStore } from "../log/ports.ts";
import { POSITIONS, statementPk } from "../projections/positions/rows.ts";
import type { StatementRow } from "../projections/positions/statements.ts";
import { entriesBetween } from "../projections/positions/entries.ts";
import { bodyOf } from "../projections/body.ts";
import { openView } from "../projections/builds.ts";
import { horizonAt, newestVersion } from "../projections/moments.ts";
import { throughOf } from "./moment.ts";

/** A statement that may be the same utterance, reported by another outlet: for an editor to compare and merge. */
export interface SimilarStatement {
  id: StatementId;
  speaker: ActorId;
  onBehalfOf?: ActorId | undefined;
  saidAt: SaidAt;
  text: string;
}

/** No span of time is longer: a day, with the largest shifts of zones. What began so long before may reach near. */
const LONGEST_SPAN_MS = 48 * 3_600_000;
/** Nobody says more on one proposition within days; a machine that does costs no more than this. */
const SCANNED_COUNT = 200;

type Span = Pick<Entry, "from" | "until">;

/** Milliseconds between two spans, 0 where they overlap; and between their beginnings, to tell those apart. */
function distance(a: Span, b: Span): [number, number] {
  const between = (from: Instant, until: Instant) => Date.parse(until) - Date.parse(from);
  return [Math.max(0, between(a.until, b.from), between(b.until, a.from)), Math.abs(between(a.from, b.from))];
}

/** The nearest in time come first. */
async function idsNear(shown: Pick<ViewStore, "query">, statement: Statement, next: number): Promise<StatementId[]> {
  const { saidAt } = statement;
  const range = {
    from: instantOf(Date.parse(saidAt.from) - LIMITS.similarWindowMs - LONGEST_SPAN_MS),
    through: instantOf(Date.parse(saidAt.until) + LIMITS.similarWindowMs),
  };
  const near = async (proposition: PropositionId) => {
    const position = { actor: actorOf(statement), proposition };
    const found: [StatementId, [number, number]][] = [];
    let scanned = 0;
    for await (const { entry } of entriesBetween(shown, position, range, next)) {
      scanned += 1;
      if (scanned > SCANNED_COUNT) break;
      if (entry.kind !== "words" || entry.statement === statement.id || entry.speaker !== statement.speaker) continue;
      const apart = distance(saidAt, entry);
      if (apart[0] <= LIMITS.similarWindowMs) found.push([entry.statement, apart]);
    }
    return found;
  };
  // All at once: the caller waits for it.
  const found = await Promise.all(statement.assessments.map(({ proposition }) => near(proposition)));
  const nearest = [...new Map(found.flat())].toSorted(([, a], [, b]) => a[0] - b[0] || a[1] - b[1]);
  return nearest.slice(0, LIMITS.similarCount).map(([id]) => id);
}

/**
 * Statements by the same speaker for the same actor, on a proposition that this one takes a stance on, said
 * within a day of it, the nearest first. As far as the view has come: a statement of the last moments may be missing.
 */
export async function findSimilar(views: ViewStore, statement: Statement): Promise<SimilarStatement[]> {
  const { place, rows: shown } = await openView(views, POSITIONS);
  const ids = await idsNear(shown, statement, place.next);
  const horizon = horizonAt(throughOf(place));
  const rows = await Promise.all(ids.map((id) => newestVersion(shown, statementPk(id), horizon)));
  return rows.flatMap((row) => {
    const statement = row && bodyOf<StatementRow>(row).statement;
    if (statement === null || isRedacted(statement)) return [];
    const { id, speaker, onBehalfOf, saidAt, text } = statement;
    return [{ id, speaker, ...(onBehalfOf !== undefined && { onBehalfOf }), saidAt, text }];
  });
}
