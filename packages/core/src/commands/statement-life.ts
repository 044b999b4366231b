import type { ReportId, StatementId } from "../domain/ids.ts";
import type { StatementCommand } from "../domain/statement/decide.ts";
import type { ReportInput } from "../domain/statement/parts.ts";
import type { Occurred } from "../domain/decider.ts";
import type { StatementFact } from "../domain/statement/erased-event.ts";
import { conditionNumbers } from "../domain/statement/erasure.ts";
import type { Statement, StatementState } from "../domain/statement/state.ts";
import { instantOf } from "../domain/time.ts";
import { execute, type Task } from "./execute.ts";
import {
  spanOf,
  type AssessInput,
  type ConditionInput,
  type CorrectInput,
  type DisputeInput,
  type EraseInput,
  type MergeInput,
  type ReasonInput,
  type SettlementInput,
} from "./inputs.ts";
import { actorReference, assessmentReferences, latestOf, reportIdOf } from "./record-statement.ts";
import type { CommandDeps, CommandRequest, Outcome } from "./request.ts";
import { loadStream, occurredIn, STATEMENTS } from "./streams.ts";

/** A command on a statement that exists. Throws `statement_not_found` and what `execute` and the rules throw. */
export type LifeCommand<P> = (
  deps: CommandDeps,
  id: StatementId,
  request: CommandRequest<P>,
) => Promise<Outcome<Statement>>;

async function live(
  deps: CommandDeps,
  id: StatementId,
  type: StatementCommand["type"],
  request: CommandRequest<unknown>,
  task: Task<StatementCommand>,
): Promise<Outcome<Statement>> {
  const { state, ...rest } = await execute(deps, STATEMENTS, id, type, request, task);
  if (state === null) throw new Error("every command but the first is refused on an empty stream");
  return { state, ...rest };
}

/**
 * Another statement as it stands. It may change before the append, as nothing holds two streams at once: two that are
 * merged into each other at the same moment both end up merged, and one has to be reinstated.
 */
async function other(deps: CommandDeps, id: StatementId): Promise<StatementState> {
  return (await loadStream(deps.streams, STATEMENTS, id)).state;
}

export const addReport: LifeCommand<ReportInput> = (deps, id, request) => {
  const report = { ...request.payload, id: reportIdOf(deps, id, request.payload) };
  const command: StatementCommand = { type: "AddReport", by: request.principal, data: { report } };
  return live(deps, id, command.type, request, { command: () => command });
};

export const withdrawReport: LifeCommand<ReasonInput & { report: ReportId }> = (deps, id, request) => {
  const command: StatementCommand = { type: "WithdrawReport", by: request.principal, data: request.payload };
  return live(deps, id, command.type, request, { command: () => command });
};

export const assessStatement: LifeCommand<AssessInput> = (deps, id, request) => {
  const command: StatementCommand = { type: "AssessStatement", by: request.principal, data: request.payload };
  const references = assessmentReferences(request.payload.assessments);
  return live(deps, id, command.type, request, { command: () => command, references });
};

export const correctStatement: LifeCommand<CorrectInput> = async (deps, id, request) => {
  const { saidAt: given, saidAtPrecision, saidAtZone, ...rest } = request.payload;
  const saidAt = given === undefined ? undefined : spanOf("saidAt", given, saidAtPrecision, saidAtZone);
  const data = { ...rest, ...(saidAt !== undefined && { saidAt }) };
  const { speaker, onBehalfOf, assessments = [] } = request.payload;
  return live(deps, id, "CorrectStatement", request, {
    command: () => ({ type: "CorrectStatement", by: request.principal, data, latest: latestOf(deps) }),
    overwrites: true,
    references: [
      ...(speaker === undefined ? [] : [actorReference(speaker, "speaker")]),
      ...(onBehalfOf === undefined || onBehalfOf === null ? [] : [actorReference(onBehalfOf, "onBehalfOf")]),
      ...assessmentReferences(assessments),
    ],
  });
};

export const disputeStatement: LifeCommand<DisputeInput> = (deps, id, request) => {
  const { by } = request.payload;
  const command: StatementCommand = { type: "DisputeStatement", by: request.principal, data: request.payload };
  const references = by === undefined ? [] : [actorReference(by, "by")];
  return live(deps, id, command.type, request, { command: () => command, references });
};

export const meetCondition: LifeCommand<ConditionInput> = async (deps, id, request) => {
  const { metAt: given, metAtPrecision, metAtZone, ...rest } = request.payload;
  const data = { ...rest, metAt: spanOf("metAt", given, metAtPrecision, metAtZone) };
  return live(deps, id, "MeetCondition", request, {
    command: () => ({ type: "MeetCondition", by: request.principal, data, latest: latestOf(deps) }),
  });
};

export const settleStatement: LifeCommand<SettlementInput> = (deps, id, request) => {
  const by = request.principal;
  const { payload } = request;
  if (payload.kind === "order") {
    const { kind: _kind, ...data } = payload;
    return live(deps, id, "SettleOrder", request, {
      command: async () => ({ type: "SettleOrder", by, data, other: await other(deps, data.after) }),
    });
  }
  const { kind: _kind, ...data } = payload;
  return live(deps, id, "SettleDelegation", request, { command: () => ({ type: "SettleDelegation", by, data }) });
};

export const mergeStatement: LifeCommand<MergeInput> = (deps, id, request) => {
  const { principal: by, payload: data } = request;
  return live(deps, id, "MergeStatement", request, {
    command: async () => ({ type: "MergeStatement", by, data, other: await other(deps, data.into) }),
  });
};

export const withdrawStatement: LifeCommand<ReasonInput> = (deps, id, request) => {
  const command: StatementCommand = { type: "WithdrawStatement", by: request.principal, data: request.payload };
  return live(deps, id, command.type, request, { command: () => command });
};

export const reinstateStatement: LifeCommand<ReasonInput> = (deps, id, request) => {
  const command: StatementCommand = { type: "ReinstateStatement", by: request.principal, data: request.payload };
  return live(deps, id, command.type, request, { command: () => command });
};

/**
 * Ends a statement for good: from the tombstone on nobody is told what was said. What the Events table and the views
 * hold of it goes when `erasure` has heard of the tombstone.
 */
export const eraseStatement: LifeCommand<EraseInput> = (deps, id, request) => {
  const { principal: by, payload: data } = request;
  return live(deps, id, "EraseStatement", request, {
    command: async () => ({
      type: "EraseStatement",
      by,
      data,
      at: instantOf(deps.clock()),
      conditions: conditionNumbers(await factsOf(deps, id)),
    }),
    ends: true,
  });
};

/** Read once more: what came in between makes the append lose, and the command is made anew. */
async function factsOf({ streams }: CommandDeps, id: StatementId): Promise<Occurred<StatementFact>[]> {
  const { events } = await loadStream(streams, STATEMENTS, id);
  return occurredIn(STATEMENTS, events);
}
