import type { Access, Principal } from "@on-record/core/access/principals";
import type { CommandDeps } from "@on-record/core/commands/request";
import type { Statement } from "@on-record/core/domain/statement/state";
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
  access: Access;
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

/** What a request carries from the middleware to its route. `principal` is there on every route below `/v1`. */
export interface ApiEnv {
  Variables: { principal: Principal; requestId: string };
}
export type ApiContext = Context<ApiEnv>;

/** One method on one path, as Hono writes paths. Everything below `/v1` asks for a token. */
export interface Route {
  method: "DELETE" | "GET" | "PATCH" | "POST" | "PUT";
  path: string;
  handle: (c: ApiContext) => Promise<Response> | Response;
}

/** The routes of one noun. */
export type RouteModule = (parts: ApiParts) => Route[];
