import type { PositionId } from "../../domain/position/entry.ts";
import type { ViewRow, ViewStore } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { sequenceIn, sequenceKey } from "../projection.ts";
import { announce, type Announcements } from "./announce.ts";
import type { DerivedEvent } from "./derived.ts";
import { refoldPosition, type Difference, type Refolded, type Trigger } from "./refold.ts";
import {
  actorIndexPk,
  derivedPk,
  derivedSk,
  entrySk,
  numberSk,
  positionPk,
  propositionIndexPk,
  REVIEW_PK,
  reviewSk,
} from "./rows.ts";
import type { EntryVersion } from "./timeline.ts";

/** How many derived events a position has had, as of just before a sequence number. */
async function numberBefore(views: ViewStore, position: PositionId, sequence: number): Promise<number> {
  const range = { from: numberSk(0), to: numberSk(sequence), descending: true, limit: 2 };
  const rows = await views.query(positionPk(position), range);
  const row = rows.find(({ sk }) => sequenceIn(sk) < sequence);
  return row === undefined ? 0 : bodyOf<{ number: number }>(row).number;
}

function entryRow(position: PositionId, trigger: Trigger, refolded: Refolded, told: Announcements): ViewRow | null {
  const { before, after } = refolded;
  const { sequence, recordedAt } = trigger;
  const key = after?.entry.key ?? before?.entry.key;
  if (key === undefined) return null;
  const announced = told.announced.get(key);
  const review = told.reviews.get(key);
  const body: EntryVersion =
    after === null
      ? { recordedAt, gone: true }
      : {
          recordedAt,
          entry: after.entry,
          outcome: after.outcome,
          state: after.state,
          ...(announced && { announced }),
          ...(review !== undefined && { review }),
        };
  return { pk: positionPk(position), sk: entrySk(key, sequence), body };
}

/** Review items that nothing stands for any more are closed; new ones are opened. */
function reviewRows(trigger: Trigger, changed: readonly Refolded[], told: Announcements): ViewRow[] {
  const { sequence, recordedAt } = trigger;
  const open = new Set(told.reviews.values());
  const closed = changed.flatMap(({ before }) => before?.review ?? []).filter((item) => !open.has(item));
  const opened = told.events.filter((event) => event.type === "ReviewRequested");
  return [
    ...closed.map((item) => ({ sk: reviewSk(item, sequence), body: { open: false, recordedAt } })),
    ...opened.map((event) => ({
      sk: reviewSk(`${sequenceKey(sequence)}-${event.id}`, sequence),
      body: { open: true, recordedAt, event },
    })),
  ].map((row) => ({ pk: REVIEW_PK, ...row }));
}

function derivedRows(events: readonly DerivedEvent[], sequence: number, ordinal: number): ViewRow[] {
  return events.map((event, index) => ({
    pk: derivedPk(sequence),
    sk: derivedSk(sequence, ordinal + index),
    body: event,
  }));
}

/**
 * The rows that one event makes of one position: entries that fare differently now, derived events, and what
 * waits for an editor. `ordinal` counts the derived events that the same event made of positions before.
 */
export async function positionRows(
  difference: Difference,
  trigger: Trigger,
  ordinal: number,
  views: ViewStore,
): Promise<{ rows: ViewRow[]; announced: number }> {
  const { position } = difference;
  const { sequence } = trigger;
  const refold = await refoldPosition(difference, trigger, views);
  if (refold.changed.length === 0) return { rows: [], announced: 0 };
  // Also where nothing of the position stands any more: its announcements were made and counted.
  const number = await numberBefore(views, position, sequence);
  const told = announce(difference, trigger, refold, number);
  const entries = refold.changed.flatMap((refolded) => entryRow(position, trigger, refolded, told) ?? []);
  const index = [
    { pk: actorIndexPk(position.actor), sk: position.proposition, body: {} },
    { pk: propositionIndexPk(position.proposition), sk: position.actor, body: {} },
  ];
  const count = { pk: positionPk(position), sk: numberSk(sequence), body: { number: number + told.events.length } };
  return {
    rows: [
      ...entries,
      ...(refold.isNew ? index : []),
      ...(told.events.length > 0 ? [count] : []),
      ...reviewRows(trigger, refold.changed, told),
      ...derivedRows(told.events, sequence, ordinal),
    ],
    announced: told.events.length,
  };
}
