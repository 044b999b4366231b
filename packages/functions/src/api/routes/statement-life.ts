import {
  AssessInput,
  ConditionInput,
  CorrectInput,
  DisputeInput,
  MergeInput,
  ReasonInput,
  SettlementInput,
} from "@on-record/core/commands/inputs";
import {
  addReport,
  assessStatement,
  correctStatement,
  disputeStatement,
  meetCondition,
  mergeStatement,
  reinstateStatement,
  settleStatement,
  withdrawReport,
  withdrawStatement,
  type LifeCommand,
} from "@on-record/core/commands/statement-life";
import type { CommandDeps, CommandRequest, Outcome } from "@on-record/core/commands/request";
import { ReportId } from "@on-record/core/domain/ids";
import { ReportInput } from "@on-record/core/domain/statement/parts";
import type { Statement } from "@on-record/core/domain/statement/state";
import type { Scope } from "@on-record/core/domain/token";
import type * as z from "zod";
import { pathId } from "../../http/validate.ts";
import { carryOut, type AnswerParts } from "../answer.ts";
import { presentStatement } from "../present.ts";
import type { ApiParts, Route, RouteModule } from "../route.ts";
import { statementIdOf } from "./statements.ts";

/** 201 where an event was appended; 200 where it was appended before, or nothing was left to do. */
function tell({ state, event }: Outcome<Statement>): AnswerParts {
  const location = `/v1/statements/${state.id}`;
  return { body: { statement: presentStatement(state) }, created: event !== null, location };
}

/** POST of a body to a part of a statement: one command. */
function post<S extends z.ZodType>(
  parts: ApiParts,
  part: string,
  schema: S,
  command: LifeCommand<z.infer<S>>,
  scope: Scope = "edit",
): Route {
  return {
    method: "POST",
    scope,
    path: `/v1/statements/:id/${part}`,
    async handle(c) {
      const id = statementIdOf(c);
      const run = (commands: CommandDeps, request: CommandRequest<z.infer<S>>) => command(commands, id, request);
      return carryOut(c, parts, { schema, act: "change", run, tell });
    },
  };
}

function postReportWithdrawal(parts: ApiParts): Route {
  return {
    method: "POST",
    scope: "edit",
    path: "/v1/statements/:id/reports/:report/withdrawal",
    async handle(c) {
      const id = statementIdOf(c);
      const report = pathId(ReportId, c.req.param("report"), "report_not_found");
      return carryOut(c, parts, {
        schema: ReasonInput,
        act: "change",
        run: (commands, { payload, ...request }) =>
          withdrawReport(commands, id, { ...request, payload: { ...payload, report } }),
        tell,
      });
    },
  };
}

/** The life of a statement after it was recorded. */
export const statementLife: RouteModule = (parts) => [
  post(parts, "reports", ReportInput, addReport, "record"),
  postReportWithdrawal(parts),
  post(parts, "assessments", AssessInput, assessStatement),
  post(parts, "corrections", CorrectInput, correctStatement),
  post(parts, "disputes", DisputeInput, disputeStatement),
  post(parts, "conditions", ConditionInput, meetCondition),
  post(parts, "settlements", SettlementInput, settleStatement),
  post(parts, "merge", MergeInput, mergeStatement),
  post(parts, "withdrawal", ReasonInput, withdrawStatement),
  post(parts, "reinstatement", ReasonInput, reinstateStatement),
];
