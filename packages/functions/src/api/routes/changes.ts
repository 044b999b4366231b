import { Change, Reversal } from "@on-record/core/domain/change";
import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { Cause, DerivedEvent } from "@on-record/core/projections/positions/derived";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { listChanges, type ChangesFound } from "@on-record/core/queries/changes";
import type { ChangeFilter } from "@on-record/core/queries/changes/filter";
import { listChangesAt } from "@on-record/core/queries/changes/past";
import type { Through } from "@on-record/core/queries/moment";
import type { Paging } from "@on-record/core/queries/positions";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { asksMoment, MomentQuery, momentOf, restsOn, waitAfter, type MomentAsked } from "../moment.ts";
import { boundsOf, TimeBound } from "../ranges.ts";
import type { ApiParts, RouteModule } from "../route.ts";

const TYPES = DerivedEvent.options.map((option) => option.shape.type.value);

export const ChangesQuery = z.strictObject({
  ...PageQuery,
  actor: ActorId.optional(),
  proposition: PropositionId.optional(),
  type: z.enum(TYPES).optional(),
  change: Change.optional(),
  reversal: Reversal.optional(),
  cause: Cause.optional(),
  ...MomentQuery,
  recordedFrom: TimeBound.optional(),
  recordedTo: TimeBound.optional(),
});

/** Of the event seen last, or the sequence number to begin with where none was seen. */
const DERIVED_KEY = /^\d{12}(#\d{5})?$/;

/** A page of what was announced or, where a moment is asked for, had been by then; and what it rests on. */
async function found(
  parts: ApiParts,
  filter: ChangeFilter,
  paging: Paging,
  asked: MomentAsked,
): Promise<ChangesFound & { through: Through }> {
  if (!asksMoment(asked)) return listChanges(parts, filter, paging);
  const answer = await listChangesAt(parts, filter, momentOf(asked, parts.clock), paging);
  return { ...answer.value, ...restsOn(answer) };
}

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
      const { cursor, limit, after, zone, asOf, knownAt, recordedFrom, recordedTo, ...facts } = query;
      const key = keyIn(cursor, DERIVED_KEY);
      const recorded = boundsOf({ from: recordedFrom, to: recordedTo }, zone, "recorded");
      await waitAfter(after, POSITIONS, parts);
      const filter = { ...facts, recordedFrom: recorded.from, recordedTo: recorded.to };
      const { items, next, ...rests } = await found(parts, filter, { after: key, limit }, { asOf, knownAt, zone });
      const page = nextPage(c.req.url, next);
      c.header("link", page.link);
      return c.json({ changes: items, next: page.cursor, ...rests });
    },
  },
];
