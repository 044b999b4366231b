import type { Change, Reversal } from "../domain/change.ts";
import type { ActorId, PropositionId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";
import type { ViewStore } from "../log/ports.ts";
import { sequenceKey } from "../projections/projection.ts";
import type { Cause, DerivedEvent } from "../projections/positions/derived.ts";
import { derivedPk, derivedSequenceIn, nextDerivedBucket, POSITIONS } from "../projections/positions/rows.ts";
import { bodyOf } from "../projections/body.ts";
import { throughOf, type Through } from "./moment.ts";
import type { Paging } from "./positions.ts";

/** Which derived events are asked for. */
export interface ChangeFilter {
  actor?: ActorId | undefined;
  proposition?: PropositionId | undefined;
  type?: DerivedEvent["type"] | undefined;
  change?: Change | undefined;
  reversal?: Reversal | undefined;
  cause?: Cause | undefined;
  /** Bounds that count themselves. */
  recordedFrom?: Instant | undefined;
  recordedTo?: Instant | undefined;
}

function matches(event: DerivedEvent, filter: ChangeFilter): boolean {
  const facts: ChangeFilter = {
    actor: event.actor,
    proposition: event.proposition,
    type: event.type,
    change: "change" in event ? event.change : undefined,
    reversal: "reversal" in event ? event.reversal : undefined,
    cause: event.cause,
  };
  const keys = ["actor", "proposition", "type", "change", "reversal", "cause"] as const;
  const { recordedFrom = "" } = filter;
  return (
    recordedFrom <= event.recordedAt && keys.every((key) => filter[key] === undefined || filter[key] === facts[key])
  );
}

/** Events looked at for one page, and reads made for it; a page may be short when few events match, or few are there. */
const SCANNED_COUNT = 2_000;
const READS_COUNT = 50;
const CHUNK_ROWS = 200;

/**
 * Derived events in the order of the log, from behind a cursor on (`<sequence>#<ordinal>`, or a sequence alone to
 * begin with it), and not before the sequence number `from`. `next` is always given: asking again from there yields what comes behind, or has come since. It
 * equals the cursor asked with when there is no more yet.
 */
export async function listChanges(
  views: ViewStore,
  filter: ChangeFilter,
  paging: Paging & { from?: number },
): Promise<{ items: DerivedEvent[]; next: string; through: Through }> {
  const place = await views.checkpoint(POSITIONS);
  const first = sequenceKey(paging.from ?? 0);
  const end = sequenceKey(place.next);
  const items: DerivedEvent[] = [];
  let cursor = paging.after !== undefined && paging.after > first ? paging.after : first;
  let scanned = 0;
  for (let reads = 0; reads < READS_COUNT && scanned < SCANNED_COUNT && items.length < paging.limit; reads += 1) {
    const sequence = derivedSequenceIn(cursor);
    if (sequence >= place.next) break;
    const rows = await views.query(derivedPk(sequence), { from: `${cursor}\u0001`, to: end, limit: CHUNK_ROWS });
    for (const row of rows) {
      const event = bodyOf<DerivedEvent>(row);
      // None that follows was recorded earlier.
      if (filter.recordedTo !== undefined && event.recordedAt > filter.recordedTo) {
        return { items, next: cursor, through: throughOf(place) };
      }
      cursor = row.sk;
      scanned += 1;
      if (matches(event, filter)) items.push(event);
      if (items.length === paging.limit) break;
    }
    if (rows.length === 0) {
      const following = nextDerivedBucket(sequence);
      if (following >= place.next) break;
      cursor = sequenceKey(following);
    }
  }
  return { items, next: cursor, through: throughOf(place) };
}
