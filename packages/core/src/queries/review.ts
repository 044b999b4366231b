import type { ViewStore } from "../log/ports.ts";
import { sequenceIn } from "../projections/projection.ts";
import type { DerivedEvent } from "../projections/positions/derived.ts";
import { POSITIONS, REVIEW_PK } from "../projections/positions/rows.ts";
import type { Through } from "./moment.ts";
import type { Page } from "./positions.ts";

/** Something that waits for an editor. */
export interface ReviewItem {
  id: string;
  requested: Extract<DerivedEvent, { type: "ReviewRequested" }>;
}

const CHUNK_ROWS = 200;
const SCANNED_COUNT = 2_000;

function itemIn(sk: string): string {
  return sk.slice(0, sk.lastIndexOf("#"));
}

/** What waits for an editor, oldest first. `after` is an item's id. */
export async function listReview(
  views: ViewStore,
  paging: { after?: string | undefined; limit: number },
): Promise<Page<ReviewItem> & { through: Through }> {
  const place = await views.checkpoint(POSITIONS);
  const open = new Map<string, ReviewItem>();
  let from = paging.after === undefined ? "" : `${paging.after}~`;
  let next: string | undefined;
  for (let scanned = 0; scanned < SCANNED_COUNT; ) {
    const rows = await views.query(REVIEW_PK, { from, limit: CHUNK_ROWS });
    for (const row of rows) {
      if (sequenceIn(row.sk) >= place.next) continue;
      const id = itemIn(row.sk);
      const body = row.body as { open: boolean; event?: ReviewItem["requested"] };
      if (body.open && body.event) open.set(id, { id, requested: body.event });
      else open.delete(id);
    }
    scanned += rows.length;
    const last = rows.at(-1);
    next = rows.length < CHUNK_ROWS || last === undefined ? undefined : itemIn(last.sk);
    if (last === undefined || next === undefined || open.size > paging.limit) break;
    from = `${last.sk}\u0001`;
  }
  const items = [...open.values()].slice(0, paging.limit);
  const more = open.size > paging.limit ? items.at(-1)?.id : next;
  const through = { sequence: place.next === 0 ? null : place.next - 1, recordedAt: place.recordedAt };
  return { items, ...(more !== undefined && { next: more }), through };
}
