import { entriesOf, positionOf, type Entry, type PositionId } from "../domain/position/entry.ts";
import type { ViewRow } from "../log/ports.ts";
import type { Difference } from "./positions/refold.ts";
import { PAGE_ITEMS } from "./positions/pages.ts";
import { factType } from "../domain/statement/erased-event.ts";
import { erasedReader } from "./positions/erasing.ts";
import { isOfStatement, settleStatements, type StatementChange, type StatementRow } from "./positions/statements.ts";
import { positionRows } from "./positions/write.ts";
import type { LoggedEvent, Projection, ViewReader } from "./projection.ts";

function contributions(row: StatementRow | null): { position: PositionId; entry: Entry }[] {
  if (row === null || !row.stands) return [];
  return [...entriesOf(row.statement, row.sequence)].flatMap(([proposition, entries]) =>
    entries.map((entry) => ({ position: positionOf(row.statement, proposition), entry })),
  );
}

/** What the event takes from and brings to each position, in a fixed order. */
function differences(changes: readonly StatementChange[]): Difference[] {
  const found = new Map<string, { position: PositionId; removed: Entry[]; added: Entry[] }>();
  const at = (position: PositionId) => {
    const key = `${position.actor}|${position.proposition}`;
    const difference = found.get(key) ?? { position, removed: [], added: [] };
    found.set(key, difference);
    return difference;
  };
  for (const { before, after } of changes) {
    for (const { position, entry } of contributions(before)) at(position).removed.push(entry);
    for (const { position, entry } of contributions(after)) at(position).added.push(entry);
  }
  return [...found]
    .filter(([, { removed, added }]) => JSON.stringify(removed) !== JSON.stringify(added))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, difference]) => difference);
}

/** The positions with timelines in pages of so many entries. */
export function positionsInPagesOf(pageItems: number): Projection {
  return {
    name: "positions",
    revision: 3,
    async apply({ entry, event }: LoggedEvent, views: ViewReader): Promise<ViewRow[]> {
      if (!isOfStatement(event)) return [];
      const { statement, rows, changes, erasure } = await settleStatements({ entry, event }, views);
      const { sequence, recordedAt } = entry;
      const trigger = { type: factType(event), sequence, recordedAt, statement };
      const read = erasure === null ? views : erasedReader(views, erasure);
      let ordinal = 0;
      for (const difference of differences(changes)) {
        const position = await positionRows(difference, trigger, { ordinal, pageItems }, read);
        ordinal += position.announced;
        rows.push(...position.rows);
      }
      return rows;
    },
  };
}

/** Where every actor stands on every proposition, on both time axes, and what of it was announced. */
export const positions: Projection = positionsInPagesOf(PAGE_ITEMS);
