import { answerGateway } from "@on-record/functions/http/gateway";
import { opennessOf } from "@on-record/functions/settings";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { testApi, TOKEN } from "./api-for-tests.ts";

const DESK = "https://desk.example";
const OTHER = "http://localhost:5173";
const closed = testApi();
const open = testApi({ corsOrigins: [DESK, OTHER] });

const ask = (api: typeof open, method: string, origin: string | null, more: Record<string, string> = {}) =>
  api.call(method, "/v1/log", {
    headers: { ...(origin !== null && { origin }), ...more },
    ...(method === "OPTIONS" && { token: null }),
  });
const preflight = (api: typeof open, origin: string | null, method = "POST") =>
  ask(api, "OPTIONS", origin, {
    "access-control-request-method": method,
    "access-control-request-headers": "authorization,content-type",
  });
const corsHeaders = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith("access-control-"));

/** What is not the origin, though it looks like it. */
const FOREIGN = [
  "https://evil.example",
  "http://desk.example",
  "https://desk.example:8443",
  "https://sub.desk.example",
  "https://desk.example.evil.example",
  "https://DESK.example",
  "https://desk.example/",
  `${DESK}, ${OTHER}`,
  "null",
  "*",
  "",
];

describe("pages of other origins", () => {
  test("get nothing unless an origin is configured: no header, and preflights are refused", async () => {
    for (const origin of [DESK, "null", null]) {
      const read = await ask(closed, "GET", origin);
      expect([read.status, corsHeaders(read.headers), read.headers.get("vary")]).toEqual([200, [], null]);
      const asked = await preflight(closed, origin);
      expect([asked.status, corsHeaders(asked.headers)]).toEqual([401, []]);
    }
  });

  test.each([DESK, OTHER])("may read answers and refusals alike when theirs is configured: %s", async (origin) => {
    const read = await ask(open, "GET", origin);
    expect([read.status, read.headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    for (const name of ["etag", "link", "location", "retry-after", "x-request-id"]) {
      expect(read.headers.get("access-control-expose-headers")?.toLowerCase()).toContain(name);
    }
    const refused = await ask(open, "GET", origin, { authorization: "Bearer garbage" });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
    const lost = await open.call("GET", "/nothing", { headers: { origin } });
    expect([lost.status, lost.headers.get("access-control-allow-origin")]).toEqual([404, origin]);
  });

  test("of a configured origin are answered a preflight, without a token, that the browser keeps", async () => {
    const { status, headers, body } = await preflight(open, DESK);
    expect([status, body]).toEqual([204, null]);
    expect(headers.get("access-control-allow-origin")).toBe(DESK);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      expect(headers.get("access-control-allow-methods")).toContain(method);
    }
    for (const name of ["authorization", "content-type", "idempotency-key", "if-match"]) {
      expect(headers.get("access-control-allow-headers")?.toLowerCase()).toContain(name);
    }
    expect(Number(headers.get("access-control-max-age"))).toBeGreaterThan(0);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each(FOREIGN)("of an origin that is not exactly a configured one get nothing: %j", async (origin) => {
    const read = await ask(open, "GET", origin);
    expect([read.status, corsHeaders(read.headers)]).toEqual([200, []]);
    const asked = await preflight(open, origin);
    expect([asked.status, corsHeaders(asked.headers)]).toEqual([401, []]);
  });

  test("never send cookies, and never meet a wildcard", async () => {
    for (const { headers } of [await ask(open, "GET", DESK), await preflight(open, DESK)]) {
      expect(headers.get("access-control-allow-credentials")).toBeNull();
      expect([...headers.values()]).not.toContain("*");
    }
  });

  test("are told apart by caches, also where there is no origin or a foreign one", async () => {
    for (const origin of [DESK, "https://evil.example", null]) {
      expect((await ask(open, "GET", origin)).headers.get("vary")).toContain("Origin");
      expect((await preflight(open, origin)).headers.get("vary")).toContain("Origin");
    }
  });

  test("OPTIONS that is no preflight is a method like any other", async () => {
    expect((await ask(open, "OPTIONS", DESK)).status).toBe(401);
    const known = await open.call("OPTIONS", "/v1/log", { headers: { origin: DESK } });
    expect([known.status, known.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("what opens the API", () => {
  test("is closed unless set", () => {
    for (const environment of [{}, { ON_RECORD_PUBLIC_READ: "", ON_RECORD_CORS_ORIGINS: "" }]) {
      expect(opennessOf(environment)).toEqual({ publicRead: false, corsOrigins: [] });
    }
    expect(opennessOf({ ON_RECORD_PUBLIC_READ: "false" }).publicRead).toBe(false);
  });

  test("is read as it is set", () => {
    const set = { ON_RECORD_PUBLIC_READ: "true", ON_RECORD_CORS_ORIGINS: ` ${DESK} ,${OTHER}` };
    expect(opennessOf(set)).toEqual({ publicRead: true, corsOrigins: [DESK, OTHER] });
  });

  test.each([
    "*",
    "null",
    "desk.example",
    "https://desk.example/",
    "https://desk.example:443",
    "https://*.example",
    "ftp://x.example",
    `${DESK},`,
    "https://a@b.example",
  ])("is no list of origins that holds %j", (text) => {
    expect(() => opennessOf({ ON_RECORD_CORS_ORIGINS: text })).toThrow(/ON_RECORD_CORS_ORIGINS must be origins/);
  });

  test("is refused with every setting at fault named", () => {
    const many = Array.from({ length: 51 }, (_, n) => `https://d${n}.example`).join(",");
    expect(() => opennessOf({ ON_RECORD_PUBLIC_READ: "yes", ON_RECORD_CORS_ORIGINS: many })).toThrow(
      /ON_RECORD_PUBLIC_READ must be true or false; ON_RECORD_CORS_ORIGINS must be/,
    );
  });
});

test("a request that is none gets the headers of every answer too", async () => {
  const event = {
    version: "2.0",
    routeKey: "$default",
    rawPath: "/health",
    rawQueryString: "",
    headers: { authorization: `Bearer ${TOKEN}`, "x-forwarded-proto": "https" },
    requestContext: { domainName: "api.example", http: { method: "TRACE", path: "/health" } },
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  const { statusCode, headers } = await answerGateway(closed.app, event);
  expect([statusCode, headers?.["x-content-type-options"], headers?.["cache-control"]]).toEqual([
    400,
    "nosniff",
    "no-store",
  ]);
  expect(headers?.["strict-transport-security"]).toBeDefined();
});
