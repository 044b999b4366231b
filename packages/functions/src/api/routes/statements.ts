import { RecordStatementInput } from "@on-record/core/commands/inputs";
import { recordStatement } from "@on-record/core/commands/record-statement";
import { loadStream, STATEMENTS } from "@on-record/core/commands/streams";
import { StatementId } from "@on-record/core/domain/ids";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { standingReports } from "@on-record/core/domain/statement/state";
import { LedgerError } from "@on-record/core/errors";
import { EventId } from "@on-record/core/log/envelope";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { seeStatement } from "@on-record/core/queries/statements/one";
import * as z from "zod";
import { pathId, queryOf, validate } from "../../http/validate.ts";
import { answerState, carryOut } from "../answer.ts";
import { answerBatch } from "../batch.ts";
import { answerEvents } from "../events.ts";
import { waitAfter } from "../moment.ts";
import { presentStatement } from "../present.ts";
import type { ApiContext, ApiParts, RouteModule } from "../route.ts";
import { similarTo } from "../similar.ts";

/** The statement that the path names. */
export function statementIdOf(c: ApiContext): StatementId {
  return pathId(StatementId, c.req.param("id"), "statement_not_found");
}

function notFound(id: StatementId): LedgerError {
  return new LedgerError("statement_not_found", `there is no statement ${id}`);
}

export const StatementQuery = z.strictObject({ after: EventId.optional() });

/**
 * The statement as its stream stands, with what the view adds: reports of statements merged into it. `current` says
 * whether the view has come as far as the stream; until it has, only what its own reports tell is sure.
 */
async function answerStatement(c: ApiContext, parts: ApiParts): Promise<Response> {
  const id = statementIdOf(c);
  const { after } = validate(StatementQuery, queryOf(c.req.raw));
  await waitAfter(after, POSITIONS, parts);
  const { state } = await loadStream(parts.streams, STATEMENTS, id);
  if (state === null) throw notFound(id);
  const { seen, through } = await seeStatement(parts.views, id);
  const own = new Set(standingReports(state).map(({ publisher }) => publisherKey(publisher))).size;
  const known = seen ?? { holds: [], corroboration: own, heldReports: [] };
  const { holds, heldReports, corroboration } = known;
  const current = seen !== null && seen.version >= state.version;
  const statement = presentStatement(state, corroboration);
  const body = { statement, corroboration, holds, heldReports, current, through };
  // What others' streams altered the ETag does not tell: then what the caller has may be old.
  return answerState(c, state.version, body, { mayBeKnown: seen?.byOthers !== true });
}

/** Statements: recording one, reading one, and what happened to it. */
export const statements: RouteModule = (parts) => [
  {
    method: "POST",
    scope: "record",
    path: "/v1/statements",
    handle: (c) =>
      carryOut(c, parts, {
        schema: RecordStatementInput,
        act: "create",
        run: recordStatement,
        async tell({ state }) {
          const body = { statement: presentStatement(state), similar: await similarTo(parts, state) };
          return { body, created: true, location: `/v1/statements/${state.id}` };
        },
      }),
  },
  { method: "POST", scope: "record", path: "/v1/statements:batch", handle: (c) => answerBatch(c, parts) },
  {
    method: "GET",
    scope: "read",
    path: "/v1/statements/:id",
    handle: (c) => answerStatement(c, parts),
  },
  {
    method: "GET",
    scope: "read",
    path: "/v1/statements/:id/events",
    handle(c) {
      const id = statementIdOf(c);
      return answerEvents(c, parts, STATEMENTS.streamOf(id), notFound(id));
    },
  },
];
