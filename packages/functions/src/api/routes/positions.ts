import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { REGISTRY } from "@on-record/core/projections/registry";
import { inheritedFrom, inheritedPosition } from "@on-record/core/queries/entailed";
import { historyOf } from "@on-record/core/queries/history";
import {
  findPosition,
  positionsOfActor,
  positionsOnProposition,
  type Page,
  type Position,
} from "@on-record/core/queries/positions";
import type { Answered, AskedMoment, Moment } from "@on-record/core/queries/moment";
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
const OneQuery = z.strictObject({ ...MomentQuery, entailed: Entailed });
const ListQuery = OneQuery.extend(PageQuery);
const HistoryQuery = z.strictObject({ ...MomentQuery, ...PageQuery });

const SLUG = /^[a-z0-9-]{1,64}$/;
const ENTRY_KEY = /^[0-9TZ:.~-]{24,600}\|\d\|\d{12}$/;

const actorIn = (c: ApiContext) => pathId(ActorId, c.req.param("id"), "actor_not_found");
const propositionIn = (c: ApiContext, name: string) =>
  pathId(PropositionId, c.req.param(name), "proposition_not_found");

async function mustExist(
  parts: ApiParts,
  kind: "actor" | "proposition",
  id: ActorId | PropositionId,
): Promise<void> {
  if (await parts.commands.registry.has(kind, id)) return;
  throw new LedgerError(`${kind}_not_found`, `there is no ${kind} ${id}`);
}

async function momentAsked(parts: ApiParts, query: z.infer<typeof AskedQuery>, entailed = false): Promise<AskedMoment> {
  await waitAfter(query.after, POSITIONS, parts);
  if (entailed) await waitAfter(query.after, REGISTRY, parts);
  return momentOf(query, parts.clock);
}

function listAnswer(c: ApiContext, name: string, answer: Answered<Page<unknown>>, more: object = {}): Response {
  const { items, next } = answer.value;
  const page = next === undefined ? undefined : nextPage(c.req.url, next);
  if (page) c.header("link", page.link);
  return c.json({ [name]: items, ...more, ...(page && { next: page.cursor }), ...restsOn(answer) });
}

function listRoute(
  path: string,
  kind: "actor" | "proposition",
  parts: ApiParts,
  list: (c: ApiContext, asked: AskedMoment, paging: { after: string | undefined; limit: number }) => Promise<Answered<Page<Position>>>,
  inherited: (c: ApiContext, own: readonly Position[], moment: Moment) => Promise<Position[]>,
): Route {
  return {
    method: "GET",
    path,
    async handle(c) {
      const id = kind === "actor" ? actorIn(c) : propositionIn(c, "id");
      const query = validate(ListQuery, queryOf(c.req.raw));
      const after = keyIn(query.cursor, SLUG);
      await mustExist(parts, kind, id);
      const asked = await momentAsked(parts, query, query.entailed);
      const answer = await list(c, asked, { after, limit: query.limit });
      const more = query.entailed ? { inherited: await inherited(c, answer.value.items, answer) } : {};
      return listAnswer(c, "positions", answer, more);
    },
  };
}

/** Where actors stand, on both time axes. */
export const positions: RouteModule = (parts) => {
  const { views } = parts;
  return [
    listRoute(
      "/v1/actors/:id/positions",
      "actor",
      parts,
      (c, asked, paging) => positionsOfActor(views, actorIn(c), asked, paging),
      (c, own, moment) => inheritedFrom(views, actorIn(c), own, moment),
    ),
    listRoute(
      "/v1/propositions/:id/positions",
      "proposition",
      parts,
      (c, asked, paging) => positionsOnProposition(views, propositionIn(c, "id"), asked, paging),
      async () => [],
    ),
    {
      method: "GET",
      path: "/v1/actors/:id/positions/:proposition",
      async handle(c) {
        const id = { actor: actorIn(c), proposition: propositionIn(c, "proposition") };
        const query = validate(OneQuery, queryOf(c.req.raw));
        await mustExist(parts, "actor", id.actor);
        await mustExist(parts, "proposition", id.proposition);
        const answer = await findPosition(views, id, await momentAsked(parts, query, query.entailed));
        const position = answer.value ?? (query.entailed ? await inheritedPosition(views, id, answer) : null);
        if (position === null) {
          const message = `${id.actor} had no position on ${id.proposition} at that moment`;
          throw new LedgerError("position_not_found", message, { details: restsOn(answer) });
        }
        return c.json({ position, ...restsOn(answer) });
      },
    },
    {
      method: "GET",
      path: "/v1/actors/:id/positions/:proposition/history",
      async handle(c) {
        const id = { actor: actorIn(c), proposition: propositionIn(c, "proposition") };
        const query = validate(HistoryQuery, queryOf(c.req.raw));
        const after = keyIn(query.cursor, ENTRY_KEY);
        await mustExist(parts, "actor", id.actor);
        await mustExist(parts, "proposition", id.proposition);
        const asked = await momentAsked(parts, query);
        return listAnswer(c, "history", await historyOf(views, id, asked, { after, limit: query.limit }));
      },
    },
  ];
};
