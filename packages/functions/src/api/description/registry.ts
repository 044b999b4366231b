import { ActorProfile } from "@on-record/core/domain/actor";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import {
  ActorAnswer,
  ActorEvents,
  ActorOutcome,
  ActorRehearsal,
  Actors,
  PropositionAnswer,
  PropositionEvents,
  PropositionOutcome,
  PropositionRehearsal,
  Propositions,
} from "../answers/registry.ts";
import { CommandQuery } from "../dry-run.ts";
import { NumberedPage } from "../page.ts";
import { EntryQuery } from "../entry.ts";
import { ActorsQuery, PropositionsQuery } from "../routes/registry-search.ts";
import { AIR, LEAVITT, TROOPS, TRUMP } from "./examples.ts";
import type { Operation } from "./operation.ts";

const PUT = { query: CommandQuery, takes: ["idempotency-key", "if-match", "if-none-match"] } as const;
const PUT_ERRORS = ["version_conflict", "limit_reached", "precondition_required"] as const;
const PROFILE = { name: "Donald Trump", kind: "person", wikidata: "Q22686" };
const WORDING = "The United States deploys ground troops in Ukraine";

const putActor = {
  noun: "Actors",
  method: "PUT",
  path: "/v1/actors/:id",
  scope: "edit",
  summary: "Register an actor, or revise it",
  notes:
    "The body is the whole profile: what it leaves out is gone. To revise, send the ETag that was read as If-Match.",
  ...PUT,
  body: ActorProfile,
  answer: ActorOutcome,
  rehearsal: ActorRehearsal,
  statuses: { 201: "Registered.", 200: "Revised, or as it was before; or a dry run." },
  headers: ["etag", "location"],
  errors: ["actor_not_found", "unknown_actor", ...PUT_ERRORS],
  examples: {
    person: { summary: "A person", params: { id: TRUMP }, body: PROFILE, status: 201 },
    spokesperson: {
      summary: "One who speaks for another",
      params: { id: LEAVITT },
      body: { name: "Karoline Leavitt", kind: "person", speaksFor: [TRUMP] },
      status: 201,
      needs: ["putActor.person"],
    },
    revised: {
      summary: "A revision",
      params: { id: TRUMP },
      headers: { "if-match": '"1"' },
      body: { ...PROFILE, aliases: ["President Trump"] },
      status: 200,
      needs: ["putActor.person"],
    },
  },
} as const satisfies Operation;

const getActor = {
  noun: "Actors",
  method: "GET",
  path: "/v1/actors/:id",
  scope: "read",
  summary: "Read an actor",
  notes: "With `knownAt`: as the ledger knew it then, and what the answer rests on.",
  query: EntryQuery,
  takes: ["if-none-match", "if-match"],
  answer: ActorAnswer,
  statuses: { 200: "The actor." },
  headers: ["etag"],
  errors: ["actor_not_found"],
  examples: { one: { summary: "An actor", params: { id: TRUMP }, status: 200, needs: ["putActor.person"] } },
} as const satisfies Operation;

const listActors = {
  noun: "Actors",
  method: "GET",
  path: "/v1/actors",
  scope: "read",
  summary: "List and find actors",
  notes:
    "By id; with `q`, by the word that it was found by. With `knownAt`: as the ledger knew them then, and what the answer rests on.",
  query: ActorsQuery,
  list: "actors",
  answer: Actors,
  statuses: { 200: "A page of actors." },
  errors: [],
  examples: {
    named: {
      summary: "By the beginning of a name",
      query: { q: "donald tr" },
      status: 200,
      needs: ["putActor.spokesperson"],
    },
    speaks: {
      summary: "Who speaks for an actor",
      query: { speaksFor: TRUMP },
      status: 200,
      needs: ["putActor.spokesperson"],
    },
  },
} as const satisfies Operation;

