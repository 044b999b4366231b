import type { ActorId, PropositionId } from "../domain/ids.ts";
import type { ViewStore } from "../log/ports.ts";
import { sequenceIn } from "../projections/projection.ts";
import type { DerivedEvent, ReviewReason } from "../projections/positions/derived.ts";
import { POSITIONS, REVIEW_PK } from "../projections/positions/rows.ts";
import { bodyOf } from "../projections/body.ts";
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
const SCANNED_COUNT = 2_000;

function isAskedFor(event: ReviewItem["requested"], filter: ReviewFilter): boolean {
  const keys = ["reason", "actor", "proposition"] as const;
  return keys.every((key) => filter[key] === undefined || filter[key] === event[key]);
}

function itemIn(sk: string): string {
  return sk.slice(0, sk.lastIndexOf("#"));
}

/** What waits for an editor, oldest first. `after` is an item's id; a page may be short while `next` leads on. */
export async function listReview(
  views: ViewStore,
  paging: Paging,
  filter: ReviewFilter = {},
): Promise<Page<ReviewItem> & { through: Through }> {
  const place = await views.checkpoint(POSITIONS);
  const open = new Map<string, ReviewItem>();
  let from = paging.after === undefined ? "" : `${paging.after}~`;
  /** The item read last, and the one before: of that one nothing is left to read. */
  let current: string | undefined;
  let before: string | undefined;
  let ended = false;
  for (let scanned = 0; !ended && scanned < SCANNED_COUNT && open.size <= paging.limit;) {
    const rows = await views.query(REVIEW_PK, { from, limit: CHUNK_ROWS });
    for (const row of rows) {
      const id = itemIn(row.sk);
      if (id !== current) [before, current] = [current, id];
      if (sequenceIn(row.sk) >= place.next) continue;
      const body = bodyOf<{ open: boolean; event?: ReviewItem["requested"] }>(row);
      if (body.open && body.event && isAskedFor(body.event, filter)) open.set(id, { id, requested: body.event });
      else open.delete(id);
    }
    scanned += rows.length;
    ended = rows.length < CHUNK_ROWS;
    from = `${rows.at(-1)?.sk ?? from}\u0001`;
  }
  // Whether the item read last was closed may stand in the row behind.
  if (!ended && current !== undefined) open.delete(current);
  const items = [...open.values()].slice(0, paging.limit);
  const next = open.size > paging.limit ? items.at(-1)?.id : ended ? undefined : before;
  return { items, ...(next !== undefined && { next }), through: throughOf(place) };
}
