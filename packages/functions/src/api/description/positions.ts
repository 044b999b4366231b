import { History, PositionAnswer, Positions } from "../answers/positions.ts";
import { HistoryQuery, PositionQuery, PositionsQuery } from "../routes/positions.ts";
import { TROOPS, TRUMP } from "./examples.ts";
import type { Operation } from "./operation.ts";

const SAID = ["recordStatement.monday", "recordStatement.tuesday"];
const EXISTS = ["actor_not_found", "proposition_not_found"] as const;

const getPosition = {
  noun: "Positions",
  method: "GET",
  path: "/v1/actors/:id/positions/:proposition",
  scope: "read",
  summary: "Read where an actor stands on a proposition",
  notes:
    "With `entailed=true`, where there is no position of its own, the nearest broader proposition that the actor has ruled out stands in, as `inheritedFrom`.",
  query: PositionQuery,
  answer: PositionAnswer,
  statuses: { 200: "The position, and what the answer rests on." },
  errors: [...EXISTS, "position_not_found"],
  examples: {
    now: { summary: "Now", params: { id: TRUMP, proposition: TROOPS }, status: 200, needs: SAID },
    monday: {
      summary: "At the end of Monday in New York, as it is known today",
      params: { id: TRUMP, proposition: TROOPS },
      query: { asOf: "2025-08-18", zone: "America/New_York" },
      status: 200,
      needs: SAID,
    },
    before: {
      summary: "Before there was one",
      params: { id: TRUMP, proposition: TROOPS },
      query: { asOf: "2025-08-17" },
      status: 404,
      needs: SAID,
    },
  },
} as const satisfies Operation;

const listPositionsOfActor = {
  noun: "Positions",
  method: "GET",
  path: "/v1/actors/:id/positions",
  scope: "read",
  summary: "List an actor's positions",
  notes: "By proposition. With `entailed=true`, `inherited` holds what follows from the positions of the page.",
  query: PositionsQuery,
  list: "positions",
  answer: Positions,
  statuses: { 200: "A page of positions." },
  errors: ["actor_not_found"],
  examples: { now: { summary: "Now", params: { id: TRUMP }, status: 200, needs: SAID } },
} as const satisfies Operation;

const listPositionsOnProposition = {
  noun: "Positions",
  method: "GET",
  path: "/v1/propositions/:id/positions",
  scope: "read",
  summary: "List who stands where on a proposition",
  notes: "By actor.",
  query: PositionsQuery,
  list: "positions",
  answer: Positions,
  statuses: { 200: "A page of positions." },
  errors: ["proposition_not_found"],
  examples: {
    known: {
      summary: "As the ledger knew it at a moment",
      params: { id: TROOPS },
      query: { knownAt: "2025-08-20T11:59:00Z" },
      status: 200,
      needs: SAID,
    },
  },
} as const satisfies Operation;

const listHistory = {
  noun: "Positions",
  method: "GET",
  path: "/v1/actors/:id/positions/:proposition/history",
  scope: "read",
  summary: "Read how a position came about",
  notes: "In the order of what was said.",
  query: HistoryQuery,
  list: "history",
  answer: History,
  statuses: { 200: "A page of steps." },
  errors: EXISTS,
  examples: {
    all: { summary: "From the first", params: { id: TRUMP, proposition: TROOPS }, status: 200, needs: SAID },
  },
} as const satisfies Operation;

export const POSITIONS = { getPosition, listPositionsOfActor, listPositionsOnProposition, listHistory };
