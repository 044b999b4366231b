import type { ViewRow } from "../log/ports.ts";
import { bodyOf } from "./body.ts";
import { sequenceKey, type BlockProjection, type LoggedEvent } from "./projection.ts";
import { postingsOf } from "./statements/gather.ts";
import { decodePosting, encodePosting, keyOf, type Order, type Posting } from "./statements/posting.ts";
import {
  ALL,
  blockEventsOf,
  bucketIn,
  DAY_CHARS,
  daysPk,
  ending,
  indexPk,
  leafOf,
  LEAVES_PK,
  SHAPE,
  STRAYS_PK,
  TIMES_PK,
  type IndexBody,
  type PostingsBody,
  type Shape,
} from "./statements/rows.ts";

/** A row of more would come near DynamoDB's 400 KB where statements have very many assessments. */
const ROW_CHARS = 100_000;

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** Rows with postings under `<stem>#…`: one, or as many as their length takes. */
function postingRows(pk: string, stem: string, postings: readonly Posting[], last: number): ViewRow[] {
  const parts: string[][] = [];
  let room = 0;
  for (const text of postings.map(encodePosting)) {
    if (text.length > room || parts.length === 0) {
      parts.push([]);
      room = ROW_CHARS;
    }
    parts.at(-1)?.push(text);
    room -= text.length;
  }
  return parts.map((part, index) => ({
    pk,
    sk: `${stem}#${ending(index, last)}`,
    body: { postings: part } satisfies PostingsBody,
  }));
}

/** What a leaf brought, under itself; and what of it is about statements of earlier leaves, under those. */
function leafRows(events: readonly LoggedEvent[], postings: readonly Posting[], shape: Shape, last: number): ViewRow[] {
  const first = events[0]?.entry;
  if (first === undefined) return [];
  const strays = postings.filter(({ sequence }) => sequence < first.sequence);
  const byLeaf = grouped(strays, ({ sequence }) => sequenceKey(leafOf(sequence, shape)));
  return [
    { pk: TIMES_PK, sk: `${first.recordedAt}#${sequenceKey(first.sequence)}`, body: {} },
    ...postingRows(LEAVES_PK, sequenceKey(first.sequence), postings, last),
    ...[...byLeaf].flatMap(([leaf, some]) => postingRows(STRAYS_PK, leaf, some, last)),
  ];
}

/** The lists of one code in one order, a bucket at a time. */
function listRows(order: Order, code: string, postings: readonly Posting[], shape: Shape, last: number): ViewRow[] {
  const buckets = grouped(postings, (posting) => bucketIn(order, keyOf(order, posting), shape));
  return [...buckets].flatMap(([bucket, some]) => {
    const pk = indexPk(order, code);
    if (code !== ALL && some.length <= shape.denseCount) return postingRows(pk, bucket, some, last);
    return [{ pk, sk: `${bucket}#${ending(0, last)}`, body: { dense: true } satisfies IndexBody }];
  });
}

/** What a whole block brought, listed by each code in both orders. */
function blockRows(postings: readonly Posting[], shape: Shape, last: number): ViewRow[] {
  const byCode = grouped(
    postings.flatMap((posting) => [ALL, ...posting.indexed].map((code) => ({ code, posting }))),
    ({ code }) => code,
  );
  const days = grouped(postings, ({ said }) => said.slice(0, DAY_CHARS));
  return [
    ...[...byCode].flatMap(([code, coded]) => {
      const some = coded.map(({ posting }) => posting);
      return [...listRows("recorded", code, some, shape, last), ...listRows("said", code, some, shape, last)];
    }),
    ...[...days].flatMap(([day, some]) => postingRows(daysPk(bucketIn("said", day, shape)), day, some, last)),
  ];
}

/**
 * Where statements can be found by actor, speaker, proposition, publisher, stance, status and who recorded them, in
 * the order of recording and in that of saying.
 */
export function statementsIn(shape: Shape): BlockProjection {
  return {
    name: "statements",
    revision: 1,
    blockEvents: shape.leafEvents,
    async apply(events, sources) {
      const last = events.at(-1)?.entry.sequence ?? 0;
      const postings = await postingsOf(events, sources);
      const rows = leafRows(events, postings, shape, last);
      const size = blockEventsOf(shape);
      if ((last + 1) % size !== 0) return rows;
      const range = { from: sequenceKey(last + 1 - size), to: sequenceKey(last + 1 - shape.leafEvents) };
      const before = await sources.views.query(LEAVES_PK, range);
      const earlier = before.flatMap((row) => bodyOf<PostingsBody>(row).postings.map(decodePosting));
      return [...rows, ...blockRows([...earlier, ...postings], shape, last)];
    },
  };
}

export const statements = statementsIn(SHAPE);
