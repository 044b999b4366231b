import { LIMITS } from "@on-record/core/limits";
import { FaultyTokens } from "@on-record/core/storage/faulty";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { createLogger } from "@on-record/functions/http/logger";
import { describe, expect, test } from "vitest";
import { NOW, statement, stored, testApi, TOKEN, type TestApi } from "./api-for-tests.ts";

const DESK = { principal: "newsroom.desk", scopes: ["read", "record", "edit"] };

async function create(api: TestApi, more: object = {}): Promise<{ id: string; value: string }> {
  const { status, body } = await api.call("POST", "/v1/tokens", { body: { ...DESK, ...more } });
  expect(status).toBe(201);
  return { id: body.token.id, value: body.value };
}

describe("tokens", () => {
  test("are shown with their value once, and listed and read without it", async () => {
    const api = testApi();
    const made = await api.call("POST", "/v1/tokens", {
      body: { ...DESK, label: "CMS", expiresAt: "2025-12-31T00:00:00+01:00" },
    });
    const { token, value } = made.body;
    expect(made.headers.get("location")).toBe(`/v1/tokens/${token.id}`);
    expect(made.headers.get("cache-control")).toBe("no-store");
    expect(value).toMatch(new RegExp(`^or_${token.id}_[\\w-]{43}$`));
    expect(token).toEqual({
      id: token.id,
      ...DESK,
      label: "CMS",
      createdAt: new Date(NOW).toISOString(),
      createdBy: "admin",
      expiresAt: "2025-12-30T23:00:00.000Z",
      status: "active",
    });
    const one = await api.call("GET", `/v1/tokens/${token.id}`);
    const list = await api.call("GET", "/v1/tokens");
    expect([one.body, list.body]).toEqual([{ token }, { tokens: [token] }]);
  });

  test("are listed in pages that a cursor leads through", async () => {
    const api = testApi();
    const made = new Set<string>();
    for (let n = 0; n < 7; n++) made.add((await create(api)).id);
    const seen: string[] = [];
    let path: string | undefined = "/v1/tokens?limit=3";
    for (let pages = 0; path !== undefined; pages++) {
      expect(pages).toBeLessThan(3);
      const { headers, body } = await api.call("GET", path);
      seen.push(...body.tokens.map(({ id }: { id: string }) => id));
      path = /<(.+)>; rel="next"/.exec(headers.get("link") ?? "")?.[1];
      expect(body.next === undefined).toBe(path === undefined);
    }
    expect(seen).toEqual([...made].toSorted());
    const foreign = Buffer.from("not-a-token").toString("base64url");
    expect((await api.call("GET", `/v1/tokens?cursor=${foreign}`)).body.code).toBe("cursor_invalid");
  });

  test("that are not there, or could not be, answer 404", async () => {
    const api = testApi();
    for (const id of ["aaaaaaaaaaaaaaaa", "x", "or_x_y", "%00", "A".repeat(16)]) {
      for (const [method, path, options] of [
        ["GET", `/v1/tokens/${id}`, {}],
        ["DELETE", `/v1/tokens/${id}`, {}],
        ["POST", `/v1/tokens/${id}/rotation`, { body: {} }],
      ] as const) {
        const { status, body } = await api.call(method, path, options);
        expect([status, body.code]).toEqual([404, "token_not_found"]);
      }
    }
  });

  test("are not made from a body that is not as it must be, which is told by field", async () => {
    const api = testApi();
    for (const [body, path] of [
      [{ ...DESK, principal: "admin" }, "principal"],
      [{ ...DESK, principal: "anonymous" }, "principal"],
      [{ ...DESK, scopes: ["everything"] }, "scopes.0"],
      [{ ...DESK, scopes: [] }, "scopes"],
      [{ ...DESK, expiresAt: "2025-08-20T11:59:59Z" }, "expiresAt"],
      [{ ...DESK, expiresAt: "2025-09-01" }, "expiresAt"],
      [{ ...DESK, expiresInSeconds: 1, expiresAt: "2025-09-01T00:00:00Z" }, "expiresInSeconds"],
      [{ ...DESK, value: "or_mine" }, "value"],
    ] as const) {
      const answer = await api.call("POST", "/v1/tokens", { body });
      expect([answer.status, answer.body.errors?.[0]?.path]).toEqual([400, path]);
    }
    const { id } = await create(api);
    const far = { overlapSeconds: LIMITS.tokenOverlapSeconds + 1 };
    expect((await api.call("POST", `/v1/tokens/${id}/rotation`, { body: far })).status).toBe(400);
    expect((await api.call("GET", "/v1/tokens")).body.tokens).toHaveLength(1);
  });

  test("are made once under one Idempotency-Key: a repeat is told which, but not its value", async () => {
    const api = testApi();
    const post = () => api.call("POST", "/v1/tokens", { body: DESK, key: "k1" });
    const first = await post();
    const again = await post();
    expect([again.status, again.body.code, again.body.token]).toEqual([409, "token_exists", first.body.token.id]);
    expect(JSON.stringify(again.body)).not.toContain(first.body.value);
    expect((await api.call("GET", "/v1/tokens")).body.tokens).toHaveLength(1);
  });

  test("are rotated with an overlap, and who records stays the same principal", async () => {
    const time = { now: NOW };
    const api = testApi({ clock: () => time.now });
    const old = await create(api);
    const put = (token: string, name: string, headers = {}) =>
      api.call("PUT", "/v1/actors/donald-trump", { token, body: { name, kind: "person" }, headers });
    expect((await put(old.value, "Donald Trump")).status).toBe(201);
    const { status, body } = await api.call("POST", `/v1/tokens/${old.id}/rotation`, { body: { overlapSeconds: 600 } });
    expect([status, body.token.principal, body.token.scopes]).toEqual([201, DESK.principal, DESK.scopes]);
    expect(body.replaced).toMatchObject({
      id: old.id,
      replacedBy: body.token.id,
      expiresAt: "2025-08-20T12:10:00.000Z",
      status: "active",
    });
    time.now += 599_999;
    expect((await put(old.value, "Donald J. Trump", { "if-match": '"1"' })).status).toBe(200);
    time.now += 1;
    expect((await put(old.value, "D. Trump", { "if-match": '"2"' })).status).toBe(401);
    const recorded = await api.call("POST", "/v1/statements", {
      token: body.value,
      body: statement({ assessments: [] }),
    });
    expect(recorded.status).toBe(201);
    expect((await stored(api.streams)).map(({ recordedBy }) => recordedBy)).toEqual(Array(3).fill(DESK.principal));
    expect((await api.call("GET", `/v1/tokens/${old.id}`)).body.token.status).toBe("expired");
    const twice = await api.call("POST", `/v1/tokens/${old.id}/rotation`, { body: {} });
    expect([twice.status, twice.body]).toMatchObject([409, { code: "token_not_active", replacedBy: body.token.id }]);
  });

  test("are revoked at once, and once", async () => {
    const time = { now: NOW };
    const api = testApi({ clock: () => time.now });
    const { id, value } = await create(api);
    expect((await api.call("GET", "/v1/log", { token: value })).status).toBe(200);
    const first = await api.call("DELETE", `/v1/tokens/${id}`);
    expect([first.status, first.body.token.status]).toEqual([200, "revoked"]);
    expect((await api.call("GET", "/v1/log", { token: value })).status).toBe(401);
    time.now += 1_000;
    expect(await api.call("DELETE", `/v1/tokens/${id}`)).toMatchObject({ status: 200, body: first.body });
    expect((await api.call("POST", `/v1/tokens/${id}/rotation`, { body: {} })).body).toMatchObject({
      code: "token_not_active",
      tokenStatus: "revoked",
    });
  });

  test("with the scope admin manage others, and are named as who did it", async () => {
    const api = testApi();
    const head = await create(api, { principal: "head-of-desk", scopes: ["admin"] });
    const { body } = await api.call("POST", "/v1/tokens", { token: head.value, body: DESK });
    expect(body.token.createdBy).toBe("head-of-desk");
    await api.call("DELETE", `/v1/tokens/${head.id}`, { token: head.value });
    expect((await api.call("GET", `/v1/tokens/${head.id}`)).body.token).toMatchObject({ revokedBy: "head-of-desk" });
    expect((await api.call("GET", "/v1/tokens", { token: head.value })).status).toBe(401);
    expect((await api.call("GET", "/v1/tokens")).status).toBe(200);
  });
});

