import { Changes, Log, Review } from "../answers/changes.ts";
import { ChangesQuery } from "../routes/changes.ts";
import { LogQuery } from "../routes/log.ts";
import { ReviewQuery } from "../routes/review.ts";
import type { Operation } from "./operation.ts";

const SAID = ["recordStatement.monday", "recordStatement.tuesday"];

const listChanges = {
  noun: "Changes and review",
  method: "GET",
  path: "/v1/changes",
  scope: "read",
  summary: "List what moved",
  notes:
    "Derived events in the order of the log. `next` is always given: asked again from there later, it yields what has come since. Filters can be combined as one likes. Where they seldom meet a page may be short or empty; where `next` is the cursor asked with, there is no more yet. With `knownAt`: what had been announced by then, whatever withdrew it since. With `asOf`: of that, what is about words said by then: a change by its `saidFrom`, all else by when its statement was said, as that was known when it was announced; what withdraws a change or ends a contest, as it was known before. What the answer rests on is then told.",
  query: ChangesQuery,
  list: "changes",
  answer: Changes,
  statuses: { 200: "A page of derived events." },
  errors: [],
  examples: {
    reversals: { summary: "Partial reversals", query: { reversal: "partial" }, status: 200, needs: SAID },
    past: {
      summary: "What had been announced at a moment",
      query: { knownAt: "2025-08-20T12:00:00.004Z" },
      status: 200,
      needs: SAID,
    },
  },
} as const satisfies Operation;

const listReview = {
  noun: "Changes and review",
  method: "GET",
  path: "/v1/review",
  scope: "edit",
  summary: "List what waits for an editor",
  notes:
    "Oldest first. An item goes when its reason does: there is nothing to tick off. It is work in progress, and so takes the scope `edit` also where reading is public.",
  query: ReviewQuery,
  list: "review",
  answer: Review,
  statuses: { 200: "A page of requests." },
  errors: [],
  examples: {
    oldest: {
      summary: "The oldest",
      query: { limit: "10" },
      status: 200,
      needs: ["recordStatement.tuesday", "recordStatement.briefing"],
    },
  },
} as const satisfies Operation;

const listLog = {
  noun: "Log",
  method: "GET",
  path: "/v1/log",
  scope: "read",
  summary: "Read the log",
  notes:
    "Envelopes by sequence number, without what was said. `after` is the number of the last one seen. `type` and `recordedBy` need `stream`, or both bounds of the time, a year apart at most. A page may be short while the `Link` header leads on.",
  query: LogQuery,
  list: "entries",
  answer: Log,
  statuses: { 200: "A page of entries, and the log's size." },
  errors: ["needs_index"],
  examples: { first: { summary: "The first two", query: { limit: "2" }, status: 200, needs: SAID } },
} as const satisfies Operation;

export const CHANGES = { listChanges, listReview, listLog };
