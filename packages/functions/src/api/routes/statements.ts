import { RecordStatementInput } from "@on-record/core/commands/inputs";
import { recordStatement } from "@on-record/core/commands/record-statement";
import { loadStream, STATEMENTS } from "@on-record/core/commands/streams";
import { StatementId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { envelopeOf, type StoredEvent } from "@on-record/core/log/envelope";
import type { LogReader } from "@on-record/core/log/ports";
import { readEvent } from "@on-record/core/log/upcast";
import { etagOf } from "../../http/preconditions.ts";
import { pathId, queryOf, validate } from "../../http/validate.ts";
import { answerState, carryOut } from "../answer.ts";
import { answerBatch } from "../batch.ts";
import { nextLink, NumberedPage } from "../page.ts";
import { presentStatement } from "../present.ts";
import type { ApiContext, RouteModule } from "../route.ts";
import { similarTo } from "../similar.ts";

/** The statement that the path names. */
export function statementIdOf(c: ApiContext): StatementId {
  return pathId(StatementId, c.req.param("id"), "statement_not_found");
}

function notFound(id: StatementId): LedgerError {
  return new LedgerError("statement_not_found", `there is no statement ${id}`);
}

/**
 * An event as its readers see it: never with its salt or the request's digest, by which a guess could be confirmed.
 * `sequence` and `recordedAt` are there once the event has entered the log.
 */
async function presentEvent(log: LogReader, event: StoredEvent): Promise<object> {
  const sequence = await log.sequenceOf(event.id);
  const segment = sequence === null ? null : await log.segmentAt(sequence);
  const place = segment === null ? {} : { sequence, recordedAt: segment.recordedAt };
  return { ...envelopeOf(event), ...place, data: readEvent(event).data };
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
    async handle(c) {
      const id = statementIdOf(c);
      const { state } = await loadStream(parts.streams, STATEMENTS, id);
      if (state === null) throw notFound(id);
      return answerState(c, state.version, { statement: presentStatement(state) });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: "/v1/statements/:id/events",
    async handle(c) {
      const id = statementIdOf(c);
      const { after = 0, limit } = validate(NumberedPage, queryOf(c.req.raw));
      const stored = await parts.streams.load(STATEMENTS.streamOf(id));
      if (stored.length === 0) throw notFound(id);
      const page = stored.slice(after, after + limit);
      const events = await Promise.all(page.map((event) => presentEvent(parts.log, event)));
      if (after + limit < stored.length)
        c.header("link", nextLink(`/v1/statements/${id}/events`, after + limit, limit));
      c.header("etag", etagOf(stored.length));
      return c.json({ events });
    },
  },
];
