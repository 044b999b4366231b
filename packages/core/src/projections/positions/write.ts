import type { PositionId } from "../../domain/position/entry.ts";
import { isProvisional } from "../../domain/position/fold.ts";
import type { ViewRow } from "../../log/ports.ts";
import { horizonBefore } from "../moments.ts";
import { sequenceKey, type ViewReader } from "../projection.ts";
import { announce, type Announcements } from "./announce.ts";
import type { DerivedEvent } from "./derived.ts";
import { packEntry, type GoneRow } from "./entry-form.ts";
import { pageRows, type TimelineChange } from "./pages.ts";
import { refoldPosition, type Difference, type Refolded, type Trigger } from "./refold.ts";
import {
  actorIndexPk,
  derivedPk,
  derivedSk,
  entrySk,
  positionPk,
  propositionIndexPk,
  REVIEW_PK,
  reviewSk,
} from "./rows.ts";
import { Timeline } from "./timeline.ts";

/** An entry as it stands from the event on, or the key of one that does no longer. */
function changeOf({ before, after }: Refolded, { sequence }: Trigger): TimelineChange[] {
  if (after === null) return before === null ? [] : [before.entry.key];
  const { held, contests } = after.state;
  const standpoint = held && {
    statement: held.statement,
    stance: held.stance,
    since: held.since,
    conditional: held.condition !== undefined,
    contested: contests.length > 0,
    provisional: isProvisional(after.state),
  };
  return [{ key: after.entry.key, sequence, standpoint }];
}

function entryRow(position: PositionId, trigger: Trigger, refolded: Refolded, told: Announcements): ViewRow | null {
  const { before, after } = refolded;
  const { sequence, recordedAt } = trigger;
  const key = after?.entry.key ?? before?.entry.key;
  if (key === undefined) return null;
  const announced = told.announced.get(key);
  const review = told.reviews.get(key);
  const body =
    after === null
      ? ({ recordedAt, gone: true } satisfies GoneRow)
      : packEntry({
          recordedAt,
          ...after,
          ...(announced && { announced }),
          ...(review !== undefined && { review }),
        });
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
  { ordinal, pageItems }: { ordinal: number; pageItems: number },
  views: ViewReader,
): Promise<{ rows: ViewRow[]; announced: number }> {
  const { position } = difference;
  const { sequence, recordedAt } = trigger;
  const timeline = new Timeline(views, position, horizonBefore(trigger));
  const refold = await refoldPosition(difference, trigger, timeline);
  if (refold.changed.length === 0) return { rows: [], announced: 0 };
  const number = await timeline.number();
  const told = announce(difference, trigger, refold, number);
  const entries = refold.changed.flatMap((refolded) => entryRow(position, trigger, refolded, told) ?? []);
  const index = [
    { pk: actorIndexPk(position.actor), sk: position.proposition, body: { recordedAt } },
    { pk: propositionIndexPk(position.proposition), sk: position.actor, body: { recordedAt } },
  ];
  const changes = refold.changed.flatMap((refolded) => changeOf(refolded, trigger));
  const pages = await pageRows(timeline, { position, trigger, pageItems }, changes, number + told.events.length);
  return {
    rows: [
      ...entries,
      ...(refold.isNew ? index : []),
      ...pages,
      ...reviewRows(trigger, refold.changed, told),
      ...derivedRows(told.events, sequence, ordinal),
    ],
    announced: told.events.length,
  };
}
