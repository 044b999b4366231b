import { OnRecordError } from "@on-record/client";
import { describe, expect, test, vi } from "vitest";
import { clientOf, json, problem } from "./answering.ts";

const STATEMENT = "st_aaaaaaaaaaaaaaaaaaaaaaaaaa";
const REASON = { reason: "Retracted" };
const unreachable = () => new TypeError("fetch failed");

async function refusal(promise: Promise<unknown>): Promise<OnRecordError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof OnRecordError) return error;
  throw new Error(`no OnRecordError: ${String(error)}`);
}

describe("a request", () => {
  test("has its ids in the path, what is asked in the query, the token, and no key where nothing is recorded", async () => {
    const { client, seen } = clientOf([json({ position: null })]);
    await client.getPosition("donald-trump", "a/b", { asOf: "2025-08-18", zone: "America/New_York", entailed: true });
    expect(seen[0]).toMatchObject({
      method: "GET",
      url: "https://ledger.example/v1/actors/donald-trump/positions/a%2Fb?asOf=2025-08-18&zone=America%2FNew_York&entailed=true",
      body: undefined,
    });
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      accept: "application/json",
      authorization: "Bearer secret",
    });
  });

  test("for what is no JSON gives a text as it is, and bytes as bytes", async () => {
    const bytes = new Uint8Array([0, 255, 10, 128]);
    const { client, seen } = clientOf([
      new Response("a\n1\n", { headers: { "content-type": "text/plain; charset=utf-8" } }),
      new Response(bytes, { headers: { "content-type": "application/octet-stream" } }),
      problem("tile_not_found", 404),
    ]);
    expect(await client.getLogCheckpoint()).toBe("a\n1\n");
    expect(await client.getLogTile("entries/x001/067.p/5")).toEqual(bytes);
    expect((await refusal(client.getLogTile("0/000"))).code).toBe("tile_not_found");
    expect(seen.map(({ url, headers }) => [url, headers.get("accept")]).slice(0, 2)).toEqual([
      ["https://ledger.example/v1/log/checkpoint", "text/plain, application/problem+json"],
      ["https://ledger.example/v1/log/tile/entries/x001/067.p/5", "application/octet-stream, application/problem+json"],
    ]);
  });

  test("leaves out of the query what is undefined", async () => {
    const { client, seen } = clientOf([json({})]);
    await client.listChanges({ actor: undefined, limit: 5 });
    expect(seen[0]?.url).toBe("https://ledger.example/v1/changes?limit=5");
  });

  test("says by If-Match what the caller has read: a version, an ETag or anything", async () => {
    const { client, seen } = clientOf([json({})]);
    await client.withdrawStatement(STATEMENT, REASON, { ifMatch: 3 });
    await client.withdrawStatement(STATEMENT, REASON, { ifMatch: '"4"' });
    await client.putActor("a", { name: "A", kind: "person" }, { ifNoneMatch: "*" });
    expect(seen.map(({ headers }) => headers.get("if-match") ?? headers.get("if-none-match"))).toEqual([
      '"3"',
      '"4"',
      "*",
    ]);
  });

  test("asks for a short answer where that will do", async () => {
    const { client, seen } = clientOf([json({ statement: { id: STATEMENT, version: 1 } }, 201)]);
    const body = {
      speaker: "a",
      text: "We will.",
      saidAt: "2025-08-19",
      report: { publisher: "P", url: "https://p.example" },
    };
    const { statement } = await client.recordStatement(body, { minimal: true });
    await client.recordStatement(body, { minimal: false });
    expect(statement.id).toBe(STATEMENT);
    expect(seen.map(({ headers }) => headers.get("prefer"))).toEqual(["return=minimal", null]);
  });

  test("that finds the resource as the caller has it gives null", async () => {
    const { client, seen } = clientOf([new Response(null, { status: 304 })]);
    expect(await client.getActor("a", {}, { ifNoneMatch: 2 })).toBeNull();
    expect(seen[0]?.headers.get("if-none-match")).toBe('"2"');
  });

  test("shows its answer to who asks for it: status and ETag", async () => {
    const { client } = clientOf([json({ actor: {} }, 201, { etag: '"1"' })]);
    const told: unknown[] = [];
    await client.putActor(
      "a",
      { name: "A", kind: "person" },
      { onResponse: ({ status, headers }) => void told.push(status, headers.get("etag")) },
    );
    expect(told).toEqual([201, '"1"']);
  });

  test("asks for the token at each try, where a way to get it was given", async () => {
    let count = 0;
    const token = async () => `t${(count += 1)}`;
    const { client, seen } = clientOf([problem("store_unavailable", 503), json({})], { token });
    await client.getPrincipal();
    expect(seen.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer t1", "Bearer t2"]);
  });

  test("without an id is not sent", async () => {
    const { client, seen } = clientOf([json({})]);
    await expect(client.getActor("")).rejects.toThrow("takes ids that are not empty");
    expect(seen).toEqual([]);
  });
});

