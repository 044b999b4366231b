import type { ViewStore } from "@on-record/core/log/ports";
import { changesWith } from "@on-record/core/projections/changes";
import type { ChangesShape } from "@on-record/core/projections/changes/rows";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { catchUp } from "@on-record/core/projections/run";
import { listChanges } from "@on-record/core/queries/changes";
import type { ChangeFilter } from "@on-record/core/queries/changes/filter";
import { listChangesAt } from "@on-record/core/queries/changes/past";
import type { AskedMoment } from "@on-record/core/queries/moment";
import { listReview, type ReviewFilter, type ReviewItem } from "@on-record/core/queries/review";
import type { MemoryLedger } from "../../helpers/memory-ledger.ts";

/** So small that histories of a few events fill leaves and blocks, ids have lists of their own, and looks are few. */
export const SMALL: ChangesShape = { leafEvents: 3, blockLeaves: 2, sharedLists: 2, ownCount: 1, looksPerBlock: 2 };
/** As small, and every id shares its list. */
export const SHARED: ChangesShape = { ...SMALL, sharedLists: 1, ownCount: 1_000, looksPerBlock: 1_000 };

/** Brings the index of changes up to where the positions are, as far as whole leaves go. */
export function index(
  ledger: MemoryLedger,
  shape: ChangesShape = SMALL,
  views: ViewStore = ledger.views,
): Promise<number> {
  return catchUp(changesWith(shape), { log: ledger.log, streams: ledger.streams, views });
}

interface Pages {
  limit: number;
  shape?: ChangesShape;
  /** Done between two pages; says whether there may be more to come. */
  between?: () => Promise<boolean>;
  /** At which moment changes are asked for, when not now. */
  asked?: AskedMoment;
}

/** All pages of changes, one behind the other. */
export async function pagedChanges(
  ledger: MemoryLedger,
  filter: ChangeFilter,
  { limit, shape = SMALL, between = async () => false, asked }: Pages,
): Promise<DerivedEvent[]> {
  const items: DerivedEvent[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 500; pages += 1) {
    const page = asked
      ? (await listChangesAt(ledger, filter, asked, { after, limit }, shape)).value
      : await listChanges(ledger, filter, { after, limit }, shape);
    if (page.items.length > limit) throw new Error("a page is longer than its limit");
    items.push(...page.items);
    const more = await between();
    if (page.next === after && !more) return items;
    after = page.next;
  }
  throw new Error("the pages do not end");
}

/** All pages of what waits for an editor. */
export async function pagedReview(
  ledger: MemoryLedger,
  filter: ReviewFilter,
  { limit, shape = SMALL, between = async () => false }: Pages,
): Promise<ReviewItem[]> {
  const items: ReviewItem[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 500; pages += 1) {
    const page = await listReview(ledger.views, { after, limit }, filter, shape);
    if (page.items.length > limit) throw new Error("a page is longer than its limit");
    items.push(...page.items);
    await between();
    if (page.next === undefined) return items;
    after = page.next;
  }
  throw new Error("the pages do not end");
}
