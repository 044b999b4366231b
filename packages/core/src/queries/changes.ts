import type { Change, Reversal } from "../domain/change.ts";
import type { ActorId, PropositionId } from "../domain/ids.ts";
import type { ViewStore } from "../log/ports.ts";
import { sequenceIn, sequenceKey } from "../projections/projection.ts";
import type { DerivedEvent } from "../projections/positions/derived.ts";
import { derivedPk, POSITIONS } from "../projections/positions/rows.ts";
import type { Through } from "./moment.ts";

/** Which derived events are asked for. */
export interface ChangeFilter {
  actor?: ActorId | undefined;
  proposition?: PropositionId | undefined;
  type?: DerivedEvent["type"] | undefined;
  change?: Change | undefined;
  reversal?: Reversal | undefined;
}

function matches(event: DerivedEvent, filter: ChangeFilter): boolean {
  const facts: ChangeFilter = {
    actor: event.actor,
    proposition: event.proposition,
    type: event.type,
    change: "change" in event ? event.change : undefined,
    reversal: "reversal" in event ? event.reversal : undefined,
  };
  const keys = ["actor", "proposition", "type", "change", "reversal"] as const;
  return keys.every((key) => filter[key] === undefined || filter[key] === facts[key]);
}

/** Events looked at for one page; a page may be short when few of them match. */
const SCANNED_COUNT = 2_000;
const CHUNK_ROWS = 200;
const BUCKET_STEP = 1_000;

/**
 * Derived events in the order of the log, from behind a cursor on (`<sequence>#<ordinal>`). `next` is always given:
 * asking again from there later yields what has come since.
 */
export async function listChanges(
  views: ViewStore,
  filter: ChangeFilter,
  paging: { after?: string | undefined; limit: number },
): Promise<{ items: DerivedEvent[]; next: string; through: Through }> {
  const place = await views.checkpoint(POSITIONS);
  const end = sequenceKey(place.next);
  const items: DerivedEvent[] = [];
  let cursor = paging.after ?? sequenceKey(0);
  let scanned = 0;
  while (items.length < paging.limit && scanned < SCANNED_COUNT) {
    const bucket = sequenceIn(cursor.slice(0, end.length));
    if (bucket >= place.next) break;
    const rows = await views.query(derivedPk(bucket), { from: `${cursor}\u0001`, to: end, limit: CHUNK_ROWS });
    for (const row of rows) {
      cursor = row.sk;
      scanned += 1;
      const event = row.body as DerivedEvent;
      if (matches(event, filter)) items.push(event);
      if (items.length === paging.limit) break;
    }
    if (rows.length === 0) {
      const following = (Math.floor(bucket / BUCKET_STEP) + 1) * BUCKET_STEP;
      if (following >= place.next) break;
      cursor = sequenceKey(following);
    }
  }
  const through = { sequence: place.next === 0 ? null : place.next - 1, recordedAt: place.recordedAt };
  return { items, next: cursor, through };
}
