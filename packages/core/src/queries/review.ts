import type { ActorId, PropositionId } from "../domain/ids.ts";
import { LIMITS } from "../limits.ts";
import { mapBounded } from "../log/bounded.ts";
import type { ViewRow, ViewStore } from "../log/ports.ts";
import { bodyOf } from "../projections/body.ts";
import { openView } from "../projections/builds.ts";
import { reviewItemsAt } from "../projections/changes/open.ts";
import { idCode, lettersOf, type ChangePosting } from "../projections/changes/posting.ts";
import {
  CHANGE_LEAVES_PK,
  CHANGES,
  CHANGES_SHAPE,
  changesBlockOf,
  changesIn,
  firstIn,
  indexedThrough,
  OPEN_PK,
  partStemIn,
  type ChangesShape,
} from "../projections/changes/rows.ts";
import type { DerivedEvent, ReviewReason } from "../projections/positions/derived.ts";
import { POSITIONS, REVIEW_PK } from "../projections/positions/rows.ts";
import { sequenceIn, sequenceKey, type ViewReader } from "../projections/projection.ts";
import { rowsOf } from "./changes/walk.ts";
import { throughOf, type Through } from "./moment.ts";
import type { Page, Paging } from "./positions.ts";

/** Something that waits for an editor. */
export interface ReviewItem {
  id: string;
  requested: Extract<DerivedEvent, { type: "ReviewRequested" }>;
}

/** Which of what waits is asked for. */
export interface ReviewFilter {
  reason?: ReviewReason | undefined;
  actor?: ActorId | undefined;
  proposition?: PropositionId | undefined;
}

const CHUNK_ROWS = 200;
const LOOKED_AT_ONCE_COUNT = 16;
const NEXT = "\u0001";
/** Sorts behind everything that begins like what it is appended to. */
const BEHIND = "~";

/** Something looked at: the place in the list, and what waits there, if it does and is asked for. */
interface Looked {
  at: string;
  item?: ReviewItem;
}

function isAskedFor(event: ReviewItem["requested"], filter: ReviewFilter): boolean {
  const keys = ["reason", "actor", "proposition"] as const;
  return keys.every((key) => filter[key] === undefined || filter[key] === event[key]);
}

/** The items that rows are of, in their order, each with what its versions below `next` come to. */
class Items {
  readonly #next: number;
  readonly #filter: ReviewFilter;
  #current: Looked | undefined;

  constructor(next: number, filter: ReviewFilter) {
    this.#next = next;
    this.#filter = filter;
  }

