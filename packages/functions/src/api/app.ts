import { createRegistry } from "@on-record/core/commands/registry";
import { LedgerError } from "@on-record/core/errors";
import { Hono } from "hono";
import { problemOf } from "../http/problem.ts";
import { admit } from "./guard.ts";
import { outermost } from "./outermost.ts";
import type { ApiContext, ApiDeps, ApiEnv, Route, RouteModule } from "./route.ts";
import { actors } from "./routes/actors.ts";
import { health } from "./routes/health.ts";
import { changes } from "./routes/changes.ts";
import { log } from "./routes/log.ts";
import { positions } from "./routes/positions.ts";
import { registrySearch } from "./routes/registry-search.ts";
import { review } from "./routes/review.ts";
import { principal } from "./routes/principal.ts";
import { propositions } from "./routes/propositions.ts";
import { statementLife } from "./routes/statement-life.ts";
import { statementQueries } from "./routes/statement-queries.ts";
import { statements } from "./routes/statements.ts";
import { tokens } from "./routes/tokens.ts";

/** Every route of the API, one noun a module. */
const MODULES: readonly RouteModule[] = [
  health,
  statements,
  statementLife,
  statementQueries,
  actors,
  propositions,
  registrySearch,
  positions,
  changes,
  review,
  log,
  tokens,
  principal,
];

/**
 * The API. Its order is a promise: who asks is known before a body is read, and every failure, wherever it arises,
 * leaves as problem details.
 */
export function createApp(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use("*", outermost(deps));
  addRoutes(app, deps);
  // Who has no token does not learn which paths there are.
  app.all("/v1/*", async (c) => {
    await admit(c, "any", deps);
    throw nothingHere();
  });
  app.notFound((c) => failed(c, nothingHere(), deps));
  app.onError((error, c) => failed(c, error, deps));
  return app;
}

/** Every route there is, with the scope that it asks for. */
export function routesOf(deps: ApiDeps): Route[] {
  const { streams, ledgerKey, clock, random } = deps;
  const commands = { streams, registry: createRegistry(streams), ledgerKey, clock, random };
  return MODULES.flatMap((routes) => routes({ ...deps, commands }));
}

function addRoutes(app: Hono<ApiEnv>, deps: ApiDeps): void {
  const allowed = new Map<string, string[]>();
  for (const { method, path, scope, handle } of routesOf(deps)) {
    app.on(method, path, async (c) => {
      await admit(c, scope, deps);
      return handle(c);
    });
    // Hono answers HEAD wherever there is a GET.
    const methods = method === "GET" ? ["GET", "HEAD"] : [method];
    allowed.set(path, [...(allowed.get(path) ?? []), ...methods]);
  }
  for (const [path, methods] of allowed) {
    app.all(path, async (c) => {
      if (path.startsWith("/v1/")) await admit(c, "any", deps);
      const message = `${c.req.method} does not apply here; ${methods.join(", ")} does`;
      throw new LedgerError("method_not_allowed", message, { details: { allowed: methods } });
    });
  }
}

function nothingHere(): LedgerError {
  return new LedgerError("route_not_found", "there is nothing at this path");
}

function failed(c: ApiContext, error: unknown, { logger }: ApiDeps): Response {
  const { method, path } = c.req;
  return problemOf(error, { requestId: c.get("requestId"), method, path, logger });
}
