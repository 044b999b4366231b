import { ExportPage } from "../answers/export.ts";
import { ExportQuery } from "../routes/export.ts";
import type { Operation } from "./operation.ts";

const exportLedger = {
  noun: "Log",
  method: "GET",
  path: "/v1/export",
  scope: "admin",
  summary: "Export everything",
  notes:
    "The log with what its events hold: data, salts and request digests, by sequence number. Who has it can check every digest, and restore the ledger word for word. `after` is the number of the last line seen. A page may be short, as one answer holds 4 MB; the `Link` header leads on. `on-record export` makes files of it.",
  query: ExportQuery,
  list: "lines",
  answer: ExportPage,
  statuses: { 200: "A page of lines, and the log's size." },
  errors: [],
  examples: {
    first: { summary: "The first line", query: { limit: "1" }, status: 200, needs: ["recordStatement.monday"] },
  },
} as const satisfies Operation;

export const EXPORT = { exportLedger };
