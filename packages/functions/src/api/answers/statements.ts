import { ActorId, PrincipalId, PropositionId, StatementId } from "@on-record/core/domain/ids";
import { ErasableType } from "@on-record/core/domain/statement/erased-event";
import { StatementEvent } from "@on-record/core/domain/statement/events";
import { AssessmentInput, Language, Report } from "@on-record/core/domain/statement/parts";
import type { Statement as StatementShape } from "@on-record/core/domain/statement/state";
import { Instant, SaidAt } from "@on-record/core/domain/time";
import type { SimilarStatement } from "@on-record/core/queries/similar";
import * as z from "zod";
import { MayRestOn, Outcome, taking, Text, Version } from "./common.ts";
import { Problem } from "./problem.ts";
import { asErased, asStored, rehearsalOf, wouldRecord } from "./rehearsal.ts";

const Withdrawal = z.strictObject({ version: Version, by: PrincipalId, reason: Text });

const Facts = z.strictObject({
  id: StatementId,
  version: Version,
  speaker: ActorId,
  onBehalfOf: ActorId.optional(),
  text: Text,
  language: Language.optional(),
  saidAt: SaidAt,
  place: Text,
  settledAfter: z.array(StatementId),
  reports: z.array(Report.extend({ version: Version, withdrawn: Withdrawal.optional() })),
  assessments: z.array(AssessmentInput.extend({ id: Text, version: Version, assessedBy: PrincipalId })),
  disputes: z.array(z.strictObject({ version: Version, by: ActorId.optional(), reason: Text, url: Text.optional() })),
  conditionsMet: z.array(
    z.strictObject({ proposition: PropositionId, condition: Text, metAt: SaidAt, version: Version }),
  ),
  delegations: z.array(z.strictObject({ proposition: PropositionId, accepted: z.boolean(), version: Version })),
  withdrawn: Withdrawal.optional(),
  merged: z.strictObject({ version: Version, by: PrincipalId, into: StatementId }).optional(),
  reinstated: Withdrawal.optional(),
});

/** A statement as its stream stands. */
export const Statement = taking<Omit<StatementShape, "erased" | "unlike">>()(Facts).extend({
  status: z.enum(["standing", "unreported", "withdrawn", "merged"]),
  disputed: z.boolean(),
  actor: ActorId,
  direct: z.boolean(),
  publishersCount: z.int().min(0),
  countingAssessments: z.array(Text),
});

const Similar = taking<SimilarStatement>()(
  z.strictObject({
    id: StatementId,
    speaker: ActorId,
    onBehalfOf: ActorId.optional(),
    saidAt: SaidAt,
    text: Text,
  }),
);
const similar = z.array(Similar).nullable();

const [
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
] = StatementEvent.options;

const StoredStatementEvent = z.discriminatedUnion("type", [
  asStored(StatementRecorded),
  asStored(ReportAdded),
  asStored(ReportWithdrawn),
  asStored(StatementAssessed),
  asStored(StatementCorrected),
  asStored(StatementDisputed),
  asStored(ConditionMet),
  asStored(OrderSettled),
  asStored(DelegationSettled),
  asStored(StatementMerged),
  asStored(StatementWithdrawn),
  asStored(StatementReinstated),
  asStored(StatementErased),
]);

/** An event that was erased: its envelope alone. */
const ErasedEvent = asErased(ErasableType);

const LifeEvent = z.discriminatedUnion("type", [
  wouldRecord(ReportAdded),
  wouldRecord(ReportWithdrawn),
  wouldRecord(StatementAssessed),
  wouldRecord(StatementCorrected),
  wouldRecord(StatementDisputed),
  wouldRecord(ConditionMet),
  wouldRecord(OrderSettled),
  wouldRecord(DelegationSettled),
  wouldRecord(StatementMerged),
  wouldRecord(StatementWithdrawn),
  wouldRecord(StatementReinstated),
]);

const HeldReport = Report.extend({ version: Version, withdrawn: Withdrawal.optional(), statement: StatementId });

export const StatementAnswer = z.strictObject({
  statement: Statement,
  corroboration: z.int().min(0),
  holds: z.array(StatementId),
  heldReports: z.array(HeldReport),
  current: z.boolean(),
  ...MayRestOn,
});

/** A statement in a list, with how it was recorded. */
export const ListedStatement = Statement.extend({
  corroboration: z.int().min(0),
  holds: z.array(StatementId),
  sequence: z.int().min(0),
  recordedAt: Instant,
  recordedBy: PrincipalId,
});
export const Statements = z.strictObject({
  statements: z.array(ListedStatement),
  next: Text.optional(),
  ...MayRestOn,
});
export const StatementEvents = z.strictObject({ events: z.array(z.union([StoredStatementEvent, ErasedEvent])) });
export const StatementOutcome = z.strictObject({ statement: Statement, ...Outcome });
export const RecordedOutcome = StatementOutcome.extend({ similar });
export const RecordedBriefly = z.strictObject({
  statement: z.strictObject({ id: StatementId, version: Version }),
  ...Outcome,
});
export const StatementRehearsal = rehearsalOf({ statement: Statement }, LifeEvent);
const recordedEvent = wouldRecord(StatementRecorded);
export const RecordedRehearsal = rehearsalOf({ statement: Statement, similar }, recordedEvent);

const Place = { index: z.int().min(0) };
const Refused = z.strictObject({ ...Place, status: z.int().min(400).max(599), problem: Problem });
const Counts = z.strictObject({ recorded: z.int().min(0), replayed: z.int().min(0), refused: z.int().min(0) });
const status = z.union([z.literal(200), z.literal(201)]);

/** One result an item, in the order of the request. */
export const BatchAnswer = z.strictObject({
  results: z.array(z.union([StatementOutcome.extend({ ...Place, status }), Refused])),
  counts: Counts,
});
export const BatchRehearsal = z.strictObject({
  results: z.array(
    z.union([rehearsalOf({ statement: Statement, ...Place, status: z.literal(200) }, recordedEvent), Refused]),
  ),
  counts: Counts,
});
