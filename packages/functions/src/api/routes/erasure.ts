import { EraseInput } from "@on-record/core/commands/inputs";
import { eraseStatement } from "@on-record/core/commands/statement-life";
import type { Outcome } from "@on-record/core/commands/request";
import type { Statement } from "@on-record/core/domain/statement/state";
import { carryOut, type AnswerParts } from "../answer.ts";
import type { RouteModule } from "../route.ts";
import { statementIdOf } from "./statements.ts";

/** What can be told of an erased statement: that it is. */
function tell({ state: { id, version, erased }, event }: Outcome<Statement>): AnswerParts {
  return {
    body: { statement: { id, version, erased } },
    created: event !== null,
    location: `/v1/statements/${id}/events`,
  };
}

/** The end of a statement: what was said is to be known no longer. */
export const erasure: RouteModule = (parts) => [
  {
    method: "POST",
    scope: "admin",
    path: "/v1/statements/:id/erasure",
    async handle(c) {
      const id = statementIdOf(c);
      return carryOut(c, parts, {
        schema: EraseInput,
        act: "change",
        run: (commands, request) => eraseStatement(commands, id, request),
        tell,
      });
    },
  },
];
