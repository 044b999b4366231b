import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { EventId } from "@on-record/core/log/envelope";
import { ReviewReason } from "@on-record/core/projections/positions/derived";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { listReview } from "@on-record/core/queries/review";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { waitAfter } from "../moment.ts";
import type { RouteModule } from "../route.ts";

export const ReviewQuery = z.strictObject({
  ...PageQuery,
  reason: ReviewReason.optional(),
  actor: ActorId.optional(),
  proposition: PropositionId.optional(),
  after: EventId.optional(),
});

/** An item; or a sequence number, where all that was asked for there was looked at. */
const ITEM = /^\d{12}(?:-dv_[a-z2-7]{26})?$/;

/** What waits for an editor: work in progress, which editors alone see. */
export const review: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "edit",
    path: "/v1/review",
    async handle(c) {
      const { cursor, limit, after, ...filter } = validate(ReviewQuery, queryOf(c.req.raw));
      const from = keyIn(cursor, ITEM);
      await waitAfter(after, POSITIONS, parts);
      const { items, next, through } = await listReview(parts.views, { after: from, limit }, filter);
      const page = next === undefined ? undefined : nextPage(c.req.url, next);
      if (page) c.header("link", page.link);
      return c.json({ review: items, ...(page && { next: page.cursor }), through });
    },
  },
];
