import { loadStream, STATEMENTS } from "@on-record/core/commands/streams";
import { StatementId } from "@on-record/core/domain/ids";
import { erasedError, isRedacted } from "@on-record/core/domain/statement/erasure";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { standingReports, type Statement } from "@on-record/core/domain/statement/state";
import { LedgerError } from "@on-record/core/errors";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import type { Answered } from "@on-record/core/queries/moment";
import { seeStatement, type SeenStatement } from "@on-record/core/queries/statements/one";
import * as z from "zod";
import { pathId, queryOf, validate } from "../../http/validate.ts";
import { answerState } from "../answer.ts";
import { answerBatch } from "../batch.ts";
import { answerEvents } from "../events.ts";
import { MomentQuery, momentOf, restsOn, waitAfter, type MomentAsked } from "../moment.ts";
import { presentStatement } from "../present.ts";
import type { ApiContext, ApiParts, RouteModule } from "../route.ts";

/** The statement that the path names. */
export function statementIdOf(c: ApiContext): StatementId {
  return pathId(StatementId, c.req.param("id"), "statement_not_found");
}

/** There is none of this id. */
export function noStatement(id: StatementId): LedgerError {
  return new LedgerError("statement_not_found", `there is no statement ${id}`);
}

export const StatementQuery = z.strictObject(MomentQuery);

/** How many publishers have a standing report of it, as far as its own stream tells. */
function ownCorroboration(state: Statement): number {
  return new Set(standingReports(state).map(({ publisher }) => publisherKey(publisher))).size;
}

function refuseErased({ id, erased }: Statement): void {
  if (erased !== undefined) throw erasedError({ id, erased });
}

/** That there was none at a moment is an answer as well, and says what it rests on. */
function noneThen(id: StatementId, answer: Answered<unknown>): LedgerError {
  const message = `there was no statement ${id} at that moment`;
  return new LedgerError("statement_not_found", message, { details: restsOn(answer) });
}

/** The statement as the ledger knew it by then. */
function answerKnown(c: ApiContext, id: StatementId, answer: Answered<SeenStatement | null>): Response {
  const { value: seen, asOf, final } = answer;
  if (seen === null || seen.statement.saidAt.from > asOf) throw noneThen(id, answer);
  const { statement, byOthers, ...known } = seen;
  const shown = presentStatement(statement, known.corroboration);
  const body = { statement: shown, ...known, current: final, ...restsOn(answer) };
  return answerState(c, statement.version, body, { mayBeKnown: !byOthers });
}

/**
 * The statement as its stream stands, with what the view adds: reports of statements merged into it. `current` says
 * whether the view has come as far as the stream; until it has, only what its own reports tell is sure.
 */
async function answerNewest(c: ApiContext, parts: ApiParts, id: StatementId, asked: MomentAsked): Promise<Response> {
  const { state } = await loadStream(parts.streams, STATEMENTS, id);
  if (state === null) throw noStatement(id);
  refuseErased(state);
  const answer = await seeStatement(parts.views, id, momentOf(asked, parts.clock));
  const isBounded = asked.asOf !== undefined;
  // The stream may be ahead of the log: what it tells can still change.
  const rests = { ...restsOn(answer), final: false };
  if (isBounded && state.saidAt.from > answer.asOf) throw noneThen(id, { ...answer, ...rests });
  const { value: seen, through } = answer;
  const { holds, heldReports, corroboration } = seen ?? {
    holds: [],
    corroboration: ownCorroboration(state),
    heldReports: [],
  };
  const current = seen !== null && seen.statement.version >= state.version;
  const statement = presentStatement(state, corroboration);
  const body = { statement, corroboration, holds, heldReports, current, through, ...(isBounded && rests) };
  // What others' streams altered the ETag does not tell: then what the caller has may be old.
  return answerState(c, state.version, body, { mayBeKnown: seen?.byOthers !== true });
}

async function answerStatement(c: ApiContext, parts: ApiParts): Promise<Response> {
  const id = statementIdOf(c);
  const { after, ...asked } = validate(StatementQuery, queryOf(c.req.raw));
  await waitAfter(after, POSITIONS, parts);
  if (asked.knownAt === undefined) return answerNewest(c, parts, id, asked);
  const answer = await seeStatement(parts.views, id, momentOf(asked, parts.clock));
  // What was known then is to be known no longer. Who had it erased, only its stream tells.
  if (answer.value !== null && isRedacted(answer.value.statement)) return answerNewest(c, parts, id, asked);
  return answerKnown(c, id, answer);
}

/** Statements: recording many, reading one, and what happened to it. */
export const statements: RouteModule = (parts) => [
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
      return answerEvents(c, parts, STATEMENTS.streamOf(id), noStatement(id));
    },
  },
];
