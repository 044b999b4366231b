import type { Hono } from "hono";
import { createAppOf, partsOf } from "./create-app.ts";
import type { ApiDeps, ApiEnv, ApiParts, Route, RouteModule } from "./route.ts";
import { actors } from "./routes/actors.ts";
import { erasure } from "./routes/erasure.ts";
import { health } from "./routes/health.ts";
import { changes } from "./routes/changes.ts";
import { exporting } from "./routes/export.ts";
import { log } from "./routes/log.ts";
import { logTree } from "./routes/log-tree.ts";
import { positions } from "./routes/positions.ts";
import { registrySearch } from "./routes/registry-search.ts";
import { review } from "./routes/review.ts";
import { principal } from "./routes/principal.ts";
import { proofs } from "./routes/proofs.ts";
import { propositions } from "./routes/propositions.ts";
import { recording } from "./routes/recording.ts";
import { statementLife } from "./routes/statement-life.ts";
import { statementQueries } from "./routes/statement-queries.ts";
import { statements } from "./routes/statements.ts";
import { tokens } from "./routes/tokens.ts";

/** Every route of the API, one noun a module. */
const MODULES: readonly RouteModule[] = [
  health,
  recording,
  statements,
  statementLife,
  erasure,
  statementQueries,
  proofs,
  actors,
  propositions,
  registrySearch,
  positions,
  changes,
  review,
  log,
  logTree,
  exporting,
  tokens,
  principal,
];

/** The API. */
export function createApp(deps: ApiDeps): Hono<ApiEnv> {
  return createWholeApp(partsOf(deps));
}

/** The API, on parts that another app shares. */
export function createWholeApp(parts: ApiParts): Hono<ApiEnv> {
  return createAppOf(parts, MODULES);
}

/** Every route there is, with the scope that it asks for. */
export function routesOf(deps: ApiDeps): Route[] {
  const parts = partsOf(deps);
  return MODULES.flatMap((routes) => routes(parts));
}