describe("a repeat", () => {
  const passing = [
    ["no answer", unreachable()],
    ["429", problem("store_unavailable", 429)],
    ["502", new Response("Bad Gateway", { status: 502 })],
    ["503", problem("store_unavailable", 503)],
    ["504", new Response("", { status: 504 })],
  ] as const;

  test.each(passing)("follows %s", async (_, reply) => {
    const { client, seen } = clientOf([reply, reply, json({ statement: 1 })]);
    expect(await client.getStatement(STATEMENT)).toEqual({ statement: 1 });
    expect(seen).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 409, 412, 422, 428, 500])("does not follow %i", async (status) => {
    const { client, seen } = clientOf([problem("invalid_request", status)]);
    expect((await refusal(client.getStatement(STATEMENT))).status).toBe(status);
    expect(seen).toHaveLength(1);
  });

  test("of a command has the key of the first try, and another call another key", async () => {
    const { client, seen } = clientOf([unreachable(), problem("store_unavailable", 503), json({})]);
    await client.disputeStatement(STATEMENT, REASON);
    await client.disputeStatement(STATEMENT, REASON);
    const keys = seen.map(({ headers }) => headers.get("idempotency-key"));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]]);
    expect(keys[3]).not.toBe(keys[0]);
  });

  test("has the caller's own key, where there is one", async () => {
    const { client, seen } = clientOf([unreachable(), json({})]);
    await client.mergeStatement(STATEMENT, { into: STATEMENT }, { idempotencyKey: "mine" });
    expect(seen.map(({ headers }) => headers.get("idempotency-key"))).toEqual(["mine", "mine"]);
  });

  test("of a recording needs no key: the ledger knows the statement", async () => {
    const { client, seen } = clientOf([unreachable(), json({ replayed: true })]);
    const body = {
      speaker: "a",
      text: "We will.",
      saidAt: "2025-08-19",
      report: { publisher: "P", url: "https://p.example" },
    };
    await client.recordStatement(body);
    expect(seen.map(({ headers, body }) => [headers.get("idempotency-key"), body])).toEqual([
      [null, body],
      [null, body],
    ]);
  });

  test("of a dry run needs none either", async () => {
    const { client, seen } = clientOf([json({ dryRun: true })]);
    await client.withdrawStatement(STATEMENT, REASON, { dryRun: true });
    expect([seen[0]?.url.split("?")[1], seen[0]?.headers.get("idempotency-key")]).toEqual(["dryRun=true", null]);
  });

  test("is given up after as many as were allowed", async () => {
    const { client, seen } = clientOf([unreachable()], { retries: 2 });
    const error = await refusal(client.getHealth());
    expect([error.code, error.status, seen.length]).toEqual(["unreachable", 0, 3]);
    expect(error.cause).toBeInstanceOf(TypeError);
    await refusal(client.getHealth({ retries: 0 }));
    expect(seen).toHaveLength(4);
  });

  test("waits as long as the server asks for, in seconds or by a date, and longer each time", async () => {
    vi.useFakeTimers({ now: Date.parse("2025-08-20T12:00:00Z") });
    try {
      const replies = [
        problem("view_behind", 503, {}, { "retry-after": "2" }),
        problem("view_behind", 503, {}, { "retry-after": "Wed, 20 Aug 2025 12:00:12 GMT" }),
        json({}),
      ];
      const { client, seen } = clientOf(replies);
      const done = client.getPrincipal();
      const at = async (seconds: number, requests: number) => {
        await vi.advanceTimersByTimeAsync(Date.parse("2025-08-20T12:00:00Z") + seconds * 1_000 - Date.now());
        expect(seen).toHaveLength(requests);
      };
      await at(1.9, 1);
      await at(2.1, 2);
      await at(11.9, 2);
      await at(12.1, 3);
      await done;
    } finally {
      vi.useRealTimers();
    }
  });

  test("is left to the caller where the server asks for more patience than a minute", async () => {
    const { client, seen } = clientOf([problem("store_unavailable", 503, {}, { "retry-after": "3600" })]);
    expect((await refusal(client.getHealth())).status).toBe(503);
    expect(seen).toHaveLength(1);
  });
});

