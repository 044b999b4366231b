import { Change, Reversal } from "@on-record/core/domain/change";
import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { EventId } from "@on-record/core/log/envelope";
import { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { listChanges } from "@on-record/core/queries/changes";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { waitAfter } from "../moment.ts";
import type { RouteModule } from "../route.ts";

const TYPES = DerivedEvent.options.map((option) => option.shape.type.value);

const ChangesQuery = z.strictObject({
  ...PageQuery,
  actor: ActorId.optional(),
  proposition: PropositionId.optional(),
  type: z.enum(TYPES).optional(),
  change: Change.optional(),
  reversal: Reversal.optional(),
  /** Waits until this event is behind the answer. */
  after: EventId.optional(),
});

/** Of the event seen last, or the sequence number to begin with where none was seen. */
const DERIVED_KEY = /^\d{12}(#\d{5})?$/;

/**
 * What moved, in the order of the log. The cursor is always given: it also leads to what is still to come. A page may
 * be short, or empty, before the end; where `next` is the cursor asked with, there is no more yet.
 */
export const changes: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "read",
    path: "/v1/changes",
    async handle(c) {
      const { cursor, limit, after, ...filter } = validate(ChangesQuery, queryOf(c.req.raw));
      const from = keyIn(cursor, DERIVED_KEY);
      await waitAfter(after, POSITIONS, parts);
      const { items, next, through } = await listChanges(parts.views, filter, { after: from, limit });
      const page = nextPage(c.req.url, next);
      c.header("link", page.link);
      return c.json({ changes: items, next: page.cursor, through });
    },
  },
];
