import * as z from "zod";
import { fieldError, LedgerError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { ActorId, PropositionId, StatementId } from "../domain/ids.ts";
import {
  AssessmentInputs,
  Language,
  Reason,
  Reference,
  ReportInput,
  StatementText,
  WebUrl,
} from "../domain/statement/parts.ts";
import { saidAtFrom, Zone } from "../domain/said-at.ts";
import { MomentOrDate, Precision, type SaidAt } from "../domain/time.ts";

/** What POST /v1/statements takes. */
export const RecordStatementInput = z.strictObject({
  speaker: ActorId,
  onBehalfOf: ActorId.optional(),
  text: StatementText,
  language: Language.optional(),
  saidAt: MomentOrDate,
  /** Coarser than `saidAt` is written, when it is known less exactly than that. */
  saidAtPrecision: Precision.optional(),
  /** Where a day begins and ends; else the offset of `saidAt`, else UTC. */
  saidAtZone: Zone.optional(),
  report: ReportInput,
  assessments: AssessmentInputs.default([]),
});
export type RecordStatementInput = z.infer<typeof RecordStatementInput>;

/** A caller's name for a request: visible ASCII, as an HTTP header can carry it. */
export const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters")
  .max(LIMITS.idempotencyKeyChars);

/** What POST /v1/statements:batch takes. Each item is read by itself, as a `BatchItemInput`: one spoils no other. */
export const BatchInput = z.strictObject({
  statements: z.array(z.unknown()).min(1).max(LIMITS.batchStatementsCount),
});

/** One statement of a batch: as it is posted singly, and the key that would be its header. */
export const BatchItemInput = RecordStatementInput.extend({ idempotencyKey: IdempotencyKey.optional() });

/** A report that is taken back. The report itself is named by the path. */
export const ReasonInput = z.strictObject({ reason: Reason });
export type ReasonInput = z.infer<typeof ReasonInput>;

export const AssessInput = z.strictObject({ assessments: AssessmentInputs.min(1), reason: Reason.optional() });
export type AssessInput = z.infer<typeof AssessInput>;

/** Only what changes is given. `onBehalfOf: null` makes the words the speaker's own. */
export const CorrectInput = z
  .strictObject({
    reason: Reason,
    speaker: ActorId.optional(),
    onBehalfOf: ActorId.nullable().optional(),
    text: StatementText.optional(),
    language: Language.optional(),
    saidAt: MomentOrDate.optional(),
    saidAtPrecision: Precision.optional(),
    saidAtZone: Zone.optional(),
    assessments: AssessmentInputs.optional(),
  })
  .superRefine((input, context) => {
    if (input.saidAt !== undefined) return;
    for (const field of ["saidAtPrecision", "saidAtZone"] as const) {
      if (input[field] !== undefined) context.addIssue({ code: "custom", path: [field], message: "needs saidAt" });
    }
  });
export type CorrectInput = z.infer<typeof CorrectInput>;

export const DisputeInput = z.strictObject({ by: ActorId.optional(), reason: Reason, url: WebUrl.optional() });
export type DisputeInput = z.infer<typeof DisputeInput>;

export const ConditionInput = z.strictObject({
  proposition: PropositionId,
  metAt: MomentOrDate,
  metAtPrecision: Precision.optional(),
  metAtZone: Zone.optional(),
  reason: Reason.optional(),
  url: WebUrl.optional(),
});
export type ConditionInput = z.infer<typeof ConditionInput>;

/** What only an editor can say: which of two came first, or whether delegated words count. */
export const SettlementInput = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("order"), after: StatementId, reason: Reason.optional() }),
  z.strictObject({
    kind: z.literal("delegation"),
    proposition: PropositionId,
    accepted: z.boolean(),
    reason: Reason.optional(),
  }),
]);
export type SettlementInput = z.infer<typeof SettlementInput>;

export const MergeInput = z.strictObject({ into: StatementId, reason: Reason.optional() });
export type MergeInput = z.infer<typeof MergeInput>;

/** Why something is erased, and on what ground. Neither may say what it was. */
export const EraseInput = z.strictObject({ reason: Reason, reference: Reference.optional() });
export type EraseInput = z.infer<typeof EraseInput>;

/** The span of a given time. Problems name the request's own field: `saidAt…` or `metAt…`. */
export function spanOf(field: "saidAt" | "metAt", given: string, precision?: Precision, zone?: string): SaidAt {
  try {
    return saidAtFrom(given, precision, zone);
  } catch (error) {
    // The last day of the year 9999 ends beyond what the ledger can write down.
    if (error instanceof z.ZodError) throw fieldError("invalid_request", field, "lies beyond the calendar");
    if (!(error instanceof LedgerError)) throw error;
    const fields = error.fields.map(({ path, message }) => ({
      path: path.replace("saidAt", field),
      message: message.replace("saidAt", field),
    }));
    throw new LedgerError(error.code, error.message.replace("saidAt", field), { fields, cause: error });
  }
}
