import { PrincipalId } from "@on-record/core/domain/ids";
import { StreamName } from "@on-record/core/log/envelope";
import { listLog } from "@on-record/core/queries/log";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { NumberedPage } from "../page.ts";
import { boundsOf, TimeBound, zoned } from "../ranges.ts";
import type { RouteModule } from "../route.ts";

const TYPE_CHARS = 40;

export const LogQuery = NumberedPage.extend({
  ...zoned,
  stream: StreamName.optional(),
  type: z
    .string()
    .max(TYPE_CHARS)
    .regex(/^[A-Z][A-Za-z]+$/, "the name of an event, such as StatementRecorded")
    .optional(),
  recordedBy: PrincipalId.optional(),
  recordedFrom: TimeBound.optional(),
  recordedTo: TimeBound.optional(),
});

/** The address of what lies behind an entry, of the same list. */
function nextOf(address: string, after: number, limit: number): string {
  const url = new URL(address);
  for (const [name, value] of [
    ["after", after],
    ["limit", limit],
  ] as const) {
    url.searchParams.delete(name);
    url.searchParams.append(name, String(value));
  }
  return `<${url.pathname}${url.search}>; rel="next"`;
}

/** The ledger's one order: every event's envelope, by sequence number. */
export const log: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "read",
    path: "/v1/log",
    async handle(c) {
      const { after = -1, limit, zone, recordedFrom, recordedTo, ...facts } = validate(LogQuery, queryOf(c.req.raw));
      const recorded = boundsOf({ from: recordedFrom, to: recordedTo }, zone, "recorded");
      const filter = { ...facts, recordedFrom: recorded.from, recordedTo: recorded.to };
      const { next, ...page } = await listLog(parts, filter, { after, limit });
      if (next !== undefined) c.header("link", nextOf(c.req.url, next, limit));
      return c.json(page);
    },
  },
];
