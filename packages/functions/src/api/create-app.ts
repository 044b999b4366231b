import { createRegistry } from "@on-record/core/commands/registry";
import { LedgerError } from "@on-record/core/errors";
import { Hono } from "hono";
import { problemOf } from "../http/problem.ts";
import { admit } from "./guard.ts";
import { outermost } from "./outermost.ts";
import type { ApiContext, ApiDeps, ApiEnv, ApiParts, RouteModule } from "./route.ts";

/** The dependencies, and what is made of them once for all routes. */
export function partsOf(deps: ApiDeps): ApiParts {
  const { streams, ledgerKey, clock, random } = deps;
  return { ...deps, commands: { streams, registry: createRegistry(streams), ledgerKey, clock, random } };
}

/**
 * An API of these routes. Its order is a promise: who asks is known before a body is read, and every failure, wherever it arises,
 * leaves as problem details.
 */
export function createAppOf(parts: ApiParts, modules: readonly RouteModule[]): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use("*", outermost(parts));
  addRoutes(app, parts, modules);
  // Who has no token does not learn which paths there are.
  app.all("/v1/*", async (c) => {
    await admit(c, "any", parts);
    throw nothingHere();
  });
  app.notFound((c) => failed(c, nothingHere(), parts));
  app.onError((error, c) => failed(c, error, parts));
  return app;
}

function addRoutes(app: Hono<ApiEnv>, parts: ApiParts, modules: readonly RouteModule[]): void {
  const allowed = new Map<string, string[]>();
  for (const { method, path, scope, handle } of modules.flatMap((routes) => routes(parts))) {
    app.on(method, path, async (c) => {
      await admit(c, scope, parts);
      return handle(c);
    });
    // Hono answers HEAD wherever there is a GET.
    const methods = method === "GET" ? ["GET", "HEAD"] : [method];
    allowed.set(path, [...(allowed.get(path) ?? []), ...methods]);
  }
  for (const [path, methods] of allowed) {
    app.all(path, async (c) => {
      if (path.startsWith("/v1/")) await admit(c, "any", parts);
      const message = `${c.req.method} does not apply here; ${methods.join(", ")} does`;
      throw new LedgerError("method_not_allowed", message, { details: { allowed: methods } });
    });
  }
}

function nothingHere(): LedgerError {
  return new LedgerError("route_not_found", "there is nothing at this path");
}

function failed(c: ApiContext, error: unknown, { logger }: ApiParts): Response {
  const { method, path } = c.req;
  return problemOf(error, { requestId: c.get("requestId"), method, path, logger });
}
