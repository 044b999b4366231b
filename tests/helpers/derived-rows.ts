import { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { derivedPk, derivedSk, POSITIONS, REVIEW_PK, reviewSk } from "@on-record/core/projections/positions/rows";
import { sequenceKey } from "@on-record/core/projections/projection";
import type { ViewStore } from "@on-record/core/log/ports";
import { instantOf } from "@on-record/core/domain/time";
import { st, TROOPS, TRUMP } from "../fixtures/statements.ts";

const AT = instantOf(Date.parse("2025-08-25T12:00:00Z"));

const idOf = (sequence: number, ordinal: number) =>
  `dv_${`${sequence}x${ordinal}`.replaceAll(/\d/g, (digit) => "abcdefghij".charAt(Number(digit))).padStart(26, "z")}`;

/** A change at a place of the log. */
export function changeAt(sequence: number, ordinal = 0, more: Record<string, unknown> = {}): DerivedEvent {
  return DerivedEvent.parse({
    type: "PositionChanged",
    id: idOf(sequence, ordinal),
    schemaVersion: 1,
    actor: TRUMP,
    proposition: TROOPS,
    number: 1,
    sequence,
    recordedAt: AT,
    cause: "new_statement",
    statement: st("a"),
    change: "first",
    reversal: "none",
    speaker: TRUMP,
    saidFrom: AT,
    previous: null,
    current: { statement: st("a"), stance: "open", force: "commissive" },
    ...more,
  });
}

export async function putChanges(views: ViewStore, ...events: DerivedEvent[]): Promise<void> {
  const ordinals = new Map<number, number>();
  for (const event of events) {
    const ordinal = ordinals.get(event.sequence) ?? 0;
    ordinals.set(event.sequence, ordinal + 1);
    await views.put([{ pk: derivedPk(event.sequence), sk: derivedSk(event.sequence, ordinal), body: event }]);
  }
}

/** Something that came to wait for an editor at a place of the log; its item's id. */
export async function putReview(views: ViewStore, sequence: number): Promise<string> {
  const { type: _type, ...common } = changeAt(sequence);
  const { id, schemaVersion, actor, proposition, number, recordedAt, cause, statement } = common;
  const event = DerivedEvent.parse({
    type: "ReviewRequested",
    id,
    schemaVersion,
    actor,
    proposition,
    number,
    sequence,
    recordedAt,
    cause,
    statement,
    reason: "unclear",
  });
  const item = `${sequenceKey(sequence)}-${id}`;
  await views.put([{ pk: REVIEW_PK, sk: reviewSk(item, sequence), body: { open: true, recordedAt: AT, event } }]);
  return item;
}

export async function closeReview(views: ViewStore, item: string, sequence: number): Promise<void> {
  await views.put([{ pk: REVIEW_PK, sk: reviewSk(item, sequence), body: { open: false, recordedAt: AT } }]);
}

/** Moves the positions' checkpoint: everything below `next` is in. */
export async function positionsReach(views: ViewStore, next: number): Promise<void> {
  await views.advance(POSITIONS, await views.checkpoint(POSITIONS), { next, recordedAt: AT });
}
