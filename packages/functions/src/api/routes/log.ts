import type { LogEntry } from "@on-record/core/log/envelope";
import type { LogReader } from "@on-record/core/log/ports";
import { entriesBetween } from "@on-record/core/sequencer/entries";
import { queryOf, validate } from "../../http/validate.ts";
import { nextLink, NumberedPage } from "../page.ts";
import type { RouteModule } from "../route.ts";

/** The entries from `first` up to, and without, `end`. Segments are whole, a page is not: the rest is cut off. */
async function pageOf(log: LogReader, first: number, end: number): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const some of entriesBetween(log, first, end, null)) entries.push(...some);
  return entries.slice(0, Math.max(0, end - first));
}

/** The ledger's one order: every event's envelope, by sequence number. */
export const log: RouteModule = ({ log }) => [
  {
    method: "GET",
    scope: "read",
    path: "/v1/log",
    async handle(c) {
      const { after = -1, limit } = validate(NumberedPage, queryOf(c.req.raw));
      const { size, recordedAt } = await log.head();
      const end = Math.min(after + 1 + limit, size);
      const entries = await pageOf(log, after + 1, end);
      if (end < size) c.header("link", nextLink("/v1/log", end - 1, limit));
      return c.json({ entries, size, recordedAt });
    },
  },
];
