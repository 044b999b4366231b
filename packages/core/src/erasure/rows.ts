import type { StatementId } from "../domain/ids.ts";
import type { PositionId } from "../domain/position/entry.ts";
import { sameJson } from "../domain/same-json.ts";
import { mapBounded } from "../log/bounded.ts";
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

/** What the entries of a position say of a statement, and of when derived events may. */
interface Found {
  /** The rows with words of the statement. */
  telling: ViewRow[];
  /** The entries in them, by the event that made them. */
  made: Map<number, EntryRow[]>;
  /** Since when which reading of the statement contradicted the actor, oldest first. */
  contested: { sequence: number; assessment: string }[];
  /** Every event that altered the position. */
  sequences: Set<number>;
}

async function findIn(rows: BuildRows, position: PositionId, statement: StatementId): Promise<Found> {
  const found: Found = { telling: [], made: new Map(), contested: [], sequences: new Set() };
  for await (const row of entryRowsOf(rows, position)) {
    const sequence = sequenceIn(row.sk);
    found.sequences.add(sequence);
    const entry = unpackEntry(row.sk, bodyOf<PackedRow | GoneRow>(row));
    if (entry === null || (entry.entry.statement !== statement && !bearsCondition(entry, statement))) continue;
    found.telling.push(row);
    found.made.set(sequence, [...(found.made.get(sequence) ?? []), entry]);
    const { outcome, entry: own } = entry;
    if (own.statement !== statement || own.condition === undefined || outcome.kind !== "contested") continue;
    found.contested.push({ sequence, assessment: own.assessment });
  }
  found.contested.sort((a, b) => a.sequence - b.sequence);
  return found;
}

/** The events by which something may have been announced with the statement's words. */
function announcing({ made, contested, sequences }: Found): number[] {
  const [first] = contested;
  if (first === undefined) return [...made.keys()];
  // A contest that was over is announced anew when what ended it is gone: then no entry is altered that tells of it.
  return [...new Set([...made.keys(), ...[...sequences].filter((sequence) => sequence >= first.sequence)])];
}

/** What was announced of a position with words of the statement, as it is to be. */
async function derivedRows(rows: BuildRows, position: PositionId, found: Found, erasure: Erasure): Promise<ViewRow[]> {
  const some = await mapBounded(announcing(found), async (sequence) => {
    const from = sequenceKey(sequence);
    const all = await rows.query(derivedPk(sequence), { from, to: `${from}${BEHIND}` });
    const own = all.filter((row) => {
      const { actor, proposition } = bodyOf<DerivedEvent>(row);
      return actor === position.actor && proposition === position.proposition;
    });
    const contested = found.contested.findLast((each) => each.sequence <= sequence)?.assessment;
    const telling = { made: found.made.get(sequence) ?? [], contested };
    return altered(own, (row) => redactDerived(bodyOf<DerivedEvent>(row), telling, erasure));
  });
  return some.flat();
}

/** The rows of a position that hold words of the statement, as they are to be. */
async function positionRows(rows: BuildRows, position: PositionId, erasure: Erasure): Promise<ViewRow[]> {
  const found = await findIn(rows, position, erasure.statement);
  const derived = await derivedRows(rows, position, found, erasure);
  return [...derived, ...altered(found.telling, (row) => redactEntry(bodyOf<PackedRow | GoneRow>(row), erasure))];
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
