import { PrincipalId } from "../../domain/ids.ts";
import { Instant } from "../../domain/time.ts";
import { LIMITS } from "../../limits.ts";
import type { ViewRange, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../../projections/body.ts";
import { statementPk } from "../../projections/positions/rows.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import { keyOf, type Posting } from "../../projections/statements/posting.ts";
import { ALL, indexPk, SHAPE, type IndexBody, type Shape } from "../../projections/statements/rows.ts";
import { horizonAt, newestVersion, type Horizon } from "../../projections/moments.ts";
import {
  answered,
  horizonOf,
  momentFrom,
  throughOf,
  type Answered,
  type AskedMoment,
  type Through,
} from "../moment.ts";
import { PageRoom } from "../page-room.ts";
import type { Page, Paging } from "../positions.ts";
import {
  codesFor,
  isAskedFor,
  listsFor,
  orderIn,
  refuseScan,
  type StatementFilter,
  type StatementSort,
} from "./filter.ts";
import { openScope, rangeOf, recordedWithin, type Scope } from "./scope.ts";
import { tailBehind, type ListSources } from "./tail.ts";
import { walk, type Walk } from "./walk.ts";

/** A statement in a list: as the view has it, and how it was recorded. */
export interface ListedStatement extends Pick<StatementRow, "statement" | "holds" | "corroboration"> {
  sequence: number;
  recordedAt: Instant;
  recordedBy: PrincipalId;
}

const CHECKED_AT_ONCE_COUNT = 16;

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
  views: Pick<ViewStore, "query">,
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
async function gather(
  views: Record<"index" | "statements", Pick<ViewStore, "query">>,
  plan: Plan,
): Promise<Page<ListedStatement>> {
  const { mayBe, isAsked, limit, horizon } = plan;
  const { order } = plan.walk;
  let [reads, looked, checked] = [0, 0, 0];
  const query = (pk: string, asked: ViewRange) => {
    reads += 1;
    return views.index.query(pk, asked);
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
      for (const found of await check(views.statements, some, isAsked, horizon)) {
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

/** What a page shows, of what, and as it was known when. */
interface Asked extends Paging {
  filter: StatementFilter;
  sort: StatementSort;
  horizon: Horizon;
}

async function pageIn(
  { positions, statements, place }: Scope,
  { filter, sort, after, limit, horizon }: Asked,
  { log, streams }: Pick<ListSources, "log" | "streams">,
  shape: Shape,
): Promise<Page<ListedStatement>> {
  const { order, descending } = orderIn(sort);
  const index = { log, streams, views: statements.rows };
  const recorded = await recordedWithin(filter, place.next, index);
  const range = rangeOf(filter, sort, recorded, after);
  if (recorded.first >= recorded.end || range.low > range.high) return { items: [] };

  const wanted = codesFor(filter);
  const mayBe = ({ sequence, said, indexed, also }: Posting) =>
    recorded.first <= sequence &&
    sequence < recorded.end &&
    (filter.saidFrom === undefined || filter.saidFrom <= said) &&
    (filter.saidTo === undefined || said <= filter.saidTo) &&
    wanted.every((code) => indexed.includes(code) || also.includes(code));
  // In the order of saying a statement whose time was corrected has another key too, where it is not.
  const isAsked = (row: StatementRow, posting: Posting) =>
    (order === "recorded" || row.statement.saidAt.from === posting.said) && isAskedFor(row, posting, filter);
  const [tail, codes] = await Promise.all([
    tailBehind(statements.place, place.next, shape, index),
    shortest(statements.rows, listsFor(filter), { order, descending }),
  ]);
  const plan = { order, descending, codes, ...range, tail: tail.filter(mayBe), shape };
  const views = { index: statements.rows, statements: positions.rows };
  return gather(views, { walk: plan, mayBe, isAsked, limit, horizon });
}

/** Which page of a list, in which of its orders; `after` is the key that the page before ended with. */
export type StatementPaging = Paging & { sort: StatementSort };

/**
 * Statements in one of two orders, a page at a time. As they stand at `through`, withdrawn and merged ones too. A page
 * may be short while `next` leads on: it ends where it has cost enough. Throws `needs_index` for what no index leads to.
 */
export async function listStatements(
  sources: ListSources,
  filter: StatementFilter,
  paging: StatementPaging,
  shape: Shape = SHAPE,
): Promise<Page<ListedStatement> & { through: Through }> {
  refuseScan(filter, paging.sort);
  const scope = await openScope(sources);
  const through = throughOf(scope.place);
  const page = await pageIn(scope, { filter, ...paging, horizon: horizonAt(through) }, sources, shape);
  return { ...page, through };
}

const earlier = (a: Instant | undefined, b: Instant) => (a === undefined || b < a ? b : a);

/**
 * As `listStatements`, at a past moment: only what was recorded by `knownAt` and said by `asOf`, each found and shown
 * as it was known then. The postings of that time are still there: every event that altered a fact has made another.
 */
export async function listStatementsAt(
  sources: ListSources,
  filter: StatementFilter,
  asked: AskedMoment,
  paging: StatementPaging,
  shape: Shape = SHAPE,
): Promise<Answered<Page<ListedStatement>>> {
  // The moment is none of the bounds that a list has to have, and none that keeps it from one.
  refuseScan(filter, paging.sort);
  const scope = await openScope(sources);
  const { place } = scope;
  const moment = momentFrom(asked, place);
  const { asOf, knownAt } = moment;
  const isPast = place.recordedAt !== null && knownAt < place.recordedAt;
  const known = {
    ...filter,
    saidTo: earlier(filter.saidTo, asOf),
    ...(isPast && { recordedTo: earlier(filter.recordedTo, knownAt) }),
  };
  const horizon = horizonOf(place, moment);
  return answered(await pageIn(scope, { filter: known, ...paging, horizon }, sources, shape), moment, place);
}
