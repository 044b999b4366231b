import type { PositionId } from "../domain/position/entry.ts";
import { instantOf, type Instant } from "../domain/time.ts";
import { envelopeOf, type StoredEvent } from "../log/envelope.ts";
import type { ViewRow, ViewStore } from "../log/ports.ts";
import { readEvent } from "../log/upcast.ts";
import { openView } from "../projections/builds.ts";
import { positions } from "../projections/positions.ts";
import { RowBuffer } from "../projections/row-buffer.ts";
import { DerivedEvent } from "../projections/positions/derived.ts";
import { derivedPk, POSITIONS, positionIn } from "../projections/positions/rows.ts";
import { horizonAt } from "../projections/moments.ts";
import { horizonOf, momentFrom, throughOf, type Through } from "./moment.ts";
import { positionSeen, type Position } from "./positions.ts";

type WithoutPlace<E> = E extends DerivedEvent ? Omit<E, "id" | "number" | "sequence" | "recordedAt"> : never;

/** A derived event that was not announced: it has no place in the log, and so neither id nor number. */
export type PreviewedChange = WithoutPlace<DerivedEvent>;

/** What one more event would do to the positions, as far as the view has come. */
export interface Preview {
  /** What would be announced, in order. */
  changes: PreviewedChange[];
  /** Every position that the event bears on, as it stands now and as it would; often the same twice. */
  positions: (PositionId & { before: Position | null; after: Position | null })[];
  /** The newest event that the preview knows of. */
  through: Through;
}

/** When an event would have been recorded that nothing was recorded before. */
const DAWN = instantOf(0);

/** Positions in the order in which their rows come. */
function touched(rows: readonly ViewRow[]): PositionId[] {
  return [...new Set(rows.map(({ pk }) => pk))].flatMap((pk) => positionIn(pk) ?? []);
}

function withoutPlace(event: DerivedEvent): PreviewedChange {
  const { id: _id, number: _number, sequence: _sequence, recordedAt: _recordedAt, ...said } = event;
  return said;
}

/**
 * Works out what an event would do if it were the next to enter the log behind what the view holds: with the
 * projection's own code, of which the rows are read and not written. The view has to hold the event's stream up to the
 * version before it. What enters the log in between, the preview cannot know. No event, no effect.
 */
export async function previewEvent(views: ViewStore, event: StoredEvent | null, now: Instant): Promise<Preview> {
  const { place, rows: shown } = await openView(views, POSITIONS);
  if (event === null) return { changes: [], positions: [], through: throughOf(place) };
  // As if it entered together with the newest: what may just be applied behind the checkpoint was recorded later.
  const entry = { ...envelopeOf(event), sequence: place.next, recordedAt: place.recordedAt ?? DAWN };
  const rows = await positions.apply({ entry, event: readEvent(event) }, shown);
  const announced = rows.filter(({ pk }) => pk === derivedPk(place.next));
  const moment = momentFrom({ now }, place);
  const seenNow = horizonOf(place, moment);
  const after = new RowBuffer(shown);
  after.add(rows);
  const found = touched(rows).map(async (id) => ({
    ...id,
    before: await positionSeen(shown, id, moment.asOf, seenNow),
    after: await positionSeen(after, id, moment.asOf, horizonAt(entry)),
  }));
  const changes = announced.map(({ body }) => withoutPlace(DerivedEvent.parse(body)));
  return { changes, positions: await Promise.all(found), through: throughOf(place) };
}
