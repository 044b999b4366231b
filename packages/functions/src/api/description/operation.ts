import type * as z from "zod";
import type { ProblemCode } from "../../http/catalogue.ts";
import type { Route } from "../route.ts";

/** Under which heading a route stands, in the order of the reference page. */
export const NOUNS = {
  Statements: "What was said, and who reported it.",
  "Life of a statement": "What becomes of a statement after it was recorded. Each request appends one event at most.",
  Actors: "Who can take a position.",
  Propositions: "What a position can be about.",
  Positions: "Where actors stand, on two time axes: what had been said by `asOf`, as the ledger knew it at `knownAt`.",
  "Changes and review": "What moved, and what waits for an editor.",
  Log: "The ledger's one order, as a transparency log: nobody need trust who runs it.",
  Tokens: "Who may do what. A token's value is shown once and kept nowhere.",
  Service: "The API about itself.",
} as const;
export type Noun = keyof typeof NOUNS;

export type RequestHeader = "idempotency-key" | "if-match" | "if-none-match" | "prefer";

/** A request that a test sends, and the status that it is answered with. */
export interface Example {
  summary: string;
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  status: number;
  /** Examples that have to be sent before: `operation.example`. */
  needs?: readonly string[];
}

/** One route as it is described. `query` and `body` are the schemas that validate. */
export interface Operation {
  noun: Noun;
  method: Route["method"];
  /** As Hono writes paths. */
  path: string;
  scope: Route["scope"];
  summary: string;
  notes?: string;
  query?: z.ZodType;
  body?: z.ZodType;
  takes?: readonly RequestHeader[];
  /** For a list: the field that holds its items. */
  list?: string;
  answer: z.ZodType;
  /** The answer's type, where it is not JSON: a text, or bytes. */
  media?: "text/plain" | "application/octet-stream";
  /** What a dry run answers instead. */
  rehearsal?: z.ZodType;
  /** What is answered to who prefers little. */
  brief?: z.ZodType;
  /** When each status is given that bears the answer. */
  statuses: Readonly<Record<number, string>>;
  /** Headers that each answer has. */
  headers?: readonly ("etag" | "location")[];
  /** Beside those that follow from the rest. */
  errors: readonly ProblemCode[];
  examples: Readonly<Record<string, Example>>;
}

/** What every command takes beside its own. */
export const COMMAND_HEADERS = ["idempotency-key", "if-match"] as const;
