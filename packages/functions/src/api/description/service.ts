import { CreateTokenInput, RotateTokenInput } from "@on-record/core/access/inputs";
import * as z from "zod";
import { Health, IssuedToken, PrincipalAnswer, RotatedToken, TokenAnswer, Tokens } from "../answers/tokens.ts";
import { TokensQuery } from "../routes/tokens.ts";
import { IDS } from "./examples.ts";
import type { Operation } from "./operation.ts";

const TOKENS = { noun: "Tokens", scope: "admin" } as const;
const MADE = { params: { id: IDS.token }, needs: ["createToken.desk"] };

const createToken = {
  ...TOKENS,
  method: "POST",
  path: "/v1/tokens",
  summary: "Make a token",
  notes:
    "`value` cannot be shown again. A repeat under the same Idempotency-Key makes no second token and is refused with `token_exists`: who lost the answer rotates or revokes what is there. Without an expiry the token does not expire.",
  body: CreateTokenInput,
  takes: ["idempotency-key"],
  answer: IssuedToken,
  statuses: { 201: "The token and, this once, its value." },
  headers: ["location"],
  errors: ["token_exists"],
  examples: {
    desk: {
      summary: "For a desk that records",
      headers: { "idempotency-key": "desk-2025" },
      body: { principal: "news.desk", scopes: ["read", "record"], label: "News desk", expiresInSeconds: 31_536_000 },
      status: 201,
    },
  },
} as const satisfies Operation;

const listTokens = {
  ...TOKENS,
  method: "GET",
  path: "/v1/tokens",
  summary: "List tokens",
  notes: "By id. Tokens are never removed.",
  query: TokensQuery,
  list: "tokens",
  answer: Tokens,
  statuses: { 200: "A page of tokens." },
  errors: [],
  examples: { all: { summary: "All", status: 200, needs: ["createToken.desk"] } },
} as const satisfies Operation;

const getToken = {
  ...TOKENS,
  method: "GET",
  path: "/v1/tokens/:id",
  summary: "Read a token",
  answer: TokenAnswer,
  statuses: { 200: "The token, without its value." },
  errors: ["token_not_found"],
  examples: { one: { summary: "A token", ...MADE, status: 200 } },
} as const satisfies Operation;

const rotateToken = {
  ...TOKENS,
  method: "POST",
  path: "/v1/tokens/:id/rotation",
  summary: "Rotate a token",
  notes:
    "Makes a new token for the same principal, scopes and label. A token is rotated once: after a lost answer a repeat is refused with `token_not_active`, whose `replacedBy` is the token to rotate in its place.",
  body: RotateTokenInput,
  takes: ["idempotency-key"],
  answer: RotatedToken,
  statuses: { 201: "The new token with its value, and the old one." },
  headers: ["location"],
  errors: ["token_not_found", "token_not_active", "version_conflict"],
  examples: {
    overlap: { summary: "Both are good for ten minutes", ...MADE, body: { overlapSeconds: 600 }, status: 201 },
  },
} as const satisfies Operation;

const revokeToken = {
  ...TOKENS,
  method: "DELETE",
  path: "/v1/tokens/:id",
  summary: "Revoke a token",
  notes: "For good. Done again it changes nothing. A successor stays good.",
  answer: TokenAnswer,
  statuses: { 200: "The token, revoked." },
  errors: ["token_not_found"],
  examples: { one: { summary: "A token", ...MADE, status: 200 } },
} as const satisfies Operation;

const SERVICE_GET = { noun: "Service", method: "GET" } as const;

const getPrincipal = {
  ...SERVICE_GET,
  path: "/v1/principal",
  scope: "any",
  summary: "Ask who one is",
  answer: PrincipalAnswer,
  statuses: { 200: "Who the token stands for, and what it may do." },
  errors: [],
  examples: { me: { summary: "The caller", status: 200 } },
} as const satisfies Operation;

const getHealth = {
  ...SERVICE_GET,
  path: "/health",
  scope: null,
  summary: "Ask whether the API can work",
  answer: Health,
  statuses: { 200: "The store answers." },
  errors: ["store_unavailable"],
  examples: { now: { summary: "Now", status: 200 } },
} as const satisfies Operation;

const getDescription = {
  ...SERVICE_GET,
  path: "/openapi.json",
  scope: null,
  summary: "Read this description",
  notes: "OpenAPI 3.1, for programs. The page at `/docs` is the same for people.",
  answer: z.looseObject({ openapi: z.literal("3.1.0") }),
  statuses: { 200: "The description." },
  errors: [],
  examples: { whole: { summary: "The whole", status: 200 } },
} as const satisfies Operation;

export const SERVICE = {
  createToken,
  listTokens,
  getToken,
  rotateToken,
  revokeToken,
  getPrincipal,
  getHealth,
  getDescription,
};
