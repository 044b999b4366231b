import type { StatementId } from "@on-record/core/domain/ids";
import type { StatementCommand } from "@on-record/core/domain/statement/decide";
import type { StatementEventOf } from "@on-record/core/domain/statement/events";
import type { Stance } from "@on-record/core/domain/stance";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { assessment, EDITOR, recorded, report, TRUMP } from "../fixtures/statements.ts";
import type { MemoryLedger } from "./memory-ledger.ts";

export const TOLD_LATEST = "2026-12-31T00:00:00.000Z";

type Recorded = StatementEventOf<"StatementRecorded">["data"];

/** Records that a statement was made at a time and what it says of the troops; the positions are then up to it. */
export async function tell(
  ledger: MemoryLedger,
  statement: StatementId,
  at: string,
  stance: Stance,
  more: Partial<Recorded> & { condition?: string } = {},
): Promise<void> {
  await ledger.run(statement, telling(statement, at, stance, more));
}

/** The command behind `tell`. */
export function telling(
  statement: StatementId,
  at: string,
  stance: Stance,
  { condition, ...more }: Partial<Recorded> & { condition?: string } = {},
): StatementCommand {
  const assessments = [assessment({ stance, ...(condition !== undefined && { condition }) })];
  const fields = { statement, speaker: TRUMP, saidAt: saidAtFrom(at), report: report("a"), assessments, ...more };
  return { type: "RecordStatement", by: EDITOR, latest: TOLD_LATEST, data: recorded(fields).data };
}
