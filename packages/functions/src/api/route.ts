import type { Access, Principal } from "@on-record/core/access/principals";
import type { TokenStore } from "@on-record/core/access/ports";
import type { CommandDeps } from "@on-record/core/commands/request";
import type { Statement } from "@on-record/core/domain/statement/state";
import type { Scope } from "@on-record/core/domain/token";
import type { LogReader, StreamStore, ViewStore } from "@on-record/core/log/ports";
import type { SimilarStatement } from "@on-record/core/queries/similar";
import type { Context } from "hono";
import type { Logger } from "../http/logger.ts";

/** What the API works with. */
export interface ApiDeps {
  streams: StreamStore;
  log: LogReader;
  views: ViewStore;
  /** The ledger's own secret, 32 bytes or more. */
  ledgerKey: Uint8Array;
  /** The verifier keys of the log, the one in use first. */
  logKeys: readonly string[];
  access: Access;
  tokens: TokenStore;
  /** Whether routes of scope `read` ask for no token. */
  publicRead: boolean;
  /** The origins whose pages may use the API from a browser; none unless configured. */
  corsOrigins: readonly string[];
  /** Milliseconds since 1970. */
  clock: () => number;
  sleep: (milliseconds: number) => Promise<void>;
  /** That many bytes nobody can guess. */
  random: (bytes: number) => Uint8Array;
  /** Statements like this one, itself left out. It may fail or take long: the recording does not wait for it. */
  similar: (statement: Statement) => Promise<SimilarStatement[]>;
  logger: Logger;
}

/** The dependencies, and what is made of them once for all routes. */
export interface ApiParts extends ApiDeps {
  commands: CommandDeps;
}

/** What a request carries from the middleware to its route. `principal` is there on every route with a scope. */
export interface ApiEnv {
  Variables: { principal: Principal; requestId: string };
}
export type ApiContext = Context<ApiEnv>;

/** One method on one path, as Hono writes paths. */
export interface Route {
  method: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  path: string;
  /** What the token must allow, checked before the body is read; `any` valid token; `null`: open to everybody. */
  scope: Scope | "any" | null;
  handle: (c: ApiContext) => Promise<Response> | Response;
}

/** The routes of one noun. */
export type RouteModule = (parts: ApiParts) => Route[];
