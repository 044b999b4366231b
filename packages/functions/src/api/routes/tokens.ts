import { CreateTokenInput, RotateTokenInput } from "@on-record/core/access/inputs";
import {
  createToken,
  findToken,
  revokeToken,
  rotateToken,
  type IssuedToken,
} from "@on-record/core/access/manage-tokens";
import { statusOf } from "@on-record/core/access/principals";
import { TokenId, type StoredToken } from "@on-record/core/domain/token";
import * as z from "zod";
import { pathId, queryOf, validate } from "../../http/validate.ts";
import { commandRequest } from "../answer.ts";
import { keyIn, nextPage, PageQuery } from "../cursor.ts";
import type { ApiContext, ApiParts, Route, RouteModule } from "../route.ts";

const PATH = "/v1/tokens";
const ONE = `${PATH}/:id`;
const TOKEN_KEY = /^[a-z2-7]{16}$/;

export const TokensQuery = z.strictObject(PageQuery);

function idOf(c: ApiContext): TokenId {
  return pathId(TokenId, c.req.param("id"), "token_not_found");
}

/** A token as its managers see it: never its hash. */
function presentToken(token: StoredToken, now: number): object {
  const { hash: _hash, ...shown } = token;
  return { ...shown, status: statusOf(token, now) };
}

/** The one answer that holds a token's value. */
function issued(c: ApiContext, { token, value }: IssuedToken, more: object, { clock }: ApiParts): Response {
  c.header("location", `${PATH}/${token.id}`);
  return c.json({ token: presentToken(token, clock()), value, ...more }, 201);
}

function postToken(parts: ApiParts): Route {
  return {
    method: "POST",
    scope: "admin",
    path: PATH,
    async handle(c) {
      const { principal: by, idempotencyKey, payload } = await commandRequest(c, CreateTokenInput);
      const answer = await createToken(parts, by, payload, idempotencyKey);
      const { id, principal, scopes } = answer.token;
      parts.logger.info("token created", { requestId: c.get("requestId"), token: id, principal, scopes, by });
      return issued(c, answer, {}, parts);
    },
  };
}

function postRotation(parts: ApiParts): Route {
  return {
    method: "POST",
    scope: "admin",
    path: `${ONE}/rotation`,
    async handle(c) {
      const id = idOf(c);
      const { principal: by, payload } = await commandRequest(c, RotateTokenInput);
      const answer = await rotateToken(parts, by, id, payload);
      const { id: successor, principal } = answer.token;
      parts.logger.info("token rotated", { requestId: c.get("requestId"), token: id, successor, principal, by });
      return issued(c, answer, { replaced: presentToken(answer.replaced, parts.clock()) }, parts);
    },
  };
}

/** Tokens: made, listed, rotated and revoked by those who have the scope `admin`. */
export const tokens: RouteModule = (parts) => [
  postToken(parts),
  {
    method: "GET",
    scope: "admin",
    path: PATH,
    async handle(c) {
      const { cursor, limit } = validate(TokensQuery, queryOf(c.req.raw));
      const after = keyIn(cursor, TOKEN_KEY);
      const found = await parts.tokens.list({
        after: after === undefined ? undefined : TokenId.parse(after),
        limit: limit + 1,
      });
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const page = found.length > limit && last !== undefined ? nextPage(c.req.url, last.id) : undefined;
      if (page) c.header("link", page.link);
      const now = parts.clock();
      return c.json({ tokens: items.map((token) => presentToken(token, now)), ...(page && { next: page.cursor }) });
    },
  },
  {
    method: "GET",
    scope: "admin",
    path: ONE,
    async handle(c) {
      return c.json({ token: presentToken(await findToken(parts.tokens, idOf(c)), parts.clock()) });
    },
  },
  postRotation(parts),
  {
    method: "DELETE",
    scope: "admin",
    path: ONE,
    async handle(c) {
      const by = c.get("principal").id;
      const token = await revokeToken(parts, by, idOf(c));
      const { id, principal } = token;
      parts.logger.info("token revoked", { requestId: c.get("requestId"), token: id, principal, by });
      return c.json({ token: presentToken(token, parts.clock()) });
    },
  },
];
