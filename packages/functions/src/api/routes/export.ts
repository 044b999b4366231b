import { LIMITS } from "@on-record/core/limits";
import { exportPage } from "@on-record/core/queries/export";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { nextLink, WholeNumber } from "../page.ts";
import type { RouteModule } from "../route.ts";

export const ExportQuery = z.strictObject({
  after: WholeNumber.optional(),
  limit: WholeNumber.pipe(z.number().min(1).max(LIMITS.exportLinesCount)).default(LIMITS.exportLinesCount),
});

/** Everything that the ledger holds, salts included: for who may copy it whole. */
export const exporting: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "admin",
    path: "/v1/export",
    async handle(c) {
      const { after = -1, limit } = validate(ExportQuery, queryOf(c.req.raw));
      const { next, ...page } = await exportPage(parts, { after, limit });
      if (next !== undefined) c.header("link", nextLink(c.req.path, next, limit));
      return c.json(page);
    },
  },
];
