import type { PositionId } from "../domain/position/entry.ts";
import { sameJson } from "../domain/same-json.ts";
import type { ViewEraser, ViewRow, ViewStore } from "../log/ports.ts";
import { bodyOf } from "../projections/body.ts";
import { buildName, rowsOf, type BuildRows } from "../projections/builds.ts";
import type { DerivedEvent } from "../projections/positions/derived.ts";
import { entryRowsOf } from "../projections/positions/entries.ts";
import {
  bearsCondition,
  unpackEntry,
  type EntryRow,
  type GoneRow,
  type PackedRow,
} from "../projections/positions/entry-form.ts";
import { redactDerived, redactEntry, redactStatement, type Erasure } from "../projections/positions/erasing.ts";
import { derivedPk, POSITIONS, statementPk } from "../projections/positions/rows.ts";
import type { StatementRow } from "../projections/positions/statements.ts";
import { positionsOf } from "../projections/positions/unlike.ts";
import { sequenceIn, sequenceKey } from "../projections/projection.ts";

/** Sorts behind everything that begins like what it is appended to. */
const BEHIND = "~";

/** Rows as they are to be, of those that are not so yet. */
function altered(rows: readonly ViewRow[], again: (row: ViewRow) => object): ViewRow[] {
  return rows.flatMap((row) => {
    const body = again(row);
    return sameJson(row.body, body) ? [] : [{ ...row, body }];
  });
}

/** What an event made of a position, and had announced, where it tells of the statement. */
async function derivedRows(
  rows: BuildRows,
  position: PositionId,
  { sequence, entries }: { sequence: number; entries: readonly EntryRow[] },
  erasure: Erasure,
): Promise<ViewRow[]> {
  const from = sequenceKey(sequence);
  const all = await rows.query(derivedPk(sequence), { from, to: `${from}${BEHIND}` });
  const own = all.filter((row) => {
    const { actor, proposition } = bodyOf<DerivedEvent>(row);
    return actor === position.actor && proposition === position.proposition;
  });
  return altered(own, (row) => redactDerived(bodyOf<DerivedEvent>(row), entries, erasure));
}

/** The rows of a position that hold words of the statement, as they are to be. */
async function positionRows(rows: BuildRows, position: PositionId, erasure: Erasure): Promise<ViewRow[]> {
  const { statement } = erasure;
  const telling: ViewRow[] = [];
  const bySequence = new Map<number, EntryRow[]>();
  for await (const row of entryRowsOf(rows, position)) {
    const entry = unpackEntry(row.sk, bodyOf<PackedRow | GoneRow>(row));
    if (entry === null || (entry.entry.statement !== statement && !bearsCondition(entry, statement))) continue;
    telling.push(row);
    const sequence = sequenceIn(row.sk);
    bySequence.set(sequence, [...(bySequence.get(sequence) ?? []), entry]);
  }
  const derived: ViewRow[] = [];
  for (const [sequence, entries] of bySequence) {
    derived.push(...(await derivedRows(rows, position, { sequence, entries }, erasure)));
  }
  return [...derived, ...altered(telling, (row) => redactEntry(bodyOf<PackedRow | GoneRow>(row), erasure))];
}

/** All builds of the positions that may have rows: the first, those that were or are shown, and those begun since. */
async function* buildsOf(views: Pick<ViewStore, "checkpoint">): AsyncGenerator<number | undefined> {
  const { build: shown = 0 } = await views.checkpoint(POSITIONS);
  yield undefined;
  for (let build = 1; ; build += 1) {
    yield build;
    if (build > shown && (await views.checkpoint(buildName(POSITIONS, build))).next === 0) return;
  }
}

/**
 * Takes the words of a statement out of the read models: each row comes to be as a replay of what erasure left of the
 * events makes it. Of every build: one that is shown no more still has them, and one that is being made may have read
 * them already. Gives how many rows it rewrote.
 */
export async function eraseRows(views: ViewStore, eraser: ViewEraser, erasure: Erasure): Promise<number> {
  const store: BuildRows = {
    get: (pk, sk) => views.get(pk, sk),
    query: (pk, range) => views.query(pk, range),
    put: (rows) => eraser.rewrite(rows),
  };
  let rewritten = 0;
  for await (const build of buildsOf(views)) {
    const rows = rowsOf(store, POSITIONS, build);
    const write = async (some: readonly ViewRow[]) => {
      if (some.length > 0) await rows.put(some);
      rewritten += some.length;
    };
    const versions = await rows.query(statementPk(erasure.statement), {});
    const statements = versions.map((row) => bodyOf<StatementRow>(row).statement);
    for (const position of positionsOf(statements)) await write(await positionRows(rows, position, erasure));
    await write(altered(versions, (row) => redactStatement(bodyOf<StatementRow>(row), erasure)));
  }
  return rewritten;
}

/** Whether every build that is being made has come past an event: from there on none brings back what was before it. */
export async function haveAllPassed(views: Pick<ViewStore, "checkpoint">, sequence: number): Promise<boolean> {
  for await (const build of buildsOf(views)) {
    if (build === undefined) continue;
    const { next } = await views.checkpoint(buildName(POSITIONS, build));
    if (next > 0 && next <= sequence) return false;
  }
  return true;
}
