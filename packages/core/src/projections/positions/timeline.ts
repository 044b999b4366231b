import type { Entry, PositionId } from "../../domain/position/entry.ts";
import type { FoldState, Outcome } from "../../domain/position/fold.ts";
import type { Instant } from "../../domain/time.ts";
import type { ViewRow, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { sequenceIn } from "../projection.ts";
import { entriesFrom, entriesThrough, entryKeyIn, positionPk } from "./rows.ts";

/** What is remembered of an announcement: to withdraw it by its id when the record moves. */
export interface Announced {
  id: string;
  number: number;
}

/** A version of one entry of a position: how it stood in the fold, from a sequence number on. */
export interface EntryRow {
  recordedAt: Instant;
  entry: Entry;
  outcome: Outcome;
  /** The fold's state after this entry. */
  state: FoldState;
  announced?: Announced;
  /** The review item that it opened. */
  review?: string;
}

/** From this sequence number on the entry is no longer part of the position. */
interface GoneRow {
  recordedAt: Instant;
  gone: true;
}

export type EntryVersion = EntryRow | GoneRow;

/** Which versions count: those that a reader, or the fold of one event, may see. */
export type Visible = (sequence: number, recordedAt: Instant) => boolean;

const CHUNK_ROWS = 24;
/** Sorts right behind a key that it is appended to. */
const NEXT = "\u0001";

function asEntryRow(row: ViewRow): EntryRow | null {
  const version = bodyOf<EntryVersion>(row);
  return "gone" in version ? null : version;
}

function isVisible(row: ViewRow, visible: Visible): boolean {
  return visible(sequenceIn(row.sk), bodyOf<EntryVersion>(row).recordedAt);
}

/** The entries of a position in the order of the fold, from a key on, each in its newest visible version. */
export async function* entriesOfPosition(
  views: ViewStore,
  position: PositionId,
  range: { from: string; through: string },
  visible: Visible,
): AsyncGenerator<EntryRow> {
  const to = entriesThrough(range.through);
  let from = entriesFrom(range.from);
  let newest: ViewRow | undefined;
  for (;;) {
    const rows = await views.query(positionPk(position), { from, to, limit: CHUNK_ROWS });
    for (const row of rows) {
      if (newest !== undefined && entryKeyIn(newest.sk) !== entryKeyIn(row.sk)) {
        const entry = asEntryRow(newest);
        if (entry !== null) yield entry;
        newest = undefined;
      }
      if (isVisible(row, visible)) newest = row;
    }
    const last = rows.at(-1);
    if (rows.length < CHUNK_ROWS || last === undefined) break;
    from = `${last.sk}${NEXT}`;
  }
  const entry = newest === undefined ? null : asEntryRow(newest);
  if (entry !== null) yield entry;
}

/** The last entry of a position up to a bound (a sort key), in its newest visible version; `null` when there is none. */
export async function lastEntryOf(
  views: Pick<ViewStore, "query">,
  position: PositionId,
  to: string,
  visible: Visible,
): Promise<EntryRow | null> {
  let limit = 2;
  let bound = to;
  let decided: string | undefined;
  for (;;) {
    const rows = await views.query(positionPk(position), { from: entriesFrom(""), to: bound, descending: true, limit });
    for (const row of rows) {
      const key = entryKeyIn(row.sk);
      if (key === decided || !isVisible(row, visible)) continue;
      const entry = asEntryRow(row);
      if (entry !== null) return entry;
      decided = key;
    }
    const last = rows.at(-1);
    if (rows.length < limit || last === undefined) return null;
    bound = justBefore(last.sk);
    limit = CHUNK_ROWS;
  }
}

/** A bound below a version's sort key and above every other: its sequence number less one. */
function justBefore(sk: string): string {
  const sequence = sequenceIn(sk);
  const stem = sk.slice(0, sk.lastIndexOf("#"));
  return sequence === 0 ? stem : `${stem}#${String(sequence - 1).padStart(12, "0")}`;
}