describe("a request that takes too long", () => {
  test("is tried again, and then is a timeout", async () => {
    const { client, seen } = clientOf(["hang"], { timeoutMs: 5, retries: 1 });
    const error = await refusal(client.getHealth());
    expect([error.code, error.message, seen.length]).toEqual([
      "timeout",
      "GET /health was not answered within 5 ms",
      2,
    ]);
  });

  test("ends when the caller ends it, with the caller's reason, and is not tried again", async () => {
    const { client, seen } = clientOf(["hang"]);
    const ending = new AbortController();
    const asked = client.getHealth({ signal: ending.signal });
    ending.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
    expect(seen.length).toBeLessThanOrEqual(1);
    await expect(client.getHealth({ signal: ending.signal })).rejects.toThrow("enough");
  });

  test("ends in a pause as well", async () => {
    const { client, seen } = clientOf([problem("store_unavailable", 503, {}, { "retry-after": "30" })]);
    const ending = new AbortController();
    const asked = client.getHealth({ signal: ending.signal });
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    ending.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
  });
});

describe("a refusal", () => {
  test("is an error with the problem's code, fields and request", async () => {
    const errors = [{ path: "report.url", message: "Invalid URL" }];
    const { client } = clientOf([problem("invalid_request", 400, { errors, detail: "it is not so" })]);
    const error = await refusal(client.addReport(STATEMENT, { publisher: "P", url: "x" }));
    expect(error).toMatchObject({ status: 400, code: "invalid_request", errors, requestId: "r1" });
    expect(error.problem?.type).toBe("urn:on-record:problem:invalid_request");
    expect(error.message).toBe(
      `POST /v1/statements/${STATEMENT}/reports was answered 400 invalid_request: it is not so (report.url Invalid URL)`,
    );
    expect(error.message).not.toContain("secret");
  });

  test("that is none of the API's is unreadable, and so is a success that is no JSON", async () => {
    for (const status of [200, 404]) {
      const { client } = clientOf([new Response("<html>", { status, headers: { "x-request-id": "r2" } })]);
      expect(await refusal(client.getHealth())).toMatchObject({ status, code: "unreadable" });
    }
  });
});

describe("a list", () => {
  const pageOf = (changes: unknown[], next: string) => json({ changes, next, through: {} });

  test("is iterated over page after page, with the same filter, and ends where the cursor stays", async () => {
    const { client, seen } = clientOf([pageOf([1, 2], "b"), pageOf([3], "c"), pageOf([], "c")]);
    const found: unknown[] = [];
    for await (const change of client.each.listChanges({ actor: "a" })) found.push(change);
    expect(found).toEqual([1, 2, 3]);
    expect(seen.map(({ url }) => url.split("?")[1])).toEqual(["actor=a", "actor=a&cursor=b", "actor=a&cursor=c"]);
  });

  test("ends where there is no next page, and asks for none before it is wanted", async () => {
    const { client, seen } = clientOf([json({ tokens: [1], next: "b" }), json({ tokens: [2] })]);
    const found: unknown[] = [];
    for await (const token of client.each.listTokens()) {
      found.push([token, seen.length]);
    }
    expect(found).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  test("that pages by number follows the Link header", async () => {
    const link = '</v1/log?after=1&limit=2>; rel="next"';
    const { client, seen } = clientOf([json({ entries: [0, 1] }, 200, { link }), json({ entries: [2] })]);
    expect(await client.each.listLog({ limit: 2 }).all()).toEqual([0, 1, 2]);
    expect(seen[1]?.url).toBe("https://ledger.example/v1/log?after=1&limit=2");
  });

  test("can be had by pages, each with what stands beside its items", async () => {
    const { client } = clientOf([pageOf([1], "b"), pageOf([], "b")]);
    const cursors: string[] = [];
    for await (const { next } of client.each.listChanges().pages()) cursors.push(next);
    expect(cursors).toEqual(["b", "b"]);
  });
});
