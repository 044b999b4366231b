import {
  AssessInput,
  ConditionInput,
  CorrectInput,
  DisputeInput,
  MergeInput,
  ReasonInput,
  SettlementInput,
} from "@on-record/core/commands/inputs";
import { ReportInput } from "@on-record/core/domain/statement/parts";
import type * as z from "zod";
import { StatementOutcome, StatementRehearsal } from "../answers/statements.ts";
import { CommandQuery } from "../dry-run.ts";
import { AIR, IDS, TROOPS, TRUMP } from "./examples.ts";
import { COMMAND_HEADERS, type Operation } from "./operation.ts";

type Own = Pick<Operation, "errors" | "examples" | "summary"> & Partial<Pick<Operation, "notes" | "scope">>;

/** A POST to a part of a statement. */
function post<Part extends string, Body extends z.ZodType>(part: Part, body: Body, own: Own) {
  const described = {
    noun: "Life of a statement",
    method: "POST",
    path: `/v1/statements/:id/${part}`,
    scope: "edit",
    query: CommandQuery,
    body,
    takes: COMMAND_HEADERS,
    answer: StatementOutcome,
    rehearsal: StatementRehearsal,
    statuses: {
      201: "An event was appended.",
      200: "It was appended before, or nothing was left to do; or a dry run.",
    },
    headers: ["etag"],
    ...own,
    errors: ["statement_not_found", "statement_erased", "version_conflict", "limit_reached", ...own.errors],
  } as const satisfies Operation;
  return described;
}

const MONDAY = { params: { id: IDS.monday }, needs: ["recordStatement.monday"], status: 201 };
const BRIEFING = { params: { id: IDS.briefing }, needs: ["recordStatement.briefing"], status: 201 };

const addReport = post("reports", ReportInput, {
  scope: "record",
  summary: "Add another outlet's report",
  notes: "One report a URL and statement. Publishers are counted without regard to letter case and spacing.",
  errors: ["statement_closed", "report_exists"],
  examples: {
    wire: {
      summary: "A second outlet reports it",
      ...MONDAY,
      body: {
        publisher: "Meridian Wire",
        url: "https://meridian.example/2",
        publishedAt: "2025-08-19T08:00Z",
        headline: "A door left open",
      },
    },
  },
});

const withdrawReport = post("reports/:report/withdrawal", ReasonInput, {
  summary: "Withdraw a report",
  notes: "Also of a statement that is withdrawn or merged.",
  errors: ["report_not_found", "report_already_withdrawn"],
  examples: {
    retracted: {
      summary: "The outlet took it back",
      params: { id: IDS.monday, report: IDS.wireReport },
      body: { reason: "Retracted by the outlet" },
      status: 201,
      needs: ["addReport.wire"],
    },
  },
});

const assessStatement = post("assessments", AssessInput, {
  summary: "Read the words again",
  errors: ["statement_closed", "unknown_proposition", "evidence_outside_text"],
  examples: {
    restated: {
      summary: "An editor reads another stance out of the words",
      ...MONDAY,
      body: {
        reason: "The whole answer leans towards it",
        assessments: [{ proposition: TROOPS, stance: "leaning_for", confidence: 0.8 }],
      },
    },
  },
});

const correctStatement = post("corrections", CorrectInput, {
  summary: "Set right what was recorded wrongly",
  notes:
    "Only what changes is given; `onBehalfOf: null` makes the words the speaker's own. It overwrites, and so takes an If-Match. Evidence follows the words it names; where it is lost, restate the assessment.",
  errors: [
    "statement_closed",
    "unknown_actor",
    "unknown_proposition",
    "said_in_future",
    "evidence_outside_text",
    "evidence_lost",
    "precondition_required",
  ],
  examples: {
    day: {
      summary: "It was said the day before",
      ...MONDAY,
      headers: { "if-match": '"1"' },
      body: { reason: "The outlet corrected the date", saidAt: "2025-08-17", saidAtZone: "America/New_York" },
    },
  },
});

const disputeStatement = post("disputes", DisputeInput, {
  summary: "Put on record that it is disputed",
  notes: "Deletes nothing. Also for a statement that is withdrawn or merged.",
  errors: ["unknown_actor"],
  examples: {
    denied: {
      summary: "The actor denies it",
      ...MONDAY,
      body: { by: TRUMP, reason: "Denied through a spokesperson", url: "https://news.example/denial" },
    },
  },
});

const meetCondition = post("conditions", ConditionInput, {
  summary: "Put on record that a condition was met",
  errors: ["statement_closed", "no_condition", "said_in_future", "order_impossible", "condition_already_met"],
  examples: {
    agreed: {
      summary: "There is a peace agreement",
      ...BRIEFING,
      body: { proposition: AIR, metAt: "2025-08-20T11:00Z", reason: "The agreement was signed" },
    },
  },
});

const settleStatement = post("settlements", SettlementInput, {
  summary: "Settle an order, or a delegation",
  notes:
    "What only an editor can say: that this statement came after another whose time overlaps its own, or whether words spoken for an actor count as the actor's own.",
  errors: [
    "statement_closed",
    "unknown_statement",
    "unknown_proposition",
    "cannot_settle",
    "not_overlapping",
    "order_impossible",
    "not_delegated",
  ],
  examples: {
    delegation: {
      summary: "The spokesperson spoke for him",
      ...BRIEFING,
      body: { kind: "delegation", proposition: AIR, accepted: true, reason: "Confirmed by his office" },
    },
    order: {
      summary: "One of two statements of a day came last",
      params: { id: IDS.notes },
      needs: ["recordStatement.notes"],
      status: 201,
      body: { kind: "order", after: IDS.briefing },
    },
  },
});

const mergeStatement = post("merge", MergeInput, {
  summary: "Merge a statement into another",
  notes: "The same utterance was recorded twice: its reports move to the other, its assessments end.",
  errors: ["statement_closed", "unknown_statement", "cannot_merge", "already_merged"],
  examples: {
    same: {
      summary: "The second desk's notes are of the same briefing",
      params: { id: IDS.notes },
      needs: ["recordStatement.notes"],
      status: 201,
      body: { into: IDS.briefing, reason: "The same briefing" },
    },
  },
});

const withdrawStatement = post("withdrawal", ReasonInput, {
  summary: "Withdraw a statement",
  notes: "It no longer counts, and stays on record.",
  errors: ["statement_closed", "already_withdrawn"],
  examples: { retracted: { summary: "It was never said", ...MONDAY, body: { reason: "Retracted by the outlet" } } },
});

const reinstateStatement = post("reinstatement", ReasonInput, {
  summary: "Undo a withdrawal or a merge",
  errors: ["not_withdrawn"],
  examples: {
    again: {
      summary: "It was said after all",
      params: { id: IDS.monday },
      needs: ["withdrawStatement.retracted"],
      status: 201,
      body: { reason: "A recording has turned up" },
    },
  },
});

export const LIFE = {
  addReport,
  withdrawReport,
  assessStatement,
  correctStatement,
  disputeStatement,
  meetCondition,
  settleStatement,
  mergeStatement,
  withdrawStatement,
  reinstateStatement,
};
