import { EraseInput } from "@on-record/core/commands/inputs";
import { ErasureOutcome, ErasureRehearsal } from "../answers/erasure.ts";
import { CommandQuery } from "../dry-run.ts";
import { IDS } from "./examples.ts";
import { COMMAND_HEADERS, type Operation } from "./operation.ts";

const ORDERED = { reason: "A court ordered it", reference: "Regional court, 3 O 123/25" };

const eraseStatement = {
  noun: "Life of a statement",
  method: "POST",
  path: "/v1/statements/:id/erasure",
  scope: "admin",
  summary: "Erase a statement's words",
  notes:
    "For good: text, cues, conditions, addresses, headlines and reasons leave the Events table and every view, with the salts that could confirm a guess of them. From then on the statement answers `statement_erased`, and so does a repeat of the request that recorded it. What stays: who spoke when, which stances the words were read to take, which publishers reported it, and the digests in the log, so that positions and proofs stay as they are. Erasing does not end what the statement counts for: withdraw it first, if that is to end too. Of a statement that is withdrawn or merged as well. The reason and the reference are shown to everybody: they must not say what is erased.",
  query: CommandQuery,
  body: EraseInput,
  takes: COMMAND_HEADERS,
  answer: ErasureOutcome,
  rehearsal: ErasureRehearsal,
  statuses: {
    201: "The tombstone was appended. The words are told to nobody any more, and leave the stores in the moments that follow.",
    200: "It was erased before, by the same principal for the same reason; or a dry run.",
  },
  headers: ["etag"],
  errors: ["statement_not_found", "statement_erased", "version_conflict"],
  examples: {
    ordered: {
      summary: "By order of a court",
      params: { id: IDS.monday },
      body: ORDERED,
      status: 201,
      needs: ["recordStatement.monday"],
    },
    again: {
      summary: "Asked for by somebody else, or for another reason",
      params: { id: IDS.monday },
      body: { reason: "Personal data" },
      status: 410,
      needs: ["eraseStatement.ordered"],
    },
    dryRun: {
      summary: "A dry run: which positions rest on it",
      params: { id: IDS.monday },
      query: { dryRun: "true" },
      body: ORDERED,
      status: 200,
      needs: ["recordStatement.monday"],
    },
  },
} as const satisfies Operation;

export const ERASURE = { eraseStatement };
