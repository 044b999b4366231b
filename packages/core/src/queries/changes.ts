import { Instant } from "../domain/time.ts";
import { LIMITS } from "../limits.ts";
import { mapBounded } from "../log/bounded.ts";
import type { LogReader, ViewRange, ViewStore } from "../log/ports.ts";
import { bodyOf } from "../projections/body.ts";
import { openView, type OpenView } from "../projections/builds.ts";
import { CHANGES, CHANGES_SHAPE, indexedThrough, type ChangesShape } from "../projections/changes/rows.ts";
import type { ChangePosting } from "../projections/changes/posting.ts";
import type { DerivedEvent } from "../projections/positions/derived.ts";
import {
  derivedPk,
  derivedSequenceIn,
  derivedSk,
  nextDerivedBucket,
  POSITIONS,
} from "../projections/positions/rows.ts";
import { sequenceKey, type ViewReader } from "../projections/projection.ts";
import { STATEMENTS } from "../projections/statements/rows.ts";
import { isAskedFor, isFiltered, listsFor, postingFilter, type ChangeFilter } from "./changes/filter.ts";
import { shortestList, walkChanges } from "./changes/walk.ts";
import { throughOf, type Through } from "./moment.ts";
import type { Paging } from "./positions.ts";
import { sequenceAt } from "./sequence-at.ts";

export interface ChangeSources {
  views: ViewStore;
  log: LogReader;
}

/** Events looked at for one page where they are read themselves, and how many at once. */
const SCANNED_COUNT = 2_000;
const CHUNK_ROWS = 200;
const NEXT = "\u0001";

/** A page as it fills. */
class ChangesPage {
  readonly items: DerivedEvent[] = [];
  readonly #limit: number;
  readonly #end: number;
  /** Nothing is left before this key. */
  cursor: string;
  reads = 0;
  #isEnded = false;

  constructor({ cursor, limit, end }: { cursor: string; limit: number; end: number }) {
    this.cursor = cursor;
    this.#limit = limit;
    this.#end = end;
  }

  get room(): number {
    return this.#limit - this.items.length;
  }

  get from(): number {
    return derivedSequenceIn(this.cursor);
  }

  /** Whether there is nothing left to look at, or it has cost enough. */
  get isOver(): boolean {
    return this.#isEnded || this.room === 0 || this.from >= this.#end || this.reads >= LIMITS.listedReadsCount;
  }

  /** It has cost enough: what is left is for the next one. */
  end(): void {
    this.#isEnded = true;
  }

  isLeft({ sequence, ordinal }: ChangePosting): boolean {
    return sequence < this.#end && derivedSk(sequence, ordinal) > this.cursor;
  }

  take(event: DerivedEvent, key: string, filter: ChangeFilter): void {
    if (this.room === 0) return;
    this.cursor = key;
    if (isAskedFor(event, filter)) this.items.push(event);
  }

