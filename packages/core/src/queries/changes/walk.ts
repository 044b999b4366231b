import type { ViewRow, ViewStore } from "../../log/ports.ts";
import type { ChangePosting } from "../../projections/changes/posting.ts";
import {
  CHANGE_LEAVES_PK,
  changesBlockOf,
  changesIn,
  firstIn,
  type ChangesShape,
} from "../../projections/changes/rows.ts";
import { sequenceKey } from "../../projections/projection.ts";

type Views = Pick<ViewStore, "query">;

/** Rows read at first: those of a block may be large, and one often holds a page; leaves are small. */
const FIRST_BLOCKS = 2;
const FIRST_LEAVES = 16;
/** Where the first ones do not hold a page, very many may not either. */
const GROWTH = 8;
const MOST_ROWS = 64;
const NEXT = "\u0001";

/** Rows of a partition in order, more at a time the longer it takes. */
export async function* rowsOf(
  views: Views,
  pk: string,
  { from, to }: { from: string; to: string },
  first = FIRST_BLOCKS,
): AsyncGenerator<ViewRow> {
  let after = from;
  for (let limit = first; ; limit = Math.min(limit * GROWTH, MOST_ROWS)) {
    const rows = await views.query(pk, { from: after, to, limit });
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return;
    after = `${last.sk}${NEXT}`;
  }
}

/** Rows of several partitions as one, in the order of what they are of. */
async function* merged(
  views: Views,
  pks: readonly string[],
  range: { from: string; to: string },
): AsyncGenerator<ViewRow> {
  const lists = pks.map((pk) => rowsOf(views, pk, range));
  const heads = await Promise.all(lists.map(async (list) => ({ list, head: await list.next() })));
  for (;;) {
    const waiting = heads.filter(({ head }) => !head.done);
    const [first, ...others] = waiting;
    if (first === undefined) return;
    const next = others.reduce((a, b) => (keyOf(b.head) < keyOf(a.head) ? b : a), first);
    if (!next.head.done) yield next.head.value;
    next.head = await next.list.next();
  }
}

const keyOf = (head: IteratorResult<ViewRow, unknown>) => (head.done ? Infinity : firstIn(head.value.sk));

/** Postings in order, and the sequence number below which nothing is left. */
export interface ChangeBatch {
  postings: ChangePosting[];
  end: number;
}

/** What rows hold that are of so many sequence numbers each, all of one batch together. */
async function* batchesOf(rows: AsyncIterable<ViewRow>, events: number): AsyncGenerator<ChangeBatch> {
  let batch: (ChangeBatch & { first: number }) | undefined;
  for await (const row of rows) {
    const first = firstIn(row.sk);
    if (batch !== undefined && batch.first !== first) {
      yield batch;
      batch = undefined;
    }
    batch ??= { first, postings: [], end: first + events };
    batch.postings.push(...changesIn(row));
  }
  if (batch !== undefined) yield batch;
}

/** What the index holds of a list, from a sequence number on: blocks, then the leaves of the block that is not whole. */
export async function* walkChanges(
  views: Views,
  { pks, from, next }: { pks: readonly string[]; from: number; next: number },
  shape: ChangesShape,
): AsyncGenerator<ChangeBatch> {
  const block = changesBlockOf(shape);
  const whole = next - (next % block);
  const startOf = (events: number) => sequenceKey(from - (from % events));
  if (from < whole) yield* batchesOf(merged(views, pks, { from: startOf(block), to: sequenceKey(whole) }), block);
  const leaves = from < whole ? sequenceKey(whole) : startOf(shape.leafEvents);
  const rows = rowsOf(views, CHANGE_LEAVES_PK, { from: leaves, to: sequenceKey(next) }, FIRST_LEAVES);
  yield* batchesOf(rows, shape.leafEvents);
}

/** The one of several lists that seems shortest, by what its first row from there on holds. */
export async function shortestList(
  views: Views,
  lists: readonly string[][],
  { from, next }: { from: number; next: number },
  shape: ChangesShape,
): Promise<readonly string[]> {
  const [only = []] = lists;
  if (lists.length < 2) return only;
  const block = changesBlockOf(shape);
  const range = { from: sequenceKey(from - (from % block)), to: sequenceKey(next), limit: 1 };
  const measured = await Promise.all(
    lists.map(async (pks) => {
      const rows = await Promise.all(pks.map((pk) => views.query(pk, range)));
      return { pks, length: rows.flat().flatMap(changesIn).length };
    }),
  );
  return measured.reduce((a, b) => (b.length < a.length ? b : a)).pks;
}
