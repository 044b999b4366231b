import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId } from "@on-record/core/domain/ids";
import { fieldError } from "@on-record/core/errors";
import { LIMITS } from "@on-record/core/limits";
import type { EventId } from "@on-record/core/log/envelope";
import { REGISTRY } from "@on-record/core/projections/registry-key";
import { topicKey, type RegistryKind, type RegistryRow } from "@on-record/core/projections/search";
import type { Through } from "@on-record/core/queries/moment";
import type { Page, Paging } from "@on-record/core/queries/positions";
import {
  searchRegistry,
  searchRegistryAt,
  wordsIn,
  type RegistryQuestion,
} from "@on-record/core/queries/registry-search";
import * as z from "zod";
import { queryOf, validate } from "../../http/validate.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import { KnownQuery, knownOn, momentOf, waitAfter, type MomentAsked } from "../moment.ts";
import { presentActor, presentProposition } from "../present.ts";
import type { ApiContext, ApiParts, RouteModule } from "../route.ts";

const SearchQuery = {
  ...PageQuery,
  /** Words, or their beginnings: all of them have to be there. */
  q: z.string().max(LIMITS.searchQueryChars).optional(),
  ...KnownQuery,
};

export const ActorsQuery = z.strictObject({
  ...SearchQuery,
  kind: ActorProfile.shape.kind.optional(),
  wikidata: ActorProfile.shape.wikidata,
  /** Who speaks for this actor. */
  speaksFor: ActorId.optional(),
});

export const PropositionsQuery = z.strictObject({
  ...SearchQuery,
  topic: z.string().min(1).max(LIMITS.idChars).optional(),
});

/** An id, behind the word that it was found by. */
const ENTRY = /^(?:[^#]{1,64}#)?[a-z0-9-]{1,64}$/u;

interface Asked extends MomentAsked {
  q?: string | undefined;
  cursor?: string | undefined;
  limit: number;
  after?: EventId | undefined;
}

/** Words to look for. A query of nothing but signs would find all, which nobody means by it. */
function wordsAsked(q: string | undefined): string[] {
  if (q === undefined) return [];
  const words = wordsIn(q);
  if (words.length === 0) throw fieldError("invalid_request", "q", "holds no word to search for");
  return words;
}

/** Finds entries as they stand or, where `knownAt` is asked for, stood then; and says how far that reaches. */
async function found<S extends object>(
  { views, clock }: ApiParts,
  question: RegistryQuestion,
  asked: Asked,
  paging: Paging,
): Promise<Page<RegistryRow<S>> & { through: Through }> {
  if (asked.knownAt === undefined) return searchRegistry<S>(views, question, paging);
  const answer = await searchRegistryAt<S>(views, question, momentOf(asked, clock), paging);
  return { ...answer.value, ...knownOn(answer) };
}

/** Which entries are asked for, and how they are shown. */
interface Search<S> {
  kind: RegistryKind;
  asked: Asked;
  properties: string[];
  present: (state: S, version: number) => object;
}

async function answerSearch<S extends object>(
  c: ApiContext,
  parts: ApiParts,
  { kind, asked, properties, present }: Search<S>,
): Promise<Response> {
  const words = wordsAsked(asked.q);
  const from = keyIn(asked.cursor, ENTRY);
  await waitAfter(asked.after, REGISTRY, parts);
  const paging = { after: from, limit: asked.limit };
  const { items, next, ...rests } = await found<S>(parts, { kind, words, properties }, asked, paging);
  const page = next === undefined ? undefined : nextPage(c.req.url, next);
  if (page) c.header("link", page.link);
  const shown = items.map(({ state, version }) => present(state, version));
  return c.json({ [`${kind}s`]: shown, ...(page && { next: page.cursor }), ...rests });
}

function property(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${name}#${value}`];
}

/** Actors and propositions, listed and found. */
export const registrySearch: RouteModule = (parts) => [
  {
    method: "GET",
    scope: "read",
    path: "/v1/actors",
    async handle(c) {
      const { kind, wikidata, speaksFor, ...asked } = validate(ActorsQuery, queryOf(c.req.raw));
      const properties = [
        ...property("wikidata", wikidata),
        ...property("speaksFor", speaksFor),
        ...property("kind", kind),
      ];
      return answerSearch(c, parts, { kind: "actor", asked, properties, present: presentActor });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: "/v1/propositions",
    async handle(c) {
      const { topic, ...asked } = validate(PropositionsQuery, queryOf(c.req.raw));
      const properties = property("topic", topic === undefined ? undefined : topicKey(topic));
      return answerSearch(c, parts, { kind: "proposition", asked, properties, present: presentProposition });
    },
  },
];
