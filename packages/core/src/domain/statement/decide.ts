import { LedgerError, fieldError } from "../../errors.ts";
import type { Decider } from "../decider.ts";
import type { StatementId, PrincipalId } from "../ids.ts";
import { sameJson } from "../same-json.ts";
import { overlaps, type Instant } from "../time.ts";
import { countingAssessments } from "./counting.ts";
import type { StatementFact } from "./erased-event.ts";
import { erasedError } from "./erasure.ts";
import { placeBehind, type StatementEvent, type StatementEventOf } from "./events.ts";
import { relocate } from "./evidence.ts";
import type { AssessmentInput } from "./parts.ts";
import { refuseClosed, refuseFuture, refuseOutside } from "./refusals.ts";
import { actorOf, evolveStatement, isDirect, type Statement, type StatementState } from "./state.ts";

type DataOf<T extends StatementEvent["type"]> = StatementEventOf<T>["data"];

/** What can be asked of a statement. `by` is the principal; `other` is another statement, just read. */
export type StatementCommand = { by: PrincipalId } & (
  | { type: "RecordStatement"; data: DataOf<"StatementRecorded">; latest: string }
  | { type: "AddReport"; data: DataOf<"ReportAdded"> }
  | { type: "WithdrawReport"; data: DataOf<"ReportWithdrawn"> }
  | { type: "AssessStatement"; data: DataOf<"StatementAssessed"> }
  | { type: "CorrectStatement"; data: DataOf<"StatementCorrected">; latest: string }
  | { type: "DisputeStatement"; data: DataOf<"StatementDisputed"> }
  | { type: "MeetCondition"; data: Omit<DataOf<"ConditionMet">, "condition">; latest: string }
  | { type: "SettleOrder"; data: { after: StatementId; reason?: string | undefined }; other: StatementState }
  | { type: "SettleDelegation"; data: DataOf<"DelegationSettled"> }
  | { type: "MergeStatement"; data: DataOf<"StatementMerged">; other: StatementState }
  | { type: "WithdrawStatement"; data: DataOf<"StatementWithdrawn"> }
  | { type: "ReinstateStatement"; data: DataOf<"StatementReinstated"> }
  | {
      type: "EraseStatement";
      data: Omit<DataOf<"StatementErased">, "at" | "conditions">;
      at: Instant;
      conditions: Numbers;
    }
);

type Numbers = DataOf<"StatementErased">["conditions"];
type CommandOf<T extends StatementCommand["type"]> = Extract<StatementCommand, { type: T }>;

function record({ data, latest }: CommandOf<"RecordStatement">): StatementEvent {
  refuseFuture(data.saidAt, latest, "saidAt");
  refuseOutside(data.assessments, data.text);
  return { type: "StatementRecorded", data };
}

function addReport({ data }: CommandOf<"AddReport">, state: Statement): StatementEvent | null {
  refuseClosed(state);
  const held = state.reports.find((report) => report.url === data.report.url);
  if (held === undefined || held.withdrawn) return { type: "ReportAdded", data };
  const { version: _version, ...same } = held;
  if (sameJson(same, data.report)) return null;
  throw new LedgerError("report_exists", `a report of ${data.report.url} is already there`, {
    fields: [{ path: "url", message: "is already reported, with other details" }],
    details: { report: held.id },
  });
}

function withdrawReport({ data, by }: CommandOf<"WithdrawReport">, state: Statement): StatementEvent | null {
  const held = state.reports.find((report) => report.id === data.report);
  if (held === undefined)
    throw new LedgerError("report_not_found", `statement ${state.id} has no report ${data.report}`);
  if (held.withdrawn === undefined) return { type: "ReportWithdrawn", data };
  if (held.withdrawn.by === by && held.withdrawn.reason === data.reason) return null;
  throw new LedgerError("report_already_withdrawn", `report ${data.report} was already withdrawn`);
}

function assess({ data, by }: CommandOf<"AssessStatement">, state: Statement): StatementEvent | null {
  refuseClosed(state);
  refuseOutside(data.assessments, state.text);
  return repeats(data.assessments, by, state) ? null : { type: "StatementAssessed", data };
}

/** Whether each is what the same principal said last, on the same basis. */
function repeats(assessments: readonly AssessmentInput[], by: PrincipalId, state: Statement): boolean {
  return assessments.every((wanted) => {
    const latest = state.assessments.findLast((a) => a.proposition === wanted.proposition && a.basis === wanted.basis);
    if (latest === undefined || latest.assessedBy !== by) return false;
    const { id: _id, version: _version, assessedBy: _by, ...said } = latest;
    return sameJson(said, wanted);
  });
}

