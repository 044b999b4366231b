import { ActorId, PrincipalId, PropositionId } from "@on-record/core/domain/ids";
import { Stance } from "@on-record/core/domain/stance";
import { STATEMENT_STATUSES } from "@on-record/core/domain/statement/status";
import { words } from "@on-record/core/domain/words";
import { LIMITS } from "@on-record/core/limits";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { orderIn, SORTS, type StatementFilter } from "@on-record/core/queries/statements/filter";
import type { Through } from "@on-record/core/queries/moment";
import type { Page } from "@on-record/core/queries/positions";
import {
  listStatements,
  listStatementsAt,
  type ListedStatement,
  type StatementPaging,
} from "@on-record/core/queries/statements/list";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { asksMoment, MomentQuery, momentOf, restsOn, waitAfter, type MomentAsked } from "../moment.ts";
import { presentStatement } from "../present.ts";
import { boundsOf, TimeBound } from "../ranges.ts";
import type { ApiParts, RouteModule } from "../route.ts";

export const StatementsQuery = z.strictObject({
  ...PageQuery,
  ...MomentQuery,
  actor: ActorId.optional(),
  speaker: ActorId.optional(),
  proposition: PropositionId.optional(),
  publisher: words(LIMITS.publisherChars).optional(),
  recordedBy: PrincipalId.optional(),
  stance: Stance.optional(),
  status: z.enum(STATEMENT_STATUSES).optional(),
  saidFrom: TimeBound.optional(),
  saidTo: TimeBound.optional(),
  recordedFrom: TimeBound.optional(),
  recordedTo: TimeBound.optional(),
  sort: z.enum(SORTS).default("-recordedAt"),
});

/** Where a page ended, in each of the orders: at a statement, or between statements. */
const KEYS = {
  recorded: /^\d{12}$/,
  said: /^\d{4}-\d{2}(?:-\d{2})?(?:~|T[0-9:.]{12}Z#\d{12})?$/,
} as const;

function present({ statement, ...known }: ListedStatement): object {
  return { ...presentStatement(statement, known.corroboration), ...known };
}

/** A page of the list as it is or, where a moment is asked for, as it was; and what it rests on. */
async function listed(
  parts: ApiParts,
  filter: StatementFilter,
  paging: StatementPaging,
  asked: MomentAsked,
): Promise<Page<ListedStatement> & { through: Through }> {
  if (!asksMoment(asked)) return listStatements(parts, filter, paging);
  const answer = await listStatementsAt(parts, filter, momentOf(asked, parts.clock), paging);
  return { ...answer.value, ...restsOn(answer) };
}

/** Statements by all that is known of them, in the order of saying or of recording. */
export const statementQueries: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "read",
    path: "/v1/statements",
    async handle(c) {
      const query = validate(StatementsQuery, queryOf(c.req.raw));
      const { cursor, limit, after, sort, zone, asOf, knownAt, ...facts } = query;
      const { saidFrom, saidTo, recordedFrom, recordedTo } = facts;
      const from = keyIn(cursor, KEYS[orderIn(sort).order]);
      const said = boundsOf({ from: saidFrom, to: saidTo }, zone, "said");
      const recorded = boundsOf({ from: recordedFrom, to: recordedTo }, zone, "recorded");
      await waitAfter(after, POSITIONS, parts);
      const filter = {
        ...facts,
        saidFrom: said.from,
        saidTo: said.to,
        recordedFrom: recorded.from,
        recordedTo: recorded.to,
      };
      const { items, next, ...rests } = await listed(
        parts,
        filter,
        { sort, after: from, limit },
        { asOf, knownAt, zone },
      );
      const page = next === undefined ? undefined : nextPage(c.req.url, next);
      if (page) c.header("link", page.link);
      return c.json({ statements: items.map(present), ...(page && { next: page.cursor }), ...rests });
    },
  },
];
