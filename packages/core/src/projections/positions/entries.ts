import type { PositionId } from "../../domain/position/entry.ts";
import type { ViewRow, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { sequenceIn } from "../projection.ts";
import { unpackEntry, type EntryRow } from "./entry-form.ts";
import { entriesFrom, entriesThrough, entryKeyIn, entrySk, positionPk } from "./rows.ts";

const CHUNK_ROWS = 24;
const MOST_ROWS = 200;
/** Sorts right behind a key that it is appended to. */
const NEXT = "\u0001";

function entryIn(row: ViewRow): EntryRow | null {
  return unpackEntry(row.sk, bodyOf(row));
}

/** All versions of all entries of a position, some at a time. */
export async function* entryRowsOf(views: Pick<ViewStore, "query">, position: PositionId): AsyncGenerator<ViewRow> {
  const to = entriesThrough("");
  for (let from = entriesFrom(""); ;) {
    const rows = await views.query(positionPk(position), { from, to, limit: MOST_ROWS });
    yield* rows;
    const last = rows.at(-1);
    if (rows.length < MOST_ROWS || last === undefined) return;
    from = `${last.sk}${NEXT}`;
  }
}

/** One version of an entry, which is there. */
export async function entryVersion(
  views: Pick<ViewStore, "get">,
  position: PositionId,
  { key, sequence }: { key: string; sequence: number },
): Promise<EntryRow> {
  const sk = entrySk(key, sequence);
  const body = await views.get(positionPk(position), sk);
  const entry = body === undefined ? null : entryIn({ pk: "", sk, body });
  if (entry === null) throw new Error(`the timeline names an entry that is not there: ${sk}`);
  return entry;
}

/**
 * The last entry of a position through a key, by one read, if that is the version last written there and was made below
 * `next`. `null` does not say that there is none: the timeline knows.
 */
export async function newestEntry(
  views: Pick<ViewStore, "query">,
  position: PositionId,
  through: string,
  next: number,
): Promise<EntryRow | null> {
  const range = { from: entriesFrom(""), to: entriesThrough(through), descending: true, limit: 1 };
  const [row] = await views.query(positionPk(position), range);
  return row === undefined || sequenceIn(row.sk) >= next ? null : entryIn(row);
}

/** The entries of a position between two keys in order, each as events below `next` leave it. */
export async function* entriesBetween(
  views: Pick<ViewStore, "query">,
  position: PositionId,
  range: { from: string; through: string },
  next: number,
): AsyncGenerator<EntryRow> {
  const to = entriesThrough(range.through);
  let from = entriesFrom(range.from);
  let newest: ViewRow | undefined;
  for (;;) {
    const rows = await views.query(positionPk(position), { from, to, limit: CHUNK_ROWS });
    for (const row of rows) {
      if (newest !== undefined && entryKeyIn(newest.sk) !== entryKeyIn(row.sk)) {
        const entry = entryIn(newest);
        if (entry !== null) yield entry;
        newest = undefined;
      }
      if (sequenceIn(row.sk) < next) newest = row;
    }
    const last = rows.at(-1);
    if (rows.length < CHUNK_ROWS || last === undefined) break;
    from = `${last.sk}${NEXT}`;
  }
  const entry = newest === undefined ? null : entryIn(newest);
  if (entry !== null) yield entry;
}
