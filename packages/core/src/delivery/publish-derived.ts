import { LedgerError } from "../errors.ts";
import type { Bus, BusMessage, Checkpoint, ViewRow, ViewStore } from "../log/ports.ts";
import { openView } from "../projections/builds.ts";
import { DerivedEvent } from "../projections/positions/derived.ts";
import { derivedPk, derivedSequenceIn, nextDerivedBucket, POSITIONS } from "../projections/positions/rows.ts";
import { sequenceKey } from "../projections/projection.ts";
import { derivedMessage } from "./derived-messages.ts";

export interface PublishDerivedDeps {
  views: ViewStore;
  /** Where delivery keeps its place; not among the views, which can be rebuilt. */
  places: Pick<ViewStore, "checkpoint" | "advance">;
  bus: Bus;
}

/** Names the place: derived events of every sequence number below it were accepted by the bus. */
const PLACE = "derived-events";
const CHUNK_ROWS = 100;

/**
 * Says that derived events of every sequence number below one were announced already, elsewhere: a ledger that is brought
 * back tells nobody again what its events lead to. Moves forward only.
 */
export async function skipDerived(
  places: PublishDerivedDeps["places"],
  { next, recordedAt }: Checkpoint,
): Promise<void> {
  for (;;) {
    const place = await places.checkpoint(PLACE);
    if (place.next >= next || (await places.advance(PLACE, place, { next, recordedAt }))) return;
  }
}

/** The messages of the rows up to the first that is no derived event, which would be a fault of ours. */
function messagesIn(rows: readonly ViewRow[]): { messages: BusMessage[]; unreadable?: Error } {
  const messages: BusMessage[] = [];
  for (const { sk, body } of rows) {
    const read = DerivedEvent.safeParse(body);
    if (!read.success)
      return { messages, unreadable: new Error(`row ${sk} is no derived event`, { cause: read.error }) };
    messages.push(derivedMessage(read.data));
  }
  return { messages };
}

/**
 * Publishes, in the order of the log, every derived event that has become visible and that the bus has not accepted.
 * Whatever wakes it is a hint and carries nothing: a lost one delays, and any later one makes up for it.
 *
 * Commit point: the place's move. Dies before the bus's answer, or before the move: the same events are published
 * again under the same ids. Dies after: the next run goes on from there. Two at once publish twice; one moves the place.
 *
 * Gives how many the bus accepted. Throws `store_unavailable` when it refuses one: everything before it is accounted for.
 */
export async function publishDerived(deps: PublishDerivedDeps): Promise<number> {
  const { views, places, bus } = deps;
  const { place: visible, rows: shown } = await openView(views, POSITIONS);
  let place = await places.checkpoint(PLACE);
  let from = sequenceKey(place.next);
  let published = 0;
  const move = async (next: number): Promise<void> => {
    if (next <= place.next) return;
    const to: Checkpoint = { next, recordedAt: visible.recordedAt };
    // Another run was faster: it vouches for everything below its own place.
    place = (await places.advance(PLACE, place, to)) ? to : await places.checkpoint(PLACE);
  };
  for (let sequence = place.next; sequence < visible.next; sequence = derivedSequenceIn(from)) {
    const rows = await shown.query(derivedPk(sequence), { from, to: sequenceKey(visible.next), limit: CHUNK_ROWS });
    const { messages, unreadable } = messagesIn(rows);
    const accepted = await bus.publish(messages);
    published += accepted;
    const refused = rows[accepted];
    if (refused !== undefined) {
      await move(derivedSequenceIn(refused.sk));
      if (accepted === messages.length && unreadable !== undefined) throw unreadable;
      throw new LedgerError("store_unavailable", `the bus did not take derived event ${refused.sk}`);
    }
    const last = rows.at(-1);
    const more = rows.length === CHUNK_ROWS && last !== undefined;
    from = more ? `${last.sk}\u0001` : sequenceKey(nextDerivedBucket(sequence));
    // Of the last one's sequence number there may be more to come.
    await move(more ? derivedSequenceIn(last.sk) : Math.min(nextDerivedBucket(sequence), visible.next));
  }
  return published;
}