describe("a caller", () => {
  test("can ask who it is, what it may do and when its token ends", async () => {
    const api = testApi();
    const { id, value } = await create(api, { scopes: ["subscribe"], expiresInSeconds: 60 });
    const mine = await api.call("GET", "/v1/principal", { token: value });
    const token = { id, expiresAt: "2025-08-20T12:01:00.000Z" };
    expect(mine.body).toEqual({ principal: { id: DESK.principal, scopes: ["subscribe"], token } });
    const admins = await api.call("GET", "/v1/principal");
    expect(admins.body).toEqual({ principal: { id: "admin", scopes: ["admin"] } });
  });

  test("is told that the store is down, not that its token is wrong; the configured token needs no store", async () => {
    const tokens = new FaultyTokens(new MemoryTokens(), ({ method }) =>
      method === "find" ? { fail: "before" } : undefined,
    );
    const api = testApi({ tokens });
    const { value } = await create(api);
    const { status, headers, body } = await api.call("GET", "/v1/log", { token: value });
    expect([status, body.code]).toEqual([503, "store_unavailable"]);
    expect(headers.get("retry-after")).not.toBeNull();
    expect((await api.call("GET", "/v1/log", { token: TOKEN })).status).toBe(200);
    expect((await api.call("GET", "/v1/log", { token: "garbage" })).status).toBe(401);
  });
});

