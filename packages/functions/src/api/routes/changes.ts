import { Change, Reversal } from "@on-record/core/domain/change";
import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { EventId } from "@on-record/core/log/envelope";
import { Cause, DerivedEvent } from "@on-record/core/projections/positions/derived";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { listChanges } from "@on-record/core/queries/changes";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { waitAfter } from "../moment.ts";
import { boundsOf, TimeBound, zoned } from "../ranges.ts";
import type { RouteModule } from "../route.ts";

const TYPES = DerivedEvent.options.map((option) => option.shape.type.value);

export const ChangesQuery = z.strictObject({
  ...PageQuery,
  actor: ActorId.optional(),
  proposition: PropositionId.optional(),
  type: z.enum(TYPES).optional(),
  change: Change.optional(),
  reversal: Reversal.optional(),
  cause: Cause.optional(),
  ...zoned,
  recordedFrom: TimeBound.optional(),
  recordedTo: TimeBound.optional(),
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
      const query = validate(ChangesQuery, queryOf(c.req.raw));
      const { cursor, limit, after, zone, recordedFrom, recordedTo, ...facts } = query;
      const key = keyIn(cursor, DERIVED_KEY);
      const recorded = boundsOf({ from: recordedFrom, to: recordedTo }, zone, "recorded");
      await waitAfter(after, POSITIONS, parts);
      const filter = { ...facts, recordedFrom: recorded.from, recordedTo: recorded.to };
      const { items, next, through } = await listChanges(parts, filter, { after: key, limit });
      const page = nextPage(c.req.url, next);
      c.header("link", page.link);
      return c.json({ changes: items, next: page.cursor, through });
    },
  },
];
