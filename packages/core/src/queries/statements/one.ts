import type { StatementId } from "../../domain/ids.ts";
import { standingReports, type HeldReport } from "../../domain/statement/state.ts";
import { LIMITS } from "../../limits.ts";
import type { ViewRow, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../../projections/body.ts";
import { POSITIONS, statementPk } from "../../projections/positions/rows.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import { sequenceIn } from "../../projections/projection.ts";
import { newestVersion, throughOf, type Through } from "../moment.ts";

/** What the view knows of a statement that its own stream does not tell. */
export interface SeenStatement extends Pick<StatementRow, "holds" | "corroboration"> {
  /** The version of its stream that the view has come to. */
  version: number;
  /** Whether another statement's event was the last to bear on it. */
  byOthers: boolean;
  /** Standing reports of the statements merged into it, and of those merged into these. */
  heldReports: ({ statement: StatementId } & HeldReport)[];
}

/** A statement's newest version below a sequence number. */
function versionBelow(views: ViewStore, id: StatementId, next: number): Promise<ViewRow | null> {
  return newestVersion(views, statementPk(id), (sequence) => sequence < next);
}

async function heldBy(
  views: ViewStore,
  holds: readonly StatementId[],
  next: number,
): Promise<SeenStatement["heldReports"]> {
  const reports: SeenStatement["heldReports"] = [];
  const waiting = new Set(holds);
  for (const id of waiting) {
    if (reports.length >= LIMITS.pageItemsCount) break;
    const version = await versionBelow(views, id, next);
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
  const place = await views.checkpoint(POSITIONS);
  const version = await versionBelow(views, id, place.next);
  if (version === null) return { seen: null, through: throughOf(place) };
  const { statement, holds, corroboration } = bodyOf<StatementRow>(version);
  const before = await versionBelow(views, id, sequenceIn(version.sk));
  const heldReports = await heldBy(views, holds, place.next);
  const byOthers = before !== null && bodyOf<StatementRow>(before).statement.version === statement.version;
  const seen = { version: statement.version, holds, corroboration, byOthers, heldReports };
  return { seen, through: throughOf(place) };
}
