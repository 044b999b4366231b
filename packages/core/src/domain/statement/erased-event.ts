import * as z from "zod";
import { ActorId, PrincipalId, PropositionId, ReportId, StatementId } from "../ids.ts";
import { SaidAt } from "../time.ts";
import { StatementEvent } from "./events.ts";
import { AssessmentInput, ConditionNumbers } from "./parts.ts";

/** What can be erased of a stream: everything but its tombstone. */
export const ErasableType = z.enum(
  StatementEvent.options.map((option) => option.shape.type.value).filter((type) => type !== "StatementErased"),
);
export type ErasableType = z.infer<typeof ErasableType>;

const Version = z.int().min(1);
const Withdrawal = z.strictObject({ version: Version, by: PrincipalId, reason: z.string() });

/** A statement as `redact` leaves it, in the form that it is kept in. */
const Redacted = z.strictObject({
  id: StatementId,
  version: Version,
  speaker: ActorId,
  onBehalfOf: ActorId.optional(),
  text: z.literal(""),
  saidAt: SaidAt,
  place: z.string(),
  settledAfter: z.array(StatementId),
  reports: z.array(
    z.strictObject({
      id: ReportId,
      version: Version,
      publisher: z.string(),
      url: z.literal(""),
      withdrawn: Withdrawal.optional(),
    }),
  ),
  assessments: z.array(
    AssessmentInput.omit({ cue: true }).extend({ id: z.string(), version: Version, assessedBy: PrincipalId }),
  ),
  disputes: z.array(z.strictObject({ version: Version, reason: z.string() })),
  conditionsMet: z.array(
    z.strictObject({ proposition: PropositionId, condition: z.string(), metAt: SaidAt, version: Version }),
  ),
  delegations: z.array(z.strictObject({ proposition: PropositionId, accepted: z.boolean(), version: Version })),
  withdrawn: Withdrawal.optional(),
  merged: z.strictObject({ version: Version, by: PrincipalId, into: StatementId }).optional(),
  reinstated: Withdrawal.optional(),
  unlike: z.record(z.string(), z.array(z.string())),
});

/** What erasure leaves of an event: the statement as of it, without its words, so that a fold comes to the same. */
export const Remains = z.strictObject({
  form: z.literal(1),
  of: ErasableType,
  state: Redacted,
  numbers: ConditionNumbers,
});
export type Remains = z.infer<typeof Remains>;

/** An event whose words were erased. No stream is appended one: each was another event before. */
export const ErasedEvent = z.strictObject({ type: z.literal("Erased"), data: Remains });
export type ErasedEvent = z.infer<typeof ErasedEvent>;

/** Everything that a statement's stream holds. */
export type StatementFact = StatementEvent | ErasedEvent;

/** What happened, whether or not its words are still there. */
export function factType(event: StatementFact): StatementEvent["type"] {
  return event.type === "Erased" ? event.data.of : event.type;
}

/** Into which statement an event merged its own; `undefined` for any other event. */
export function mergedInto(event: StatementFact): StatementId | undefined {
  if (event.type === "StatementMerged") return event.data.into;
  return event.type === "Erased" && event.data.of === "StatementMerged" ? event.data.state.merged?.into : undefined;
}
