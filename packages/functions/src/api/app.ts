import { createRegistry } from "@on-record/core/commands/registry";
import { LedgerError } from "@on-record/core/errors";
import { Hono } from "hono";
import { authenticate } from "../http/authenticate.ts";
import { addHeaders } from "../http/headers.ts";
import { problemOf } from "../http/problem.ts";
import type { ApiContext, ApiDeps, ApiEnv, RouteModule } from "./route.ts";
import { actors } from "./routes/actors.ts";
import { health } from "./routes/health.ts";
import { changes } from "./routes/changes.ts";
import { log } from "./routes/log.ts";
import { positions } from "./routes/positions.ts";
import { review } from "./routes/review.ts";
import { propositions } from "./routes/propositions.ts";
import { statementLife } from "./routes/statement-life.ts";
import { statements } from "./routes/statements.ts";

/** Every route of the API, one noun a module. */
const MODULES: readonly RouteModule[] = [health, statements, statementLife, actors, propositions, positions, changes, review, log];

const REQUEST_ID_BYTES = 12;

/**
 * The API. Its order is a promise: who asks is known before a body is read, and every failure, wherever it arises,
 * leaves as problem details.
 */
export function createApp(deps: ApiDeps): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  app.use("*", async (c, next) => {
    const requestId = Buffer.from(deps.random(REQUEST_ID_BYTES)).toString("base64url");
    c.set("requestId", requestId);
    await next();
    addHeaders(c.res.headers, requestId);
  });
  app.use("/v1/*", async (c, next) => {
    c.set("principal", await authenticate(deps.access, c.req.raw));
    await next();
  });
  addRoutes(app, deps);
  app.notFound((c) => failed(c, new LedgerError("route_not_found", "there is nothing at this path"), deps));
  app.onError((error, c) => failed(c, error, deps));
  return app;
}

function addRoutes(app: Hono<ApiEnv>, deps: ApiDeps): void {
  const { streams, ledgerKey, clock, random } = deps;
  const commands = { streams, registry: createRegistry(streams), ledgerKey, clock, random };
  const allowed = new Map<string, string[]>();
  for (const { method, path, handle } of MODULES.flatMap((routes) => routes({ ...deps, commands }))) {
    app.on(method, path, (c) => handle(c));
    // Hono answers HEAD wherever there is a GET.
    const methods = method === "GET" ? ["GET", "HEAD"] : [method];
    allowed.set(path, [...(allowed.get(path) ?? []), ...methods]);
  }
  for (const [path, methods] of allowed) {
    app.all(path, (c) => {
      const message = `${c.req.method} does not apply here; ${methods.join(", ")} does`;
      throw new LedgerError("method_not_allowed", message, { details: { allowed: methods } });
    });
  }
}

function failed(c: ApiContext, error: unknown, { logger }: ApiDeps): Response {
  const { method, path } = c.req;
  return problemOf(error, { requestId: c.get("requestId"), method, path, logger });
}
