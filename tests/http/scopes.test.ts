// Every route that is registered × every token that must not open it.
import type { Scope } from "@on-record/core/domain/token";
import { routesOf } from "@on-record/functions/api/app";
import { describe, expect, test } from "vitest";
import { NOW, stored, testApi } from "./api-for-tests.ts";

const ALL: readonly Scope[] = ["read", "record", "edit", "subscribe", "admin"];

/** What each route has to ask for. A new kind of route fails here until somebody has decided. */
const RULES: readonly (readonly [RegExp, Scope | "any" | null])[] = [
  [/^GET \/health$/, null],
  [/^GET \/v1\/principal$/, "any"],
  [/^[A-Z]+ \/v1\/tokens(\/|$)/, "admin"],
  // Salts confirm guesses, and nothing is left out.
  [/^GET \/v1\/export$/, "admin"],
  // What is erased does not come back.
  [/^POST \/v1\/statements\/:id\/erasure$/, "admin"],
  // What waits for an editor is work in progress: it is not for every reader, and never for everybody.
  [/^GET \/v1\/review$/, "edit"],
  [/^GET \/v1\//, "read"],
  [/^POST \/v1\/statements(?!\/)/, "record"],
  [/^POST \/v1\/statements\/:id\/reports$/, "record"],
  [/^POST \/v1\/statements\/:id\//, "edit"],
  [/^PUT \/v1\/(actors|propositions)\/:id$/, "edit"],
];

const api = await withTokens();
const ROUTES = routesOf(api.deps).map(({ method, path, scope }) => ({
  method,
  path,
  scope,
  name: `${method} ${path}`,
}));
const GUARDED = ROUTES.flatMap(({ scope, ...route }) => (scope === null ? [] : [{ ...route, scope }]));

/** An API, and tokens of every kind; time has moved on since they were made. */
async function withTokens() {
  const time = { now: NOW };
  const api = testApi({ clock: () => time.now });
  const make = async (body: object): Promise<{ id: string; value: string }> => {
    const answer = await api.call("POST", "/v1/tokens", { body: { principal: "desk", scopes: ALL, ...body } });
    expect(answer.status).toBe(201);
    return { id: answer.body.token.id, value: answer.body.value };
  };
  const expired = await make({ expiresInSeconds: 60 });
  const revoked = await make({});
  const rotated = await make({});
  const good = await make({});
  await api.call("DELETE", `/v1/tokens/${revoked.id}`);
  await api.call("POST", `/v1/tokens/${rotated.id}/rotation`, { body: { overlapSeconds: 60 } });
  const without = new Map<string, string>();
  const only = new Map<string, string>();
  for (const scope of ALL) {
    const others = ALL.filter((other) => other !== scope && other !== "admin");
    without.set(scope, (await make({ scopes: others })).value);
    only.set(scope, (await make({ scopes: [scope] })).value);
  }
  const unknown = `or_aaaaaaaaaaaaaaaa_${good.value.slice(-43)}`;
  const altered = good.value.slice(0, -1) + (good.value.endsWith("A") ? "B" : "A");
  // All of them in the cache, as if they had just been used.
  for (const { value } of [expired, revoked, rotated, good]) await api.call("GET", "/v1/log", { token: value });
  time.now += 60_000;
  return { ...api, expired, revoked, rotated, good, unknown, altered, without, only };
}

/** A request that would write if it were let in, but for its body, which is no JSON: a complaint of it shows that it was read. */
function knock(method: string, path: string, token: string | null) {
  const place = path.replace(/:id/g, "aaaaaaaaaaaaaaaa").replace(/(?<=\/):\w+/g, "x");
  return api.call(method, place, { token, ...(method !== "GET" && { raw: "{" }) });
}

describe("the routes", () => {
  test("each ask for the scope that they must, and none was registered without one", () => {
    const expected = ROUTES.map(({ name }) => ({ name, scope: RULES.find(([form]) => form.test(name))?.[1] }));
    expect(ROUTES.map(({ name, scope }) => ({ name, scope }))).toEqual(expected);
    const registered = api.app.routes.filter(({ method }) => method !== "ALL");
    expect(registered.map(({ method, path }) => `${method} ${path}`)).toEqual(ROUTES.map(({ name }) => name));
    expect(GUARDED.length).toBeGreaterThan(25);
  });

  const NOT_VALID: [string, string | null][] = [
    ["no token", null],
    ["a token that is garbage", "garbage"],
    ["a token that nobody was given", api.unknown],
    ["a token with another secret", api.altered],
    ["a token that has expired", api.expired.value],
    ["a token that was revoked", api.revoked.value],
    ["a token that was rotated, after the overlap", api.rotated.value],
  ];

  describe.each(NOT_VALID)("with %s", (_, token) => {
    test.each(GUARDED)("refuse, in the same words whatever is wrong with it: $name", async ({ method, path }) => {
      const { status, headers, body } = await knock(method, path, token);
      expect([status, body.code]).toEqual([401, "unauthenticated"]);
      const error = token === null ? "" : ', error="invalid_token"';
      expect(headers.get("www-authenticate")).toBe(`Bearer realm="on-record"${error}`);
      const { requestId: _id, ...said } = body;
      const { requestId: _other, ...ofGarbage } = (await knock(method, path, "garbage")).body;
      if (token !== null) expect(said).toEqual(ofGarbage);
    });
  });

  test.each(GUARDED.filter(({ scope }) => scope !== "any"))(
    "refuse a token with every scope but the one needed, and name it: $name",
    async ({ method, path, scope }) => {
      const { status, headers, body } = await knock(method, path, api.without.get(scope) ?? "");
      expect([status, body.code, body.scope]).toEqual([403, "forbidden", scope]);
      expect(headers.get("www-authenticate")).toBe(
        `Bearer realm="on-record", error="insufficient_scope", scope="${scope}"`,
      );
    },
  );

  test.each(GUARDED)("let in a token with just the scope needed: $name", async ({ method, path, scope }) => {
    const { status } = await knock(method, path, api.only.get(scope === "any" ? "subscribe" : scope) ?? "");
    expect([401, 403]).not.toContain(status);
  });

  test("left nothing written by all those who knocked", async () => {
    expect(await stored(api.streams)).toEqual([]);
    const tokens = await api.deps.tokens.list({ limit: 100 });
    expect(tokens).toHaveLength(5 + 2 * ALL.length);
    expect(tokens.filter(({ revokedAt }) => revokedAt !== undefined)).toHaveLength(1);
    expect(tokens.filter(({ replacedBy }) => replacedBy !== undefined)).toHaveLength(1);
  });

  test("are not told of to who has no token: a path that is nothing, and a method that does not apply", async () => {
    for (const [method, path] of [
      ["GET", "/v1/nothing"],
      ["GET", "/v1"],
      ["DELETE", "/v1/statements"],
      ["OPTIONS", "/v1/statements"],
    ] as const) {
      expect((await api.call(method, path, { token: null })).status).toBe(401);
      expect([404, 405]).toContain((await api.call(method, path, { token: api.only.get("read") ?? "" })).status);
    }
  });
});

describe("with public reading", () => {
  const open = testApi({ publicRead: true });

  test.each(GUARDED)("only what is for reading takes no token: $name", async ({ method, path, scope }) => {
    const place = path.replace(/(?<=\/):\w+/g, "x");
    const { status } = await open.call(method, place, { token: null, ...(method !== "GET" && { raw: "{" }) });
    if (scope === "read") expect([200, 400, 404]).toContain(status);
    else expect(status).toBe(401);
  });

  test("a token that is sent and is not valid is still refused; one that is valid reads, whatever its scopes", async () => {
    expect((await open.call("GET", "/v1/log", { token: "garbage" })).status).toBe(401);
    expect((await open.call("GET", "/v1/log", { token: null, headers: { authorization: "" } })).status).toBe(401);
    const { value } = (await open.call("POST", "/v1/tokens", { body: { principal: "desk", scopes: ["record"] } })).body;
    expect((await open.call("GET", "/v1/log", { token: value })).status).toBe(200);
    expect((await open.call("GET", "/v1/tokens", { token: value })).status).toBe(403);
  });

  test("HEAD is open where GET is", async () => {
    expect((await open.app.request("/v1/log", { method: "HEAD" })).status).toBe(200);
    expect((await open.app.request("/v1/tokens", { method: "HEAD" })).status).toBe(401);
  });

  test("nothing is recorded by nobody", async () => {
    expect(await stored(open.streams)).toEqual([]);
  });
});