  /** Adds a row; gives the item before when this is the first of another. */
  add(row: ViewRow): Looked[] {
    const at = row.sk.slice(0, row.sk.lastIndexOf("#"));
    const before = this.#current;
    const isOther = before?.at !== at;
    if (isOther) this.#current = { at };
    if (sequenceIn(row.sk) < this.#next) {
      const { open, event } = bodyOf<{ open: boolean; event?: ReviewItem["requested"] }>(row);
      const isItem = open && event !== undefined && isAskedFor(event, this.#filter);
      this.#current = isItem ? { at, item: { id: at, requested: event } } : { at };
    }
    return isOther && before !== undefined ? [before] : [];
  }

  /** The last one, once all rows were added. */
  end(): Looked[] {
    return this.#current === undefined ? [] : [this.#current];
  }
}

/** Items from a key on, by all their rows. */
async function* fromRows(rows: ViewReader, from: string, items: Items): AsyncGenerator<Looked> {
  let after = from;
  for (;;) {
    const some = await rows.query(REVIEW_PK, { from: after, limit: CHUNK_ROWS });
    for (const row of some) yield* items.add(row);
    const last = some.at(-1);
    if (last === undefined || some.length < CHUNK_ROWS) break;
    after = `${last.sk}${NEXT}`;
  }
  yield* items.end();
}

/** Tells which postings may be of items that are asked for. */
function postingFilter({ reason, actor, proposition }: ReviewFilter): (posting: ChangePosting) => boolean {
  const [type, letter] = lettersOf({ type: "ReviewRequested", reason });
  const codes = { actor: actor && idCode(actor), proposition: proposition && idCode(proposition) };
  return (posting) =>
    posting.kind.charAt(0) === type &&
    (reason === undefined || posting.kind.charAt(1) === letter) &&
    (codes.actor ?? posting.actor) === posting.actor &&
    (codes.proposition ?? posting.proposition) === posting.proposition;
}

interface Plan {
  /** The positions' rows, and the index of what they announced. */
  rows: ViewReader;
  index: ViewReader;
  from: string;
  /** Where the positions stand, and the index. */
  next: number;
  listed: number;
  filter: ReviewFilter;
  shape: ChangesShape;
}

/** What may wait of what was asked for in whole blocks, part by part: the newest version that is visible. */
async function* openParts({ index, listed, from, shape }: Plan): AsyncGenerator<ChangePosting[]> {
  let part: { stem: string; postings: ChangePosting[] } | undefined;
  const range = { from: sequenceKey(startOf(from, changesBlockOf(shape))), to: BEHIND };
  for await (const row of rowsOf(index, OPEN_PK, range)) {
    const stem = partStemIn(row.sk);
    if (part !== undefined && part.stem !== stem) {
      yield part.postings;
      part = undefined;
    }
    if (sequenceIn(row.sk) < listed) part = { stem, postings: changesIn(row) };
  }
  if (part !== undefined) yield part.postings;
}

/** All that was asked for in the leaves of the block that is not whole. */
async function* leaves({ index, listed, from, shape }: Plan): AsyncGenerator<ChangePosting[]> {
  const first = Math.max(wholeOf(listed, shape), startOf(from, shape.leafEvents));
  const range = { from: sequenceKey(first), to: sequenceKey(listed) };
  for await (const row of rowsOf(index, CHANGE_LEAVES_PK, range, shape.blockLeaves)) yield changesIn(row);
}

const startOf = (from: string, events: number) => firstIn(from) - (firstIn(from) % events);
const wholeOf = (listed: number, shape: ChangesShape) => listed - (listed % changesBlockOf(shape));

/** The items that postings lead to, each looked at anew. */
async function* lookedUp(lists: AsyncIterable<ChangePosting[]>, plan: Plan): AsyncGenerator<Looked> {
  const { rows, from, next, filter } = plan;
  const mayBe = postingFilter(filter);
  let left = firstIn(from);
  for await (const postings of lists) {
    const asked = postings.filter(({ sequence }) => sequence >= left).filter(mayBe);
    const sequences = [...new Set(asked.map(({ sequence }) => sequence))];
    while (sequences.length > 0) {
      const some = sequences.splice(0, LOOKED_AT_ONCE_COUNT);
      const found = await mapBounded(some, (sequence) => rows.query(REVIEW_PK, reviewItemsAt(sequence)));
      for (const [index, sequence] of some.entries()) {
        const items = new Items(next, filter);
        const looked = [...(found[index] ?? []).flatMap((row) => items.add(row)), ...items.end()];
        yield* looked.filter(({ at }) => at >= from);
        yield { at: sequenceKey(sequence) };
        left = sequence + 1;
      }
    }
  }
}

/**
 * Everything from a key on: what was still open when the last whole block ended, and what was asked for since. Of that
 * the most is settled soon: where all of it is asked for, its own rows are read at less than a look at each.
 */
async function* lookThrough(plan: Plan): AsyncGenerator<Looked> {
  const { rows, from, next, listed, filter, shape } = plan;
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const whole = wholeOf(listed, shape);
  const end = isFiltered ? listed : whole;
  if (firstIn(from) < whole) yield* lookedUp(openParts(plan), plan);
  if (firstIn(from) < end && whole < end) yield* lookedUp(leaves(plan), plan);
  const start = sequenceKey(end);
  yield* fromRows(rows, from > start ? from : start, new Items(next, filter));
}

/**
 * What waits for an editor, oldest first. `after` is an item's id, or the sequence number of such as were looked at; a
 * page may be short while `next` leads on.
 */
export async function listReview(
  views: ViewStore,
  { after, limit }: Paging,
  filter: ReviewFilter = {},
  shape: ChangesShape = CHANGES_SHAPE,
): Promise<Page<ReviewItem> & { through: Through }> {
  // In this order: what the index has come to the positions had come to before.
  const { place: indexed, rows: index } = await openView(views, CHANGES);
  const { place, rows } = await openView(views, POSITIONS);
  const listed = indexedThrough(indexed, place);
  const from = after === undefined ? "" : `${after}${BEHIND}`;
  const items: ReviewItem[] = [];
  const through = throughOf(place);
  let looked = 0;
  for await (const { at, item } of lookThrough({ rows, index, from, next: place.next, listed, filter, shape })) {
    const full = items.length === limit ? items.at(-1) : undefined;
    if (item !== undefined && full !== undefined) return { items, next: full.id, through };
    if (item !== undefined) items.push(item);
    looked += 1;
    if (looked >= LIMITS.listedReviewsCount) return { items, next: at, through };
  }
  return { items, through };
}
