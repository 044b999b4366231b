import { Change, Reversal } from "@on-record/core/domain/change";
import { ActorId, PropositionId, StatementId } from "@on-record/core/domain/ids";
import { Condition, Force, Stance } from "@on-record/core/domain/stance";
import { Evidence } from "@on-record/core/domain/statement/parts";
import { Instant, SaidAt } from "@on-record/core/domain/time";
import type { HistoryItem as HistoryShape } from "@on-record/core/queries/history";
import type { Position as PositionShape } from "@on-record/core/queries/positions";
import * as z from "zod";
import { RestsOn, taking, Text } from "./common.ts";

const Placed = Stance.exclude(["no_comment", "unclear"]);

const Basis = z.strictObject({
  statement: StatementId,
  speaker: ActorId,
  direct: z.boolean(),
  saidAt: SaidAt,
  text: Text.optional(),
  erased: z.literal(true).optional(),
  evidence: Evidence.optional(),
  cue: Text.optional(),
  corroboration: z.int().min(0),
  disputed: z.boolean(),
});

const Contest = z.strictObject({
  statement: StatementId,
  speaker: ActorId,
  stance: Placed,
  condition: Condition.optional(),
  change: Change,
  reversal: Reversal,
});

/** Where an actor stands on a proposition. */
export const Position = taking<PositionShape>()(
  z.strictObject({
    actor: ActorId,
    proposition: PropositionId,
    stance: Placed,
    condition: Condition.optional(),
    force: Force,
    since: Instant,
    basis: Basis,
    contests: z.array(Contest),
    provisional: z.boolean(),
    inheritedFrom: PropositionId.optional(),
  }),
);

const StepOutcome = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("moved"),
    change: Change,
    reversal: Reversal,
    previous: StatementId.nullable(),
  }),
  z.strictObject({
    kind: z.literal("noted"),
    why: z.enum(["no_comment", "unclear", "unconfirmed", "weaker", "rejected", "not_current"]),
  }),
  z.strictObject({ kind: z.literal("contested"), change: Change, reversal: Reversal }),
  z.strictObject({ kind: z.literal("provisional"), against: StatementId }),
]);

/** One step of a position's history. */
export const HistoryItem = taking<HistoryShape>()(
  z.strictObject({
    statement: StatementId,
    kind: z.enum(["words", "condition_met"]),
    speaker: ActorId,
    voice: z.enum(["direct", "delegated", "accepted", "rejected"]),
    saidFrom: Instant,
    saidUntil: Instant,
    stance: Stance,
    condition: Condition.optional(),
    outcome: StepOutcome,
    position: z
      .strictObject({
        stance: Stance,
        condition: Condition.optional(),
        statement: StatementId,
        provisional: z.boolean(),
      })
      .nullable(),
    recordedAt: Instant,
    announced: z.strictObject({ id: Text, number: z.int().min(1) }).optional(),
  }),
);

export const PositionAnswer = z.strictObject({ position: Position, ...RestsOn });
export const Positions = z.strictObject({
  positions: z.array(Position),
  inherited: z.array(Position).optional(),
  next: Text.optional(),
  ...RestsOn,
});
export const History = z.strictObject({ history: z.array(HistoryItem), next: Text.optional(), ...RestsOn });