const listActorEvents = {
  noun: "Actors",
  method: "GET",
  path: "/v1/actors/:id/events",
  scope: "read",
  summary: "Read an actor's revisions",
  query: NumberedPage,
  list: "events",
  answer: ActorEvents,
  statuses: { 200: "The events of its stream, in order." },
  headers: ["etag"],
  errors: ["actor_not_found"],
  examples: { all: { summary: "From the first", params: { id: TRUMP }, status: 200, needs: ["putActor.revised"] } },
} as const satisfies Operation;

const putProposition = {
  noun: "Propositions",
  method: "PUT",
  path: "/v1/propositions/:id",
  scope: "edit",
  summary: "Define a proposition, or revise it",
  notes: "The body is the whole. To revise, send the ETag that was read as If-Match.",
  ...PUT,
  body: PropositionProfile,
  answer: PropositionOutcome,
  rehearsal: PropositionRehearsal,
  statuses: { 201: "Defined.", 200: "Revised, or as it was before; or a dry run." },
  headers: ["etag", "location"],
  errors: ["proposition_not_found", "unknown_proposition", "broader_cycle", ...PUT_ERRORS],
  examples: {
    defined: {
      summary: "A proposition",
      params: { id: TROOPS },
      body: { wording: WORDING, topics: ["Ukraine"], keywords: ["troops", "boots on the ground"] },
      status: 201,
    },
    another: {
      summary: "Another",
      params: { id: AIR },
      body: { wording: "The United States supports a European force in Ukraine from the air", topics: ["Ukraine"] },
      status: 201,
    },
    narrower: {
      summary: "A case of a broader one",
      params: { id: "us-peacekeepers-in-ukraine" },
      body: { wording: "The United States sends peacekeepers to Ukraine", broader: [TROOPS] },
      status: 201,
      needs: ["putProposition.defined"],
    },
  },
} as const satisfies Operation;

const getProposition = {
  noun: "Propositions",
  method: "GET",
  path: "/v1/propositions/:id",
  scope: "read",
  summary: "Read a proposition",
  notes: "With `knownAt`: as the ledger knew it then, and what the answer rests on.",
  query: EntryQuery,
  takes: ["if-none-match", "if-match"],
  answer: PropositionAnswer,
  statuses: { 200: "The proposition." },
  headers: ["etag"],
  errors: ["proposition_not_found"],
  examples: {
    one: { summary: "A proposition", params: { id: TROOPS }, status: 200, needs: ["putProposition.defined"] },
  },
} as const satisfies Operation;

const listPropositions = {
  noun: "Propositions",
  method: "GET",
  path: "/v1/propositions",
  scope: "read",
  summary: "List and find propositions",
  notes:
    "By id; with `q`, by the word that it was found by. With `knownAt`: as the ledger knew them then, and what the answer rests on.",
  query: PropositionsQuery,
  list: "propositions",
  answer: Propositions,
  statuses: { 200: "A page of propositions." },
  errors: [],
  examples: {
    keyword: {
      summary: "By words of the wording or of a keyword",
      query: { q: "troops" },
      status: 200,
      needs: ["putProposition.defined", "putProposition.another"],
    },
    topic: { summary: "Of a topic", query: { topic: "Ukraine" }, status: 200, needs: ["putProposition.another"] },
  },
} as const satisfies Operation;

const listPropositionEvents = {
  noun: "Propositions",
  method: "GET",
  path: "/v1/propositions/:id/events",
  scope: "read",
  summary: "Read a proposition's revisions",
  query: NumberedPage,
  list: "events",
  answer: PropositionEvents,
  statuses: { 200: "The events of its stream, in order." },
  headers: ["etag"],
  errors: ["proposition_not_found"],
  examples: {
    all: { summary: "From the first", params: { id: TROOPS }, status: 200, needs: ["putProposition.defined"] },
  },
} as const satisfies Operation;

export const REGISTRY = {
  putActor,
  getActor,
  listActors,
  listActorEvents,
  putProposition,
  getProposition,
  listPropositions,
  listPropositionEvents,
};
