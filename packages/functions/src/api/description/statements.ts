import { BatchInput, RecordStatementInput } from "@on-record/core/commands/inputs";
import {
  BatchAnswer,
  BatchRehearsal,
  RecordedBriefly,
  RecordedOutcome,
  RecordedRehearsal,
  StatementAnswer,
  StatementEvents,
  Statements,
} from "../answers/statements.ts";
import { CommandQuery } from "../dry-run.ts";
import { NumberedPage } from "../page.ts";
import { StatementQuery } from "../routes/statements.ts";
import { StatementsQuery } from "../routes/statement-queries.ts";
import { BRIEFING, IDS, MONDAY, NOTES, TROOPS, TRUMP, TUESDAY } from "./examples.ts";
import type { Operation } from "./operation.ts";

const ACTORS = ["putActor.person", "putActor.spokesperson"];
const REGISTRY = [...ACTORS, "putProposition.defined", "putProposition.another"];

const recordStatement = {
  noun: "Statements",
  method: "POST",
  path: "/v1/statements",
  scope: "record",
  summary: "Record a statement",
  notes:
    "One utterance with its first report. Without an Idempotency-Key the same words by the same speaker for the same actor, of the same time, from the same URL, by the same principal are one statement: posted again, the first answer comes back. `similar` lists up to five statements by the same speaker on the same propositions, said within a day: candidates for a merge. It is `null` when it could not be had within 0.3 s. With `Prefer: return=minimal` they are not looked for, and the answer names the statement only.",
  query: CommandQuery,
  body: RecordStatementInput,
  takes: ["idempotency-key", "prefer"],
  answer: RecordedOutcome,
  brief: RecordedBriefly,
  rehearsal: RecordedRehearsal,
  statuses: { 201: "Recorded.", 200: "Recorded before by the same request; or a dry run." },
  headers: ["etag", "location"],
  errors: [
    "unknown_actor",
    "unknown_proposition",
    "said_in_future",
    "evidence_outside_text",
    "statement_exists",
    "statement_erased",
  ],
  examples: {
    monday: { summary: "Only the day is known, and it is one in New York", body: MONDAY, status: 201, needs: REGISTRY },
    tuesday: {
      summary: "Known to the minute, under an Idempotency-Key",
      headers: { "idempotency-key": "tuesday-1" },
      body: TUESDAY,
      status: 201,
      needs: REGISTRY,
    },
    again: {
      summary: "Sent again: the first answer, marked",
      headers: { "idempotency-key": "tuesday-1" },
      body: TUESDAY,
      status: 200,
      needs: ["recordStatement.tuesday"],
    },
    minimal: {
      summary: "A short answer will do",
      headers: { "idempotency-key": "tuesday-1", prefer: "return=minimal" },
      body: TUESDAY,
      status: 201,
      needs: REGISTRY,
    },
    briefing: { summary: "Said on behalf of another", body: BRIEFING, status: 201, needs: REGISTRY },
    notes: {
      summary: "The same briefing, from a second desk",
      body: NOTES,
      status: 201,
      needs: ["recordStatement.briefing"],
    },
    dryRun: {
      summary: "A dry run: what it would do, and nothing is recorded",
      query: { dryRun: "true" },
      body: TUESDAY,
      status: 200,
      needs: ["recordStatement.monday"],
    },
  },
} as const satisfies Operation;

const recordStatements = {
  noun: "Statements",
  method: "POST",
  path: "/v1/statements:batch",
  scope: "record",
  summary: "Record up to 100 statements",
  notes:
    "Each is recorded, or refused, as if it were posted by itself; one spoils no other. An item may bring its `idempotencyKey`. Under a key of the whole, item n has the key `<key>#n`. The answer is 200 whatever became of the items, with a result for each, in their order.",
  query: CommandQuery,
  body: BatchInput,
  takes: ["idempotency-key"],
  answer: BatchAnswer,
  rehearsal: BatchRehearsal,
  statuses: { 200: "A result for each item." },
  errors: [],
  examples: {
    two: {
      summary: "Two statements, one of which names a speaker that is not registered",
      body: { statements: [MONDAY, { ...TUESDAY, speaker: "nobody", idempotencyKey: "tuesday-1" }] },
      status: 200,
      needs: REGISTRY,
    },
  },
} as const satisfies Operation;

