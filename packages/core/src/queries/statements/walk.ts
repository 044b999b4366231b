import type { ViewRow, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../../projections/body.ts";
import { sequenceKey } from "../../projections/projection.ts";
import { decodePosting, keyOf, type Order, type Posting } from "../../projections/statements/posting.ts";
import {
  blockEventsOf,
  bucketIn,
  DAY_CHARS,
  daysPk,
  indexPk,
  lastMonthOf,
  LEAVES_PK,
  STRAYS_PK,
  type IndexBody,
  type PostingsBody,
  type Shape,
} from "../../projections/statements/rows.ts";

/** What to walk over. Keys are those of the order; `low` and `high` count themselves. */
export interface Walk {
  order: Order;
  descending: boolean;
  /** The codes whose lists together hold everything that is looked for. */
  codes: readonly string[];
  low: string;
  high: string;
  /** Postings that no block has listed yet. */
  tail: readonly Posting[];
  shape: Shape;
}

/** Postings in order, every statement once, and how far with them the walk has come. */
export interface Batch {
  postings: Posting[];
  /** Nothing is left up to here, this key included. */
  through: string;
}

/** Rows read in one go: of small ones of one list, and of large ones of everything. */
const LIST_ROWS = 24;
const DENSE_ROWS = 8;
/** Sorts behind everything that begins like what it is appended to. */
const BEHIND = "~";
const NEXT = "\u0001";

const stemOf = (sk: string) => sk.slice(0, sk.indexOf("#"));

/** Rows of a partition in groups whose keys begin alike, each group whole, between two beginnings. */
async function* groupsOf(
  views: Pick<ViewStore, "query">,
  pk: string,
  { low, high, descending, limit }: { low: string; high: string; descending: boolean; limit: number },
): AsyncGenerator<{ stem: string; rows: ViewRow[] }> {
  let group: { stem: string; rows: ViewRow[] } | undefined;
  let [from, to] = [low, `${high}${BEHIND}`];
  for (;;) {
    const rows = await views.query(pk, { from, to, descending, limit });
    for (const row of rows) {
      const stem = stemOf(row.sk);
      if (group?.stem === stem) group.rows.push(row);
      else {
        if (group !== undefined) yield group;
        group = { stem, rows: [row] };
      }
    }
    const last = rows.at(-1);
    if (rows.length < limit || last === undefined) break;
    // Behind a key in descending order is the largest text below it: the port has only bounds that count themselves.
    if (descending) to = below(last.sk);
    else from = `${last.sk}${NEXT}`;
  }
  if (group !== undefined) yield group;
}

/** A bound below a sort key that ends with a sequence number, and above every other such key below it. */
function below(sk: string): string {
  const at = sk.lastIndexOf("#") + 1;
  const sequence = Number(sk.slice(at));
  return sequence === 0 ? sk.slice(0, at) : `${sk.slice(0, at)}${sequenceKey(sequence - 1)}`;
}

/** The first of the two in the order walked. */
function comesFirst(a: string, b: string, descending: boolean): boolean {
  return descending ? a > b : a < b;
}

interface Bucket {
  bucket: string;
  rows: ViewRow[];
}

/** The buckets of several lists together, in order. */
async function* bucketsOf(views: Pick<ViewStore, "query">, walk: Walk): AsyncGenerator<Bucket> {
  const { order, descending, codes, shape } = walk;
  const low = bucketIn(order, walk.low, shape);
  const high = bucketIn(order, walk.high, shape);
  const unlisted = walk.tail.map((posting) => bucketIn(order, keyOf(order, posting), shape));
  const waiting = new Set(unlisted.filter((bucket) => low <= bucket && bucket <= high));
  const range = { low, high, descending, limit: LIST_ROWS };
  const lists = codes.map((code) => groupsOf(views, indexPk(order, code), range));
  const heads = await Promise.all(lists.map(async (list) => ({ list, head: await list.next() })));
  for (;;) {
    const stems = [...waiting, ...heads.flatMap(({ head }) => (head.done ? [] : [head.value.stem]))];
    if (stems.length === 0) return;
    const bucket = stems.reduce((a, b) => (comesFirst(a, b, descending) ? a : b));
    waiting.delete(bucket);
    const rows: ViewRow[] = [];
    for (const each of heads) {
      if (each.head.done || each.head.value.stem !== bucket) continue;
      rows.push(...each.head.value.rows);
      each.head = await each.list.next();
    }
    yield { bucket, rows };
  }
}

const decoded = (rows: readonly ViewRow[]) =>
  rows.flatMap((row) => bodyOf<PostingsBody>(row).postings.map(decodePosting));

/** Everything of a quarter, some days at a time. */
async function* daysIn(views: Pick<ViewStore, "query">, quarter: string, walk: Walk): AsyncGenerator<Batch> {
  const end = edgeOf(quarter, { ...walk, descending: false });
  const low = walk.low > quarter ? walk.low : quarter;
  const high = walk.high < end ? walk.high : end;
  const days = { low: low.slice(0, DAY_CHARS), high: high.slice(0, DAY_CHARS) };
  for await (const { stem, rows } of groupsOf(views, daysPk(quarter), {
    ...days,
    descending: walk.descending,
    limit: DENSE_ROWS,
  })) {
    yield { postings: decoded(rows), through: walk.descending ? stem : `${stem}${BEHIND}` };
  }
}

/** Everything of a block, some leaves at a time. */
async function* leavesIn(views: Pick<ViewStore, "query">, bucket: string, walk: Walk): AsyncGenerator<Batch> {
  const { descending, shape } = walk;
  const first = Number(bucket);
  const low = Math.max(first, Number(walk.low));
  const high = Math.min(first + blockEventsOf(shape) - 1, Number(walk.high));
  const step = shape.leafEvents * DENSE_ROWS;
  const steps: number[] = [];
  for (let at = low - (low % shape.leafEvents); at <= high; at += step) steps.push(at);
  for (const at of descending ? steps.toReversed() : steps) {
    const last = at + step - 1;
    const range = { from: sequenceKey(at), to: `${sequenceKey(Math.min(last, high))}${BEHIND}` };
    const rows = await Promise.all([views.query(LEAVES_PK, range), views.query(STRAYS_PK, range)]);
    // A leaf also tells of statements recorded before it: those are strays of theirs.
    const postings = decoded(rows.flat()).filter(({ sequence }) => at <= sequence && sequence <= last);
    yield { postings, through: sequenceKey(descending ? at : last) };
  }
}

/** The last key of a bucket in the order walked. */
function edgeOf(bucket: string, { order, descending, shape }: Walk): string {
  if (descending) return bucket;
  return order === "said" ? `${lastMonthOf(bucket)}${BEHIND}` : sequenceKey(Number(bucket) + blockEventsOf(shape) - 1);
}

/** Goes through all postings in the lists of some codes, in order. More may come than bear the codes, and stale ones. */
export async function* walk(views: Pick<ViewStore, "query">, plan: Walk): AsyncGenerator<Batch> {
  const { order, descending } = plan;
  const keyIn = (posting: Posting) => keyOf(order, posting);
  const isWithin = (key: string) => plan.low <= key && key <= plan.high;
  const batch = (postings: readonly Posting[], through: string): Batch => {
    const sorted = postings
      .map((posting) => ({ key: keyIn(posting), posting }))
      .filter(({ key }) => isWithin(key))
      .toSorted((a, b) => (a.key === b.key ? 0 : comesFirst(a.key, b.key, descending) ? -1 : 1));
    return { postings: sorted.map(({ posting }) => posting), through };
  };
  for await (const { bucket, rows } of bucketsOf(views, plan)) {
    const isDense = rows.some((row) => "dense" in bodyOf<IndexBody>(row));
    const listed = decoded(rows.filter((row) => !("dense" in bodyOf<IndexBody>(row))));
    const unlisted = plan.tail.filter((posting) => bucketIn(order, keyIn(posting), plan.shape) === bucket);
    let left = [...listed, ...unlisted];
    if (isDense) {
      const all = order === "said" ? daysIn(views, bucket, plan) : leavesIn(views, bucket, plan);
      for await (const { postings, through } of all) {
        const reached = (posting: Posting) => !comesFirst(through, keyIn(posting), descending);
        yield batch([...left.filter(reached), ...postings], through);
        left = left.filter((posting) => !reached(posting));
      }
    }
    yield batch(left, edgeOf(bucket, plan));
  }
}
