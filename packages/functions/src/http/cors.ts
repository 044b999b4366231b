const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
const REQUEST_HEADERS = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer";
const RESPONSE_HEADERS =
  "ETag, Idempotent-Replayed, Link, Location, Preference-Applied, Retry-After, WWW-Authenticate, X-Request-Id";
const PREFLIGHT_SECONDS = "600";

/**
 * Adds what lets pages of the configured origins read an answer. Without any origin configured nothing is added.
 * Credentials are never allowed: a token is sent on purpose, a cookie is not.
 */
export function addCorsHeaders(headers: Headers, request: Request, origins: readonly string[]): void {
  if (origins.length === 0) return;
  // Also where the origin is not allowed: a cache must not give one origin's answer to another.
  headers.append("vary", "Origin");
  const origin = allowedOrigin(request, origins);
  if (origin === null) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", RESPONSE_HEADERS);
}

/**
 * The answer to a browser that asks whether a page may send a request; `null` when this is no such question, or the
 * page's origin is not allowed: then it is a request like any other, and is refused.
 */
export function preflightAnswer(request: Request, origins: readonly string[]): Response | null {
  if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return null;
  if (allowedOrigin(request, origins) === null) return null;
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": REQUEST_HEADERS,
      "access-control-max-age": PREFLIGHT_SECONDS,
      // The browser keeps it by the header above; a shared cache must not.
      vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
    },
  });
}

function allowedOrigin(request: Request, origins: readonly string[]): string | null {
  const origin = request.headers.get("origin");
  return origin !== null && origins.includes(origin) ? origin : null;
}