describe("the log of the API", () => {
  test("tells who made, rotated and revoked which token, and never its value", async () => {
    const api = testApi();
    const { id, value } = await create(api);
    const rotated = await api.call("POST", `/v1/tokens/${id}/rotation`, { body: {} });
    await api.call("DELETE", `/v1/tokens/${id}`);
    const lines = api.lines.map((line) => JSON.parse(line));
    const who = { token: id, principal: DESK.principal, by: "admin" };
    expect(lines).toMatchObject([
      { message: "token created", ...who, scopes: DESK.scopes },
      { message: "token rotated", ...who, successor: rotated.body.token.id },
      { message: "token revoked", ...who },
    ]);
    for (const secret of [value, rotated.body.value]) expect(api.lines.join()).not.toContain(secret.slice(-43));
  });

  test("holds no token that somebody put into a path, or that an error carries", async () => {
    const lines: string[] = [];
    const broken = () => Promise.reject(new Error(`no such item: ${value}`));
    const failing = new Proxy(new MemoryTokens(), { get: () => broken });
    const { value } = await create(testApi());
    const api = testApi({ tokens: failing, logger: createLogger((line) => lines.push(line)) });
    const { status, body } = await api.call("GET", `/v1/tokens/${value}`, { token: value });
    expect([status, body.code]).toEqual([500, "internal_error"]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "").path).toBe("/v1/tokens/or_…");
    expect(lines.join() + JSON.stringify(body)).not.toContain(value.slice(-43));
  });

  test("and refusals hold no token that was sent", async () => {
    const api = testApi();
    const { value } = await create(api, { scopes: ["subscribe"] });
    const answers = [
      await api.call("GET", "/v1/log", { token: value }),
      await api.call("GET", "/v1/log", { token: `${value.slice(0, -1)}!` }),
      await api.call("GET", `/v1/log?token=${value}`),
      await api.call("POST", "/v1/tokens", { body: { ...DESK, principal: value } }),
      await api.call("GET", `/v1/tokens/${value}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 401, 400, 400, 404]);
    const told = answers.map(({ body, headers }) => JSON.stringify([body, ...headers])).join();
    expect(told + api.lines.join()).not.toContain(value.slice(-42));
  });
});