function correct({ data, by, latest }: CommandOf<"CorrectStatement">, state: Statement): StatementEvent | null {
  refuseClosed(state);
  if (data.saidAt) refuseFuture(data.saidAt, latest, "saidAt");
  const text = data.text ?? state.text;
  refuseOutside(data.assessments ?? [], text);
  const restated = new Set(data.assessments?.map((a) => a.proposition));
  const lost = state.assessments.filter((a) => !restated.has(a.proposition) && relocate(a, state.text, text) === null);
  if (lost.length > 0) {
    throw new LedgerError(
      "evidence_lost",
      "the corrected text no longer holds the evidence of an assessment: restate it",
      {
        fields: lost.map((a) => ({ path: "assessments", message: `restate the assessment of ${a.proposition}` })),
        details: { propositions: lost.map((a) => a.proposition) },
      },
    );
  }
  const changed = differences(data, state);
  const assessments = repeats(data.assessments ?? [], by, state) ? undefined : data.assessments;
  if (assessments === undefined && Object.keys(changed).length === 0) return null;
  const restatement = assessments === undefined ? {} : { assessments };
  return { type: "StatementCorrected", data: { reason: data.reason, ...changed, ...restatement } };
}

/** What a correction says otherwise than the record. */
function differences(data: DataOf<"StatementCorrected">, state: Statement) {
  const { speaker, onBehalfOf, text, language, saidAt } = data;
  const differs = (wanted: unknown, held: unknown) => wanted !== undefined && !sameJson(wanted, held ?? null);
  return {
    ...(differs(speaker, state.speaker) && { speaker }),
    ...(differs(onBehalfOf, state.onBehalfOf) && { onBehalfOf }),
    ...(differs(text, state.text) && { text }),
    ...(differs(language, state.language) && { language }),
    ...(differs(saidAt, state.saidAt) && { saidAt }),
  };
}

function dispute({ data }: CommandOf<"DisputeStatement">, state: Statement): StatementEvent | null {
  const repeats = state.disputes.some(({ version: _version, ...said }) => sameJson(said, data));
  return repeats ? null : { type: "StatementDisputed", data };
}

function meetCondition({ data, latest }: CommandOf<"MeetCondition">, state: Statement): StatementEvent | null {
  refuseClosed(state);
  refuseFuture(data.metAt, latest, "metAt");
  const condition = countingAssessments(state).get(data.proposition)?.condition;
  if (condition === undefined) {
    throw fieldError("no_condition", "proposition", `no counting assessment of ${data.proposition} has a condition`);
  }
  // A day may hold both: only a span that ends before the words began is too early.
  if (data.metAt.until <= state.saidAt.from) {
    throw fieldError("order_impossible", "metAt", "lies before the statement was made");
  }
  const met = state.conditionsMet.find((m) => m.proposition === data.proposition && m.condition === condition);
  if (met === undefined) return { type: "ConditionMet", data: { ...data, condition } };
  if (sameJson(met.metAt, data.metAt)) return null;
  throw new LedgerError("condition_already_met", `the condition was already met on ${met.metAt.given}`);
}

function settleOrder({ data, other }: CommandOf<"SettleOrder">, state: Statement): StatementEvent | null {
  refuseClosed(state);
  if (other === null) throw fieldError("unknown_statement", "after", `there is no statement ${data.after}`);
  if (actorOf(other) !== actorOf(state) || other.withdrawn || other.merged) {
    throw fieldError("cannot_settle", "after", "is not a standing statement of the same actor");
  }
  if (other.id === state.id || !overlaps(other.saidAt, state.saidAt)) {
    throw fieldError("not_overlapping", "after", "the two times do not overlap: their order is known");
  }
  // What stands behind the other already stays there: moved forward, it could pass a third.
  const placedAt = state.place > other.place ? state.place : placeBehind(other.place);
  if (placedAt.slice(0, state.saidAt.until.length) >= state.saidAt.until) {
    throw fieldError("order_impossible", "after", "the other statement stands after the whole span of this one");
  }
  if (state.settledAfter.includes(data.after) && state.place === placedAt) return null;
  return { type: "OrderSettled", data: { ...data, placedAt } };
}

