import type { StatementId } from "../../domain/ids.ts";
import { positionOf, type PositionId } from "../../domain/position/entry.ts";
import { assessmentName } from "../../domain/position/fold.ts";
import type { Redaction } from "../../domain/statement/erasure.ts";
import type { Statement } from "../../domain/statement/state.ts";
import type { LogEntry } from "../../log/envelope.ts";
import { LIMITS } from "../../limits.ts";
import { bodyOf } from "../body.ts";
import { horizonBefore } from "../moments.ts";
import { sequenceIn, type ViewReader } from "../projection.ts";
import { entryRowsOf } from "./entries.ts";
import { unpackEntry, type GoneRow, type PackedRow } from "./entry-form.ts";
import { positionPk, statementPk } from "./rows.ts";
import type { StatementRow } from "./statements.ts";

/** A condition of another statement, by the name of the assessment that it is of. */
interface Other {
  name: string;
  condition: string;
}

/** The positions that versions of a statement ever bore on, each once. */
export function positionsOf(versions: readonly Statement[]): PositionId[] {
  const found = versions.flatMap((statement) =>
    statement.assessments.map(({ proposition }) => positionOf(statement, proposition)),
  );
  return [...new Map(found.map((position) => [positionPk(position), position])).values()];
}

/** The conditions that others ever had on a position, of what was recorded before; erased ones are nobody's any more. */
async function othersOn(
  views: ViewReader,
  position: PositionId,
  statement: StatementId,
  before: number,
): Promise<Other[]> {
  const others = new Map<string, Other & { statement: StatementId }>();
  const erased = new Set<StatementId>();
  for await (const row of entryRowsOf(views, position)) {
    if (sequenceIn(row.sk) >= before) continue;
    const entry = unpackEntry(row.sk, bodyOf<PackedRow | GoneRow>(row))?.entry;
    if (entry?.condition === undefined || entry.statement === statement) continue;
    if (entry.unlike !== undefined) erased.add(entry.statement);
    const name = assessmentName(entry);
    others.set(name, { name, condition: entry.condition, statement: entry.statement });
  }
  return [...others.values()].filter((other) => !erased.has(other.statement));
}

/**
 * Of each assessment of a statement that ever had a condition, the assessments of others on its positions that had
 * another one, as of just before an event: what is to be known of the conditions once their words are gone. It says
 * what they were not, and so not what they were. Bounded for all of them together, as it goes with each event and row.
 */
export async function unlikeOf(
  views: ViewReader,
  statement: StatementId,
  entry: Pick<LogEntry, "sequence" | "recordedAt">,
): Promise<Redaction["unlike"]> {
  const rows = await views.query(statementPk(statement), { to: horizonBefore(entry) });
  const versions = rows.map((row) => bodyOf<StatementRow>(row).statement);
  const conditional = new Map(
    versions.flatMap(({ assessments }) =>
      assessments.flatMap(({ id, proposition, condition }) =>
        condition === undefined ? [] : [[id, { proposition, condition }] as const],
      ),
    ),
  );
  const propositions = new Set([...conditional.values()].map(({ proposition }) => proposition));
  const others = new Map<string, Other[]>();
  for (const position of positionsOf(versions)) {
    const { proposition } = position;
    if (!propositions.has(proposition)) continue;
    const found = await othersOn(views, position, statement, entry.sequence);
    others.set(proposition, [...(others.get(proposition) ?? []), ...found]);
  }
  const room = Math.floor(LIMITS.unlikeConditionsCount / Math.max(conditional.size, 1));
  const differing = ({ proposition, condition }: { proposition: string; condition: string }) => {
    const unlike = (others.get(proposition) ?? []).filter((other) => other.condition !== condition);
    const names = [...new Set(unlike.map(({ name }) => name))].toSorted();
    return names.slice(0, room);
  };
  const found = [...conditional].map(([id, condition]) => [id, differing(condition)] as const);
  return Object.fromEntries(found.filter(([, names]) => names.length > 0));
}
