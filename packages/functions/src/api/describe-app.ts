import { createHash } from "node:crypto";
import { LedgerError } from "@on-record/core/errors";
import { Hono } from "hono";
import { problemOf } from "../http/problem.ts";
import { once } from "../once.ts";
import { createDocument } from "./description/document.ts";
import { createPage } from "./description/page/page.ts";
import { STYLE } from "./description/page/style.ts";
import { outermost } from "./outermost.ts";
import type { ApiContext, ApiDeps, ApiEnv } from "./route.ts";

/** It changes with a release only; a cache may be this much behind one. */
const CACHE = "public, max-age=300";

/** The page's one style, by its digest, and nothing else: no script, no picture, no frame, no form. */
function policy(): string {
  const digest = createHash("sha256").update(STYLE).digest("base64");
  return `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/**
 * The API about itself: its description for programs and for people. It takes no token, and works with no store.
 *
 * It is an app of its own, in a function of its own, so that recording pays nothing for it: neither size nor start.
 */
export function createDescription(deps: Pick<ApiDeps, "corsOrigins" | "random" | "logger">): Hono<ApiEnv> {
  const texts = once(() => {
    const document = createDocument();
    return { json: JSON.stringify(document), page: createPage(document) };
  });
  const app = new Hono<ApiEnv>();
  app.use("*", outermost(deps));
  const get = (path: string, answer: (c: ApiContext) => Response) => {
    app.get(path, answer);
    app.all(path, (c) => {
      const allowed = ["GET", "HEAD"];
      const message = `${c.req.method} does not apply here; ${allowed.join(", ")} does`;
      throw new LedgerError("method_not_allowed", message, { details: { allowed } });
    });
  };
  get("/openapi.json", (c) =>
    c.body(texts().json, 200, { "content-type": "application/json", "cache-control": CACHE }),
  );
  get("/docs", (c) =>
    c.body(texts().page, 200, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": CACHE,
      "content-security-policy": policy(),
    }),
  );
  const failed = (c: ApiContext, error: unknown) =>
    problemOf(error, { requestId: c.get("requestId"), method: c.req.method, path: c.req.path, logger: deps.logger });
  app.notFound((c) => failed(c, new LedgerError("route_not_found", "there is nothing at this path")));
  app.onError((error, c) => failed(c, error));
  return app;
}