const getStatement = {
  noun: "Statements",
  method: "GET",
  path: "/v1/statements/:id",
  scope: "read",
  summary: "Read a statement",
  notes:
    "As its stream stands now, with what the view adds: `heldReports` are standing reports of the statements merged into it, and `corroboration` counts their publishers too. `current` says whether the view has come as far as the stream. With `knownAt` it is the statement as the ledger knew it then, whatever became of it since: before a correction, before a withdrawal. `asOf` leaves out what was said later. With either the answer says what it rests on, and `current` is as `final`.",
  query: StatementQuery,
  takes: ["if-none-match", "if-match"],
  answer: StatementAnswer,
  statuses: { 200: "The statement." },
  headers: ["etag"],
  errors: ["statement_not_found", "statement_erased"],
  examples: {
    one: { summary: "A statement", params: { id: IDS.monday }, status: 200, needs: ["recordStatement.monday"] },
    past: {
      summary: "As it was known at a moment, before it was withdrawn",
      params: { id: IDS.monday },
      query: { knownAt: "2025-08-20T12:00:00.004Z" },
      status: 200,
      needs: ["withdrawStatement.retracted"],
    },
    early: {
      summary: "Before it was recorded",
      params: { id: IDS.monday },
      query: { knownAt: "2025-08-19" },
      status: 404,
      needs: ["recordStatement.monday"],
    },
    known: {
      summary: "Only if it has changed",
      params: { id: IDS.monday },
      headers: { "if-none-match": '"1"' },
      status: 304,
      needs: ["recordStatement.monday"],
    },
  },
} as const satisfies Operation;

const listStatements = {
  noun: "Statements",
  method: "GET",
  path: "/v1/statements",
  scope: "read",
  summary: "List statements",
  notes:
    "As they stand at `through`, withdrawn and merged ones too, the latest recorded first unless `sort` says otherwise. Filters can be combined; of `status`, `publisher`, `stance` and `recordedBy` only one is enough by itself: more than one needs `actor`, `speaker` or `proposition` beside them, or both bounds of the time that is sorted by, a year apart at most. Bounds count themselves. A page may be short while `next` leads on. With `knownAt` or `asOf`: what had been recorded and said by then, each filtered and shown as it was known at that moment; what it rests on is then told. Neither needs an index.",
  query: StatementsQuery,
  list: "statements",
  answer: Statements,
  statuses: { 200: "A page of statements." },
  errors: ["needs_index"],
  examples: {
    actor: {
      summary: "What was said for an actor on a proposition, in the order of saying",
      query: { actor: TRUMP, proposition: TROOPS, sort: "saidAt" },
      status: 200,
      needs: ["recordStatement.monday", "recordStatement.tuesday"],
    },
    past: {
      summary: "What was on record at a moment",
      query: { actor: TRUMP, knownAt: "2025-08-20T12:00:00.004Z" },
      status: 200,
      needs: ["recordStatement.monday", "recordStatement.tuesday"],
    },
    scan: {
      summary: "What no index answers",
      query: { publisher: "Example Wire", stance: "open" },
      status: 422,
      needs: ["recordStatement.monday"],
    },
  },
} as const satisfies Operation;

const listStatementEvents = {
  noun: "Statements",
  method: "GET",
  path: "/v1/statements/:id/events",
  scope: "read",
  summary: "Read what happened to a statement",
  notes:
    "The events of its stream. `after` is the version of the last one seen. Of an erased statement, the tombstone alone says what it says; of the others the envelope is left.",
  query: NumberedPage,
  list: "events",
  answer: StatementEvents,
  statuses: { 200: "The events, in order." },
  headers: ["etag"],
  errors: ["statement_not_found"],
  examples: {
    all: { summary: "From the first", params: { id: IDS.monday }, status: 200, needs: ["recordStatement.monday"] },
  },
} as const satisfies Operation;

export const STATEMENTS = { recordStatement, recordStatements, listStatements, getStatement, listStatementEvents };
