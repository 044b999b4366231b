import type { StatementId } from "../../domain/ids.ts";
import { isRedacted } from "../../domain/statement/erasure.ts";
import { standingReports, type HeldReport } from "../../domain/statement/state.ts";
import { LIMITS } from "../../limits.ts";
import type { ViewStore } from "../../log/ports.ts";
import { openView } from "../../projections/builds.ts";
import { bodyOf } from "../../projections/body.ts";
import { POSITIONS, statementPk } from "../../projections/positions/rows.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import { newestVersion, newestVersions, type Horizon } from "../../projections/moments.ts";
import { answered, horizonOf, momentFrom, type Answered, type AskedMoment } from "../moment.ts";

/** A statement as a view has it, with what its own stream does not tell. */
export interface SeenStatement extends Pick<StatementRow, "statement" | "holds" | "corroboration"> {
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
    // Of an erased one nothing is left to show but that its publishers are counted.
    if (!isRedacted(row.statement))
      reports.push(...standingReports(row.statement).map((report) => ({ statement: id, ...report })));
    for (const held of row.holds) waiting.add(held);
  }
  return reports.slice(0, LIMITS.pageItemsCount);
}

/** A statement as the view has it, or had it at a moment; `null` where its recording had not come there. */
export async function seeStatement(
  views: ViewStore,
  id: StatementId,
  asked: AskedMoment,
): Promise<Answered<SeenStatement | null>> {
  const { place, rows } = await openView(views, POSITIONS);
  const moment = momentFrom(asked, place);
  const horizon = horizonOf(place, moment);
  const [version, before] = await newestVersions(rows, { pk: statementPk(id) }, horizon, 2);
  if (version === undefined) return answered(null, moment, place);
  const { statement, holds, corroboration } = bodyOf<StatementRow>(version);
  const heldReports = await heldBy(rows, holds, horizon);
  const byOthers = before !== undefined && bodyOf<StatementRow>(before).statement.version === statement.version;
  return answered({ statement, holds, corroboration, byOthers, heldReports }, moment, place);
}
