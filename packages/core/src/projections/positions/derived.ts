import * as z from "zod";
import { Change, Reversal } from "../../domain/change.ts";
import { ActorId, PropositionId, StatementId } from "../../domain/ids.ts";
import { Condition, Force, Stance } from "../../domain/stance.ts";
import { Evidence } from "../../domain/statement/parts.ts";
import { Instant } from "../../domain/time.ts";

/**
 * Why a change is announced. With `new_statement` the actor moved; with the others the record did.
 */
export const Cause = z.enum(["new_statement", "late_record", "correction", "retraction", "settlement", "revision"]);
export type Cause = z.infer<typeof Cause>;

const Placed = Stance.exclude(["no_comment", "unclear"]);

/** A standing and the statement it rests on. */
const Words = z.strictObject({
  statement: StatementId,
  stance: Placed,
  condition: Condition.optional(),
  force: Force,
});

const Common = {
  /** Hash of position, sequence, number and content but for words: a repeat has the same, a reinstated change another. */
  id: z.string().regex(/^dv_[a-z2-7]{26}$/),
  schemaVersion: z.literal(1),
  actor: ActorId,
  proposition: PropositionId,
  /** Counts this position's derived events from 1 without gaps: restores their order. */
  number: z.int().min(1),
  /** The place in the log of the event that led to it. */
  sequence: z.int().min(0),
  recordedAt: Instant,
  cause: Cause,
  /** The statement that it is about. */
  statement: StatementId,
};

/** A position moved, or was reaffirmed. */
export const PositionChanged = z.strictObject({
  type: z.literal("PositionChanged"),
  ...Common,
  change: Change,
  reversal: Reversal,
  /** Who uttered the words. */
  speaker: ActorId,
  /** When they were said: the start of the span. */
  saidFrom: Instant,
  evidence: Evidence.optional(),
  cue: z.string().optional(),
  previous: Words.nullable(),
  current: Words,
});

/** A change that was announced is no longer one: the record moved. */
export const PositionChangeWithdrawn = z.strictObject({
  type: z.literal("PositionChangeWithdrawn"),
  ...Common,
  /** The id of the change that no longer stands. */
  withdraws: z.string(),
  change: Change,
  reversal: Reversal,
});

/** Delegated words contradict the actor's own; the position stands until the actor speaks or an editor settles it. */
export const PositionContested = z.strictObject({
  type: z.literal("PositionContested"),
  ...Common,
  speaker: ActorId,
  stance: Placed,
  condition: Condition.optional(),
  /** What the words would have been graded. */
  change: Change,
  reversal: Reversal,
});

/** The contest is over. */
export const PositionContestEnded = z.strictObject({
  type: z.literal("PositionContestEnded"),
  ...Common,
  /** `actor_spoke`, or what moved the record. */
  how: z.enum(["actor_spoke", "correction", "retraction", "settlement"]),
});

export const ReviewReason = z.enum(["unclear", "unconfirmed", "contested", "order", "condition_replaced"]);
export type ReviewReason = z.infer<typeof ReviewReason>;

/** Something waits for an editor. */
export const ReviewRequested = z.strictObject({
  type: z.literal("ReviewRequested"),
  ...Common,
  reason: ReviewReason,
  /** The other statement, where an order is in question. */
  against: StatementId.optional(),
});

/** What leaves the positions for subscribers. */
export const DerivedEvent = z.discriminatedUnion("type", [
  PositionChanged,
  PositionChangeWithdrawn,
  PositionContested,
  PositionContestEnded,
  ReviewRequested,
]);
export type DerivedEvent = z.infer<typeof DerivedEvent>;
