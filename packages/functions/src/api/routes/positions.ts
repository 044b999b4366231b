import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { REGISTRY } from "@on-record/core/projections/registry-key";
import {
  entailedPositionsOfActor,
  entailedPositionsOnProposition,
  findEntailedPosition,
} from "@on-record/core/queries/entailed";
import { historyOf } from "@on-record/core/queries/history";
import {
  findPosition,
  positionsOfActor,
  positionsOnProposition,
  type Page,
  type Paging,
  type Position,
} from "@on-record/core/queries/positions";
import type { Answered, AskedMoment } from "@on-record/core/queries/moment";
import * as z from "zod";
import { pathId, queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { MomentQuery, momentOf, restsOn, waitAfter } from "../moment.ts";
import type { ApiContext, ApiParts, Route, RouteModule } from "../route.ts";

/** `true` also shows what is ruled out because a broader proposition is. */
const Entailed = z
  .enum(["true", "false"])
  .default("false")
  .transform((text) => text === "true");

const AskedQuery = z.strictObject(MomentQuery);
export const PositionQuery = z.strictObject({ ...MomentQuery, entailed: Entailed });
export const PositionsQuery = PositionQuery.extend(PageQuery);
export const HistoryQuery = z.strictObject({ ...MomentQuery, ...PageQuery });

const SLUG = /^[a-z0-9-]{1,64}$/;
const ENTRY_KEY = /^[0-9TZ:.~-]{24,600}\|\d\|\d{12}$/;

const actorIn = (c: ApiContext) => pathId(ActorId, c.req.param("id"), "actor_not_found");
const propositionIn = (c: ApiContext, name: string) =>
  pathId(PropositionId, c.req.param(name), "proposition_not_found");

async function mustExist(parts: ApiParts, kind: "actor" | "proposition", id: ActorId | PropositionId): Promise<void> {
  if (await parts.commands.registry.has(kind, id)) return;
  throw new LedgerError(`${kind}_not_found`, `there is no ${kind} ${id}`);
}

async function momentAsked(parts: ApiParts, query: z.infer<typeof AskedQuery>, entailed = false): Promise<AskedMoment> {
  await waitAfter(query.after, POSITIONS, parts);
  if (entailed) await waitAfter(query.after, REGISTRY, parts);
  return momentOf(query, parts.clock);
}

function listAnswer(c: ApiContext, lists: Record<string, unknown[]>, answer: Answered<Page<unknown>>): Response {
  const { next } = answer.value;
  const page = next === undefined ? undefined : nextPage(c.req.url, next);
  if (page) c.header("link", page.link);
  return c.json({ ...lists, ...(page && { next: page.cursor }), ...restsOn(answer) });
}

type List = (c: ApiContext, asked: AskedMoment, paging: Paging) => Promise<Answered<Page<Position>>>;

/** Positions in pages; `entailed` lists those inherited too, apart from the actors' own. */
function listRoute(
  path: string,
  kind: "actor" | "proposition",
  parts: ApiParts,
  lists: { own: List; entailed: List },
): Route {
  return {
    method: "GET",
    scope: "read",
    path,
    async handle(c) {
      const id = kind === "actor" ? actorIn(c) : propositionIn(c, "id");
      const query = validate(PositionsQuery, queryOf(c.req.raw));
      const after = keyIn(query.cursor, SLUG);
      await mustExist(parts, kind, id);
      const asked = await momentAsked(parts, query, query.entailed);
      const list = query.entailed ? lists.entailed : lists.own;
      const answer = await list(c, asked, { after, limit: query.limit });
      const { items } = answer.value;
      const positions = items.filter(({ inheritedFrom }) => inheritedFrom === undefined);
      const inherited = items.filter(({ inheritedFrom }) => inheritedFrom !== undefined);
      return listAnswer(c, { positions, ...(query.entailed && { inherited }) }, answer);
    },
  };
}

/** Where actors stand, on both time axes. */
export const positions: RouteModule = (parts) => {
  const { views } = parts;
  return [
    listRoute("/v1/actors/:id/positions", "actor", parts, {
      own: (c, asked, paging) => positionsOfActor(views, actorIn(c), asked, paging),
      entailed: (c, asked, paging) => entailedPositionsOfActor(views, actorIn(c), asked, paging),
    }),
    listRoute("/v1/propositions/:id/positions", "proposition", parts, {
      own: (c, asked, paging) => positionsOnProposition(views, propositionIn(c, "id"), asked, paging),
      entailed: (c, asked, paging) => entailedPositionsOnProposition(views, propositionIn(c, "id"), asked, paging),
    }),
    {
      method: "GET",
      scope: "read",
      path: "/v1/actors/:id/positions/:proposition",
      async handle(c) {
        const id = { actor: actorIn(c), proposition: propositionIn(c, "proposition") };
        const query = validate(PositionQuery, queryOf(c.req.raw));
        await mustExist(parts, "actor", id.actor);
        await mustExist(parts, "proposition", id.proposition);
        const asked = await momentAsked(parts, query, query.entailed);
        const answer = await (query.entailed ? findEntailedPosition : findPosition)(views, id, asked);
        const { value: position } = answer;
        if (position === null) {
          const message = `${id.actor} had no position on ${id.proposition} at that moment`;
          throw new LedgerError("position_not_found", message, { details: restsOn(answer) });
        }
        return c.json({ position, ...restsOn(answer) });
      },
    },
    {
      method: "GET",
      scope: "read",
      path: "/v1/actors/:id/positions/:proposition/history",
      async handle(c) {
        const id = { actor: actorIn(c), proposition: propositionIn(c, "proposition") };
        const query = validate(HistoryQuery, queryOf(c.req.raw));
        const after = keyIn(query.cursor, ENTRY_KEY);
        await mustExist(parts, "actor", id.actor);
        await mustExist(parts, "proposition", id.proposition);
        const asked = await momentAsked(parts, query);
        const answer = await historyOf(views, id, asked, { after, limit: query.limit });
        return listAnswer(c, { history: answer.value.items }, answer);
      },
    },
  ];
};
