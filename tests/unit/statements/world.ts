import type { StatementId } from "@on-record/core/domain/ids";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { actorOf, standingReports } from "@on-record/core/domain/statement/state";
import { readingsOf, statementStatus } from "@on-record/core/domain/statement/status";
import type { ViewStore } from "@on-record/core/log/ports";
import { POSITIONS, statementPk } from "@on-record/core/projections/positions/rows";
import type { StatementRow } from "@on-record/core/projections/positions/statements";
import { catchUp } from "@on-record/core/projections/run";
import { statementsIn } from "@on-record/core/projections/statements";
import type { Shape } from "@on-record/core/projections/statements/rows";
import { bodyOf } from "@on-record/core/projections/body";
import type { StatementFilter, StatementSort } from "@on-record/core/queries/statements/filter";
import type { AskedMoment } from "@on-record/core/queries/moment";
import { listStatements, listStatementsAt, type ListedStatement } from "@on-record/core/queries/statements/list";
import { type MemoryLedger, wholeLog } from "../../helpers/memory-ledger.ts";

/** So small that histories of a few events fill leaves and blocks, and some lists are dense. */
export const SMALL: Shape = { leafEvents: 3, blockLeaves: 2, denseCount: 2 };

/** Brings the index of statements up to the log's end, as far as whole leaves go. */
export function index(ledger: MemoryLedger, shape: Shape = SMALL, views: ViewStore = ledger.views): Promise<number> {
  return catchUp(statementsIn(shape), { log: ledger.log, streams: ledger.streams, views });
}

/** Every statement that the positions know of, by a look at each. */
export async function everyStatement(ledger: MemoryLedger): Promise<ListedStatement[]> {
  const { next } = await ledger.views.checkpoint(POSITIONS);
  const found: ListedStatement[] = [];
  for (const { entry, event } of await wholeLog(ledger.log, ledger.streams)) {
    if (event.type !== "StatementRecorded" || entry.sequence >= next) continue;
    const row = ledger.views.under(statementPk(event.data.statement)).at(-1);
    if (row === undefined) throw new Error("a statement has a row");
    const { statement, holds, corroboration } = bodyOf<StatementRow>(row);
    const { sequence, recordedAt, recordedBy } = entry;
    found.push({ statement, holds, corroboration, sequence, recordedAt, recordedBy });
  }
  return found;
}

/** The plain way that every list must agree with. */
export function filtered(all: readonly ListedStatement[], filter: StatementFilter, sort: StatementSort): StatementId[] {
  const asked = all.filter(({ statement, corroboration, recordedAt, recordedBy }) => {
    const readings = readingsOf(statement);
    const publishers = standingReports(statement).map(({ publisher }) => publisherKey(publisher));
    const checks: [unknown, boolean][] = [
      [filter.actor, actorOf(statement) === filter.actor],
      [filter.speaker, statement.speaker === filter.speaker],
      [filter.recordedBy, recordedBy === filter.recordedBy],
      [filter.status, statementStatus(statement, corroboration) === filter.status],
      [filter.publisher, publishers.includes(publisherKey(filter.publisher ?? ""))],
      [filter.saidFrom, statement.saidAt.from >= (filter.saidFrom ?? "")],
      [filter.saidTo, statement.saidAt.from <= (filter.saidTo ?? "")],
      [filter.recordedFrom, recordedAt >= (filter.recordedFrom ?? "")],
      [filter.recordedTo, recordedAt <= (filter.recordedTo ?? "")],
      [
        filter.proposition ?? filter.stance,
        readings.some(
          ({ proposition, stance }) =>
            (filter.proposition ?? proposition) === proposition && (filter.stance ?? stance) === stance,
        ),
      ],
    ];
    return checks.every(([wanted, holds]) => wanted === undefined || holds);
  });
  const order = sort.startsWith("-") ? -1 : 1;
  const keyOf = ({ statement, sequence }: ListedStatement) =>
    `${sort.endsWith("saidAt") ? statement.saidAt.from : ""}${String(sequence).padStart(12, "0")}`;
  return asked.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -order : order)).map(({ statement }) => statement.id);
}

/** How pages are cut; and at which moment the list is asked for, when not now. */
interface PagedAs {
  sort: StatementSort;
  limit: number;
  shape?: Shape;
  asked?: AskedMoment;
}

/** All pages of a list, one behind the other; `between` is done after each. */
export async function paged(
  ledger: MemoryLedger,
  filter: StatementFilter,
  { sort, limit, shape = SMALL, asked }: PagedAs,
  between: () => Promise<void> = async () => {},
): Promise<ListedStatement[]> {
  const items: ListedStatement[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 500; pages += 1) {
    const paging = { sort, limit, after };
    const page = asked
      ? (await listStatementsAt(ledger, filter, asked, paging, shape)).value
      : await listStatements(ledger, filter, paging, shape);
    if (page.items.length > limit) throw new Error("a page is longer than its limit");
    items.push(...page.items);
    if (page.next === undefined) return items;
    after = page.next;
    await between();
  }
  throw new Error("the pages do not end");
}