function settleDelegation({ data }: CommandOf<"SettleDelegation">, state: Statement): StatementEvent | null {
  refuseClosed(state);
  if (isDirect(state)) throw new LedgerError("not_delegated", `statement ${state.id} is the actor's own`);
  if (!countingAssessments(state).has(data.proposition)) {
    throw fieldError("unknown_proposition", "proposition", `no assessment of ${data.proposition} counts`);
  }
  const settled = state.delegations.find((d) => d.proposition === data.proposition);
  return settled?.accepted === data.accepted ? null : { type: "DelegationSettled", data };
}

function merge({ data, other }: CommandOf<"MergeStatement">, state: Statement): StatementEvent | null {
  if (state.merged?.into === data.into) return null;
  if (state.merged)
    throw new LedgerError("already_merged", `statement ${state.id} was merged into ${state.merged.into}`);
  refuseClosed(state);
  if (other === null) throw fieldError("unknown_statement", "into", `there is no statement ${data.into}`);
  const refuse = (why: string) => fieldError("cannot_merge", "into", why);
  if (other.id === state.id) throw refuse("a statement is not merged into itself");
  if (other.withdrawn) throw refuse(`statement ${other.id} was withdrawn`);
  // What it would bring to light there nobody could read.
  if (other.erased) throw refuse(`statement ${other.id} was erased`);
  if (other.merged) throw refuse(`statement ${other.id} was itself merged into ${other.merged.into}`);
  if (other.speaker !== state.speaker || actorOf(other) !== actorOf(state)) {
    throw refuse("the two have different speakers or actors: correct one first");
  }
  return { type: "StatementMerged", data };
}

function withdraw({ data, by }: CommandOf<"WithdrawStatement">, state: Statement): StatementEvent | null {
  if (state.withdrawn?.by === by && state.withdrawn.reason === data.reason) return null;
  if (state.withdrawn) throw new LedgerError("already_withdrawn", `statement ${state.id} was already withdrawn`);
  refuseClosed(state);
  return { type: "StatementWithdrawn", data };
}

function reinstate({ data, by }: CommandOf<"ReinstateStatement">, state: Statement): StatementEvent | null {
  if (state.reinstated?.by === by && state.reinstated.reason === data.reason) return null;
  if (state.withdrawn || state.merged) return { type: "StatementReinstated", data };
  throw new LedgerError("not_withdrawn", `statement ${state.id} stands: it was neither withdrawn nor merged`);
}

function erase({ data, by, at, conditions }: CommandOf<"EraseStatement">, state: Statement): StatementEvent | null {
  const { erased } = state;
  if (erased === undefined) return { type: "StatementErased", data: { ...data, at, conditions } };
  if (erased.by === by && erased.reason === data.reason && erased.reference === data.reference) return null;
  throw erasedError({ ...state, erased });
}

function decideOnExisting(command: StatementCommand, state: Statement): StatementEvent | null {
  const { erased } = state;
  if (erased !== undefined && command.type !== "EraseStatement") throw erasedError({ ...state, erased });
  switch (command.type) {
    case "RecordStatement":
      throw new LedgerError("statement_exists", `statement ${state.id} is already recorded`, {
        details: { statement: state.id },
      });
    case "AddReport":
      return addReport(command, state);
    case "WithdrawReport":
      return withdrawReport(command, state);
    case "AssessStatement":
      return assess(command, state);
    case "CorrectStatement":
      return correct(command, state);
    case "DisputeStatement":
      return dispute(command, state);
    case "MeetCondition":
      return meetCondition(command, state);
    case "SettleOrder":
      return settleOrder(command, state);
    case "SettleDelegation":
      return settleDelegation(command, state);
    case "MergeStatement":
      return merge(command, state);
    case "WithdrawStatement":
      return withdraw(command, state);
    case "ReinstateStatement":
      return reinstate(command, state);
    case "EraseStatement":
      return erase(command, state);
  }
}

/** What a command leads to is never what erasure leaves; but that is folded too. */
interface StatementDecider extends Decider<StatementState, StatementCommand, StatementFact> {
  decide(command: StatementCommand, state: StatementState): StatementEvent | null;
}

/** The rules of a statement's life. */
export const statementDecider: StatementDecider = {
  initial: null,
  decide(command, state) {
    if (state !== null) return decideOnExisting(command, state);
    if (command.type === "RecordStatement") return record(command);
    throw new LedgerError("statement_not_found", "there is no such statement");
  },
  evolve: evolveStatement,
};
