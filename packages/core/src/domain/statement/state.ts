import type { Occurred } from "../decider.ts";
import type { ActorId, PrincipalId, PropositionId, StatementId } from "../ids.ts";
import type { SaidAt } from "../time.ts";
import type { StatementFact } from "./erased-event.ts";
import { placeOf, type StatementEvent, type StatementEventOf } from "./events.ts";
import { redact, type Tombstone } from "./erasure.ts";
import { relocate } from "./evidence.ts";
import type { AssessmentInput, Report } from "./parts.ts";

/** An assessment with its place: `id` is `<version of its event>.<index in it>`, so newer sorts behind older. */
export interface Assessment extends AssessmentInput {
  id: string;
  version: number;
  assessedBy: PrincipalId;
}

/** A report and, when it no longer stands, why. */
export interface HeldReport extends Report {
  version: number;
  withdrawn?: { version: number; by: PrincipalId; reason: string } | undefined;
}

export interface Dispute {
  version: number;
  by?: ActorId | undefined;
  reason: string;
  url?: string | undefined;
}

/** Everything known of one statement: the fold of its stream. */
export interface Statement {
  id: StatementId;
  version: number;
  speaker: ActorId;
  onBehalfOf?: ActorId | undefined;
  text: string;
  language?: string | undefined;
  saidAt: SaidAt;
  /** Where it stands in time: the start of saidAt, or where an editor placed it. */
  place: string;
  /** Statements that an editor placed this one behind. */
  settledAfter: StatementId[];
  reports: HeldReport[];
  assessments: Assessment[];
  disputes: Dispute[];
  conditionsMet: { proposition: PropositionId; condition: string; metAt: SaidAt; version: number }[];
  delegations: { proposition: PropositionId; accepted: boolean; version: number }[];
  withdrawn?: { version: number; by: PrincipalId; reason: string } | undefined;
  merged?: { version: number; by: PrincipalId; into: StatementId } | undefined;
  /** How the last withdrawal or merge was undone; gone with the next. */
  reinstated?: { version: number; by: PrincipalId; reason: string } | undefined;
  erased?: Tombstone | undefined;
  /**
   * Its words were erased, whether or not it was so by this version: what is left holds none. By the ids of assessments
   * that had a condition, those of other statements whose conditions it was known to differ from.
   */
  unlike?: Readonly<Record<string, readonly string[]>> | undefined;
}

export type StatementState = Statement | null;

/** The actor whose position the statement states. */
export function actorOf(statement: Pick<Statement, "speaker" | "onBehalfOf">): ActorId {
  return statement.onBehalfOf ?? statement.speaker;
}

/** Whether the actor spoke for itself. */
export function isDirect(statement: Pick<Statement, "speaker" | "onBehalfOf">): boolean {
  return actorOf(statement) === statement.speaker;
}

/** Reports that have not been withdrawn. */
export function standingReports(statement: Statement): HeldReport[] {
  return statement.reports.filter((report) => report.withdrawn === undefined);
}

type On<T extends StatementEvent["type"]> = Occurred<StatementEventOf<T>>;

function record({ data, version, recordedBy }: On<"StatementRecorded">): Statement {
  const { onBehalfOf, language } = data;
  const statement: Statement = {
    id: data.statement,
    version,
    speaker: data.speaker,
    text: data.text,
    saidAt: data.saidAt,
    place: placeOf(data.saidAt),
    settledAfter: [],
    reports: [{ ...data.report, version }],
    assessments: numbered(data.assessments, version, recordedBy),
    disputes: [],
    conditionsMet: [],
    delegations: [],
  };
  if (onBehalfOf !== undefined) statement.onBehalfOf = onBehalfOf;
  if (language !== undefined) statement.language = language;
  return statement;
}

function numbered(list: readonly AssessmentInput[], version: number, by: PrincipalId): Assessment[] {
  return list.map((each, index) => {
    const { proposition, stance, force, basis, confidence } = each;
    const id = `${version}.${index}`;
    const assessment: Assessment = { proposition, stance, force, basis, confidence, id, version, assessedBy: by };
    if (each.condition !== undefined) assessment.condition = each.condition;
    if (each.evidence !== undefined) assessment.evidence = each.evidence;
    if (each.cue !== undefined) assessment.cue = each.cue;
    return assessment;
  });
}

