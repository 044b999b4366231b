import * as z from "zod";
import { ActorId, PropositionId, ReportId, StatementId } from "../ids.ts";
import { Condition } from "../stance.ts";
import { Instant, SaidAt } from "../time.ts";
import {
  AssessmentInputs,
  ConditionNumbers,
  Language,
  Reason,
  Reference,
  Report,
  StatementText,
  WebUrl,
} from "./parts.ts";

const event = <T extends string, D extends z.ZodType>(type: T, data: D) =>
  z.strictObject({ type: z.literal(type), data });

/** One utterance enters the ledger, with its first report and the stances it is taken to express. */
export const StatementRecorded = event(
  "StatementRecorded",
  z.strictObject({
    statement: StatementId,
    /** Who uttered it. */
    speaker: ActorId,
    /** Whose position it states, when that is not the speaker. */
    onBehalfOf: ActorId.optional(),
    text: StatementText,
    language: Language.optional(),
    saidAt: SaidAt,
    report: Report,
    assessments: AssessmentInputs,
  }),
);

/** Another outlet's account of the same utterance. */
export const ReportAdded = event("ReportAdded", z.strictObject({ report: Report }));

/** An outlet took its account back, or it was never one of this statement. */
export const ReportWithdrawn = event("ReportWithdrawn", z.strictObject({ report: ReportId, reason: Reason }));

/** The words were read again. */
export const StatementAssessed = event(
  "StatementAssessed",
  z.strictObject({ assessments: AssessmentInputs.min(1), reason: Reason.optional() }),
);

/** What was recorded wrongly is set right; only what changes is given. `onBehalfOf: null` makes the words the speaker's own. */
export const StatementCorrected = event(
  "StatementCorrected",
  z.strictObject({
    reason: Reason,
    speaker: ActorId.optional(),
    onBehalfOf: ActorId.nullable().optional(),
    text: StatementText.optional(),
    language: Language.optional(),
    saidAt: SaidAt.optional(),
    /** Assessments restated against the corrected words. */
    assessments: AssessmentInputs.optional(),
  }),
);

/** Somebody denies that it was said so. Deletes nothing. */
export const StatementDisputed = event(
  "StatementDisputed",
  z.strictObject({ by: ActorId.optional(), reason: Reason, url: WebUrl.optional() }),
);

/** What a stance depended on has come about. */
export const ConditionMet = event(
  "ConditionMet",
  z.strictObject({
    proposition: PropositionId,
    /** The condition as the assessment words it. */
    condition: Condition,
    metAt: SaidAt,
    reason: Reason.optional(),
    url: WebUrl.optional(),
  }),
);

/** Which of two utterances with overlapping times came first: this one was said after `after`. */
export const OrderSettled = event(
  "OrderSettled",
  z.strictObject({
    after: StatementId,
    /** This statement's place in time from now on: sorts behind the other's. */
    placedAt: z.string().max(600),
    reason: Reason.optional(),
  }),
);

/** Whether words spoken on an actor's behalf count as the actor's own. */
export const DelegationSettled = event(
  "DelegationSettled",
  z.strictObject({ proposition: PropositionId, accepted: z.boolean(), reason: Reason.optional() }),
);

/** The same utterance was recorded twice: its reports move to the other statement, its assessments end. */
export const StatementMerged = event(
  "StatementMerged",
  z.strictObject({ into: StatementId, reason: Reason.optional() }),
);

/** The statement no longer counts; it stays on record. */
export const StatementWithdrawn = event("StatementWithdrawn", z.strictObject({ reason: Reason }));

/** A withdrawal or a merge is undone. */
export const StatementReinstated = event("StatementReinstated", z.strictObject({ reason: Reason }));

/** The tombstone: what was said is to be known no longer. It says who, when and why; and nothing of what it was. */
export const StatementErased = event(
  "StatementErased",
  z.strictObject({
    reason: Reason,
    /** The law, the order or the case that asks for it. */
    reference: Reference.optional(),
    at: Instant,
    /** In place of the conditions' words, so that those that were the same stay the same. */
    conditions: ConditionNumbers,
  }),
);

/** Everything that can happen to a statement. */
export const StatementEvent = z.discriminatedUnion("type", [
  StatementRecorded,
  ReportAdded,
  ReportWithdrawn,
  StatementAssessed,
  StatementCorrected,
  StatementDisputed,
  ConditionMet,
  OrderSettled,
  DelegationSettled,
  StatementMerged,
  StatementWithdrawn,
  StatementReinstated,
  StatementErased,
]);
export type StatementEvent = z.infer<typeof StatementEvent>;
export type StatementEventOf<T extends StatementEvent["type"]> = Extract<StatementEvent, { type: T }>;

/** A place in time as `OrderSettled` keeps it: an instant, and a `~` for each settlement behind another. */
export function placeBehind(place: string): string {
  return `${place}~`;
}

/** The place that a time takes before anything is settled: the start of its span. */
export function placeOf(saidAt: { from: Instant }): string {
  return saidAt.from;
}
