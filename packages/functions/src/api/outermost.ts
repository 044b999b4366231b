import type { MiddlewareHandler } from "hono";
import { addCorsHeaders, preflightAnswer } from "../http/cors.ts";
import { addHeaders } from "../http/headers.ts";
import type { ApiDeps, ApiEnv } from "./route.ts";

const REQUEST_ID_BYTES = 12;

/** What stands around every route: a name for the request, the answers to preflights, and the headers of all answers. */
export function outermost({ random, corsOrigins }: Pick<ApiDeps, "random" | "corsOrigins">): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const requestId = Buffer.from(random(REQUEST_ID_BYTES)).toString("base64url");
    c.set("requestId", requestId);
    const preflight = preflightAnswer(c.req.raw, corsOrigins);
    if (preflight === null) await next();
    else c.res = preflight;
    addHeaders(c.res.headers, c.req.header("x-forwarded-proto"));
    addCorsHeaders(c.res.headers, c.req.raw, corsOrigins);
    c.res.headers.set("x-request-id", requestId);
  };
}
