import { PrincipalId } from "../../domain/ids.ts";
import { Instant } from "../../domain/time.ts";
import { LIMITS } from "../../limits.ts";
import type { ViewRange, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../../projections/body.ts";
import { POSITIONS, statementPk } from "../../projections/positions/rows.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import { sequenceKey } from "../../projections/projection.ts";
import { keyOf, type Posting } from "../../projections/statements/posting.ts";
import { ALL, indexPk, SHAPE, STATEMENTS, type IndexBody, type Shape } from "../../projections/statements/rows.ts";
import { horizonAt, newestVersion, type Horizon } from "../../projections/moments.ts";
import { throughOf, type Through } from "../moment.ts";
import { PageRoom } from "../page-room.ts";
import type { Page, Paging } from "../positions.ts";
import { sequenceAt } from "../sequence-at.ts";
import {
  codesFor,
  isAskedFor,
  listsFor,
  orderIn,
  refuseScan,
  type StatementFilter,
  type StatementSort,
} from "./filter.ts";
import { endOf, tailBehind, type ListSources, type Places } from "./tail.ts";
import { walk, type Walk } from "./walk.ts";

/** A statement in a list: as the view has it, and how it was recorded. */
export interface ListedStatement extends Pick<StatementRow, "statement" | "holds" | "corroboration"> {
  sequence: number;
  recordedAt: Instant;
  recordedBy: PrincipalId;
}

const CHECKED_AT_ONCE_COUNT = 16;
const NEXT = "\u0001";
const LAST = "~";

async function placesOf({ views, log }: ListSources): Promise<Places> {
  const [positions, statements, head] = await Promise.all([
    views.checkpoint(POSITIONS),
    views.checkpoint(STATEMENTS),
    log.head(),
  ]);
  return { positions, statements, head };
}

/** What of the log a list may show: sequence numbers from `first` up to, and without, `end`. */
interface Recorded {
  first: number;
  end: number;
}

async function recordedWithin(filter: StatementFilter, end: number, sources: ListSources): Promise<Recorded> {
  const { recordedFrom, recordedTo } = filter;
  const justAfter = (instant: Instant) => Instant.parse(new Date(Date.parse(instant) + 1).toISOString());
  const [first, behind] = await Promise.all([
    recordedFrom === undefined ? 0 : sequenceAt(recordedFrom, end, sources),
    recordedTo === undefined ? end : sequenceAt(justAfter(recordedTo), end, sources),
  ]);
  return { first, end: behind };
}

/** The last key below another, of those of the same kind. */
function keyBelow(key: string): string {
  const at = key.lastIndexOf("#") + 1;
  const sequence = Number(key.slice(at));
  // A key that stands for a whole day or month has nothing at itself.
  if (at === 0 && !/^\d{12}$/.test(key)) return key;
  return sequence === 0 ? key.slice(0, at) : `${key.slice(0, at)}${sequenceKey(sequence - 1)}`;
}

/** The keys that are left to go through. */
function rangeOf(
  filter: StatementFilter,
  sort: StatementSort,
  recorded: Recorded,
  after: string | undefined,
): Pick<Walk, "low" | "high"> {
  const { order, descending } = orderIn(sort);
  const low = order === "said" ? (filter.saidFrom ?? "") : sequenceKey(recorded.first);
  const high = order === "said" ? `${filter.saidTo ?? ""}${LAST}` : sequenceKey(Math.max(recorded.end - 1, 0));
  if (after === undefined) return { low, high };
  const above = order === "said" ? `${after}${NEXT}` : sequenceKey(Number(after) + 1);
  const below = keyBelow(after);
  return descending ? { low, high: below < high ? below : high } : { low: above > low ? above : low, high };
}

/** The one of several lists that seems shortest, by what its first row in the order walked holds. */
async function shortest(
  views: Pick<ViewStore, "query">,
  lists: readonly string[][],
  { order, descending }: Pick<Walk, "order" | "descending">,
): Promise<readonly string[]> {
  const [only] = lists;
  if (only === undefined) return [ALL];
  if (lists.length === 1) return only;
  const measured = await Promise.all(
    lists.map(async (codes) => {
      const rows = await Promise.all(codes.map((code) => views.query(indexPk(order, code), { descending, limit: 1 })));
      const lengths = rows.flat().map((row) => {
        const body = bodyOf<IndexBody>(row);
        return "dense" in body ? Infinity : body.postings.length;
      });
      return { codes, length: lengths.reduce((sum, length) => sum + length, 0) };
    }),
  );
  return measured.reduce((a, b) => (b.length < a.length ? b : a)).codes;
}

/** Looks postings up: which of them are statements that are asked for, in their order. */
async function check(
  views: ViewStore,
  postings: readonly Posting[],
  isAsked: (row: StatementRow, posting: Posting) => boolean,
  horizon: Horizon,
): Promise<{ posting: Posting; row: StatementRow }[]> {
  const found = await Promise.all(
    postings.map(async (posting) => {
      const version = await newestVersion(views, statementPk(posting.id), horizon);
      const row = version === null ? null : bodyOf<StatementRow>(version);
      return row !== null && isAsked(row, posting) ? [{ posting, row }] : [];
    }),
  );
  return found.flat();
}

async function throughAt(end: number, { positions }: Places, { log }: ListSources): Promise<Through> {
  if (end === positions.next) return throughOf(positions);
  const segment = end === 0 ? null : await log.segmentAt(end - 1);
  return throughOf({ next: end, recordedAt: segment?.recordedAt ?? null });
}

function listed({ posting, row }: { posting: Posting; row: StatementRow }): ListedStatement {
  const { statement, holds, corroboration } = row;
  const recordedAt = Instant.parse(posting.recordedAt);
  const { sequence, by } = posting;
  return { statement, holds, corroboration, sequence, recordedAt, recordedBy: PrincipalId.parse(by) };
}

/** What a page is gathered from. */
interface Plan {
  walk: Walk;
  /** Whether a posting may be of a statement that is asked for, and whether the statement is one. */
  mayBe: (posting: Posting) => boolean;
  isAsked: (row: StatementRow, posting: Posting) => boolean;
  limit: number;
  horizon: Horizon;
}

/** Goes on until the page is full, the lists are at their end, or it has cost enough. */
async function gather(views: ViewStore, plan: Plan): Promise<Page<ListedStatement>> {
  const { mayBe, isAsked, limit, horizon } = plan;
  const { order } = plan.walk;
  let [reads, looked, checked] = [0, 0, 0];
  const query = (pk: string, asked: ViewRange) => {
    reads += 1;
    return views.query(pk, asked);
  };
  const items: ListedStatement[] = [];
  const room = new PageRoom();
  for await (const batch of walk({ query }, plan.walk)) {
    looked += batch.postings.length;
    // One statement may have several postings here: any that may be asked for will do.
    const candidates = [...new Map(batch.postings.filter(mayBe).map((each) => [keyOf(order, each), each])).values()];
    while (candidates.length > 0) {
      const some = candidates.splice(0, CHECKED_AT_ONCE_COUNT);
      checked += some.length;
      for (const found of await check(views, some, isAsked, horizon)) {
        const item = listed(found);
        const isFull = items.length === limit || !room.take(item);
        const shown = isFull ? items.at(-1) : undefined;
        if (shown !== undefined) {
          return { items, next: keyOf(order, { sequence: shown.sequence, said: shown.statement.saidAt.from }) };
        }
        items.push(item);
      }
      const last = some.at(-1);
      if (checked >= LIMITS.listedChecksCount && last !== undefined) return { items, next: keyOf(order, last) };
    }
    const isCostly = looked >= LIMITS.listedPostingsCount || reads >= LIMITS.listedReadsCount;
    if (isCostly) return { items, next: batch.through };
  }
  return { items };
}

/**
 * Statements in one of two orders, a page at a time; `after` is the key that the page before ended with. As they stand
 * at `through`, withdrawn and merged ones too. A page may be short while `next` leads on: it ends where it has cost
 * enough. Throws `needs_index` for what no index leads to.
 */
export async function listStatements(
  sources: ListSources,
  filter: StatementFilter,
  { sort, after, limit }: Paging & { sort: StatementSort },
  shape: Shape = SHAPE,
): Promise<Page<ListedStatement> & { through: Through }> {
  refuseScan(filter, sort);
  const { order, descending } = orderIn(sort);
  const places = await placesOf(sources);
  const end = endOf(places);
  const through = await throughAt(end, places, sources);
  const recorded = await recordedWithin(filter, end, sources);
  const range = rangeOf(filter, sort, recorded, after);
  if (recorded.first >= recorded.end || range.low > range.high) return { items: [], through };

  const wanted = codesFor(filter);
  const mayBe = ({ sequence, said, indexed, also }: Posting) =>
    recorded.first <= sequence &&
    sequence < recorded.end &&
    (filter.saidFrom === undefined || filter.saidFrom <= said) &&
    (filter.saidTo === undefined || said <= filter.saidTo) &&
    wanted.every((code) => indexed.includes(code) || also.includes(code));
  // In the order of saying a statement whose time was corrected has an old key too, where it is no longer.
  const isAsked = (row: StatementRow, posting: Posting) =>
    (order === "recorded" || row.statement.saidAt.from === posting.said) && isAskedFor(row, posting, filter);
  const [tail, codes] = await Promise.all([
    tailBehind(places.statements, end, shape, sources),
    shortest(sources.views, listsFor(filter), { order, descending }),
  ]);
  const plan = { order, descending, codes, ...range, tail: tail.filter(mayBe), shape };
  const page = await gather(sources.views, { walk: plan, mayBe, isAsked, limit, horizon: horizonAt(through) });
  return { ...page, through };
}
