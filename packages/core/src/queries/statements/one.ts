import type { StatementId } from "../../domain/ids.ts";
import { standingReports, type HeldReport } from "../../domain/statement/state.ts";
import { LIMITS } from "../../limits.ts";
import type { ViewStore } from "../../log/ports.ts";
import { openView } from "../../projections/builds.ts";
import { bodyOf } from "../../projections/body.ts";
import { POSITIONS, statementPk } from "../../projections/positions/rows.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import { horizonAt, newestVersion, newestVersions, type Horizon } from "../../projections/moments.ts";
import { throughOf, type Through } from "../moment.ts";

/** What the view knows of a statement that its own stream does not tell. */
export interface SeenStatement extends Pick<StatementRow, "holds" | "corroboration"> {
  /** The version of its stream that the view has come to. */
  version: number;
  /** Whether another statement's event was the last to bear on it. */
  byOthers: boolean;
  /** Standing reports of the statements merged into it, and of those merged into these. */
  heldReports: ({ statement: StatementId } & HeldReport)[];
}

async function heldBy(
  rows: Pick<ViewStore, "query">,
  holds: readonly StatementId[],
  horizon: Horizon,
): Promise<SeenStatement["heldReports"]> {
  const reports: SeenStatement["heldReports"] = [];
  const waiting = new Set(holds);
  for (const id of waiting) {
    if (reports.length >= LIMITS.pageItemsCount) break;
    const version = await newestVersion(rows, statementPk(id), horizon);
    if (version === null) continue;
    const row = bodyOf<StatementRow>(version);
    reports.push(...standingReports(row.statement).map((report) => ({ statement: id, ...report })));
    for (const held of row.holds) waiting.add(held);
  }
  return reports.slice(0, LIMITS.pageItemsCount);
}

/** A statement as the view has it; `null` before its recording has come there. */
export async function seeStatement(
  views: ViewStore,
  id: StatementId,
): Promise<{ seen: SeenStatement | null; through: Through }> {
  const { place, rows } = await openView(views, POSITIONS);
  const through = throughOf(place);
  const horizon = horizonAt(through);
  const [version, before] = await newestVersions(rows, { pk: statementPk(id) }, horizon, 2);
  if (version === undefined) return { seen: null, through };
  const { statement, holds, corroboration } = bodyOf<StatementRow>(version);
  const heldReports = await heldBy(rows, holds, horizon);
  const byOthers = before !== undefined && bodyOf<StatementRow>(before).statement.version === statement.version;
  const seen = { version: statement.version, holds, corroboration, byOthers, heldReports };
  return { seen, through };
}