function correct(state: Statement, { data, version, recordedBy }: On<"StatementCorrected">): Statement {
  const { speaker, onBehalfOf, text, language, saidAt, assessments } = data;
  const { onBehalfOf: before, ...rest } = state;
  const behalf = onBehalfOf === undefined ? before : (onBehalfOf ?? undefined);
  const restated = new Set(assessments?.map((a) => a.proposition));
  const kept =
    text === undefined
      ? state.assessments
      : state.assessments
          .filter((a) => !restated.has(a.proposition))
          .flatMap((a) => relocate(a, state.text, text) ?? []);
  return {
    ...rest,
    ...(behalf !== undefined && { onBehalfOf: behalf }),
    ...(speaker !== undefined && { speaker }),
    ...(text !== undefined && { text }),
    ...(language !== undefined && { language }),
    // What an editor settled held for the time, and for the two actors, that stood then.
    ...(saidAt !== undefined && { saidAt, place: placeOf(saidAt), settledAfter: [] }),
    ...((speaker !== undefined || onBehalfOf !== undefined) && { delegations: [] }),
    assessments: [...kept, ...numbered(assessments ?? [], version, recordedBy)],
  };
}

function withdrawReport(state: Statement, { data, version, recordedBy: by }: On<"ReportWithdrawn">): Statement {
  const withdrawn = { version, by, reason: data.reason };
  return { ...state, reports: state.reports.map((r) => (r.id === data.report ? { ...r, withdrawn } : r)) };
}

function settleDelegation(state: Statement, { data, version }: On<"DelegationSettled">): Statement {
  const others = state.delegations.filter((d) => d.proposition !== data.proposition);
  return { ...state, delegations: [...others, { proposition: data.proposition, accepted: data.accepted, version }] };
}

function addReport(state: Statement, { data, version }: On<"ReportAdded">): Statement {
  const others = state.reports.filter((r) => r.id !== data.report.id);
  return { ...state, reports: [...others, { ...data.report, version }] };
}

/** The statement without its last closing or reopening: each takes the place of the one before. */
function reopened(state: Statement): Statement {
  const { withdrawn: _withdrawn, merged: _merged, reinstated: _reinstated, ...rest } = state;
  return rest;
}

function step(state: Statement, event: Occurred<StatementEvent>): Statement {
  const { version, recordedBy: by } = event;
  switch (event.type) {
    case "StatementRecorded":
      return record(event);
    case "ReportAdded":
      return addReport(state, event);
    case "ReportWithdrawn":
      return withdrawReport(state, event);
    case "StatementAssessed":
      return { ...state, assessments: [...state.assessments, ...numbered(event.data.assessments, version, by)] };
    case "StatementCorrected":
      return correct(state, event);
    case "StatementDisputed":
      return { ...state, disputes: [...state.disputes, { version, ...event.data }] };
    case "ConditionMet": {
      const { proposition, condition, metAt } = event.data;
      return { ...state, conditionsMet: [...state.conditionsMet, { proposition, condition, metAt, version }] };
    }
    case "OrderSettled":
      return { ...state, place: event.data.placedAt, settledAfter: [...state.settledAfter, event.data.after] };
    case "DelegationSettled":
      return settleDelegation(state, event);
    case "StatementMerged":
      return { ...reopened(state), merged: { version, by, into: event.data.into } };
    case "StatementWithdrawn":
      return { ...reopened(state), withdrawn: { version, by, reason: event.data.reason } };
    case "StatementReinstated":
      return { ...reopened(state), reinstated: { version, by, reason: event.data.reason } };
    case "StatementErased": {
      const { conditions: numbers, ...tombstone } = event.data;
      return { ...redact(state, { numbers, unlike: state.unlike ?? {} }), erased: { version, by, ...tombstone } };
    }
  }
}

/** Folds one event into the statement. */
export function evolveStatement(state: StatementState, event: Occurred<StatementFact>): StatementState {
  if (event.type === "Erased") return event.data.state;
  if (event.type === "StatementRecorded") return record(event);
  if (state === null) throw new Error(`a statement's stream begins with ${event.type}`);
  return { ...step(state, event), version: event.version };
}