  /** Everything below a sequence number was looked at. */
  reach(sequence: number): void {
    if (this.room > 0) this.cursor = later(this.cursor, sequenceKey(Math.min(sequence, this.#end)));
  }
}

const later = (a: string, b: string) => (a > b ? a : b);

/** What a page is filled from: the derived events' own rows, and the index of them. */
interface Plan {
  rows: ViewReader;
  index: ViewReader;
  /** How far the index goes. */
  next: number;
  filter: ChangeFilter;
  shape: ChangesShape;
}

/** Takes in what the index leads to. */
async function fromIndex(page: ChangesPage, { rows, index, next, filter, shape }: Plan): Promise<void> {
  if (page.from >= next) return;
  const query = (pk: string, range: ViewRange) => {
    page.reads += 1;
    return index.query(pk, range);
  };
  const range = { from: page.from, next };
  const pks = await shortestList({ query }, listsFor(filter, shape), range, shape);
  const mayBe = postingFilter(filter);
  let looked = 0;
  for await (const { postings, end } of walkChanges({ query }, { pks, ...range }, shape)) {
    const asked = postings.filter((posting) => page.isLeft(posting) && mayBe(posting));
    // Almost each is an event that is asked for: no more are read than the page takes.
    while (asked.length > 0 && page.room > 0) {
      const some = asked.splice(0, page.room);
      const events = await mapBounded(some, (posting) => eventAt(rows, posting));
      for (const { event, key } of events) page.take(event, key, filter);
    }
    page.reach(end);
    looked += postings.length;
    if (looked >= LIMITS.listedChangesCount) page.end();
    if (page.isOver) return;
  }
  page.reach(next);
}

async function eventAt(rows: ViewReader, { sequence, ordinal }: ChangePosting) {
  const key = derivedSk(sequence, ordinal);
  const body = await rows.get(derivedPk(sequence), key);
  if (body === undefined) throw new Error(`the index lists a derived event ${key} that is not there`);
  return { event: bodyOf<DerivedEvent>({ pk: derivedPk(sequence), sk: key, body }), key };
}

/** What the index has not listed, or needs not to: the events themselves. */
async function fromEvents(page: ChangesPage, rows: ViewReader, filter: ChangeFilter, end: number): Promise<void> {
  for (let scanned = 0; !page.isOver && scanned < SCANNED_COUNT;) {
    const limit = isFiltered(filter) ? CHUNK_ROWS : page.room;
    const sequence = page.from;
    const range = { from: `${page.cursor}${NEXT}`, to: sequenceKey(end), limit };
    const found = await rows.query(derivedPk(sequence), range);
    page.reads += 1;
    for (const row of found) page.take(bodyOf<DerivedEvent>(row), row.sk, filter);
    scanned += found.length;
    if (found.length < limit) page.reach(nextDerivedBucket(sequence));
  }
}

/** A page of derived events; `next` is where to go on, and always given. */
export interface ChangesFound {
  items: DerivedEvent[];
  next: string;
}

/** What of the log the filter's bounds of recording leave, of the entries below `end`. */
async function boundsOf({ recordedFrom, recordedTo }: ChangeFilter, end: number, { views, log }: ChangeSources) {
  if (recordedFrom === undefined && recordedTo === undefined) return { first: 0, end };
  const justAfter = (instant: Instant) => Instant.parse(new Date(Date.parse(instant) + 1).toISOString());
  const times = { log, views: (await openView(views, STATEMENTS)).rows };
  const [first, behind] = await Promise.all([
    recordedFrom === undefined ? 0 : sequenceAt(recordedFrom, end, times),
    recordedTo === undefined ? end : sequenceAt(justAfter(recordedTo), end, times),
  ]);
  return { first, end: behind };
}

/** A page of what the positions as they were opened have announced. */
export async function findChanges(
  { place, rows }: OpenView,
  sources: ChangeSources,
  filter: ChangeFilter,
  { after, limit }: Paging,
  shape: ChangesShape,
): Promise<ChangesFound> {
  const { first, end } = await boundsOf(filter, place.next, sources);
  const page = new ChangesPage({ cursor: later(after ?? "", sequenceKey(first)), limit, end });
  if (!page.isOver && isFiltered(filter)) {
    const index = await openView(sources.views, CHANGES);
    const next = indexedThrough(index.place, place);
    await fromIndex(page, { rows, index: index.rows, next, filter, shape });
  }
  if (!page.isOver) await fromEvents(page, rows, filter, end);
  return { items: page.items, next: page.cursor };
}

/**
 * Derived events in the order of the log, from behind a cursor on: `<sequence>#<ordinal>` of the last one seen, or a
 * sequence number to begin with. `next` is always given: asking again from there yields what comes behind, or has come
 * since. It equals the cursor asked with when there is no more yet. A page may be short while `next` leads on.
 */
export async function listChanges(
  sources: ChangeSources,
  filter: ChangeFilter,
  paging: Paging,
  shape: ChangesShape = CHANGES_SHAPE,
): Promise<ChangesFound & { through: Through }> {
  const view = await openView(sources.views, POSITIONS);
  return { ...(await findChanges(view, sources, filter, paging, shape)), through: throughOf(view.place) };
}
