import { FaultyLog, FaultyStreams } from "@on-record/core/storage/faulty";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { describe, expect, test } from "vitest";
import { seed, statement, stored, testApi, withStatement } from "./api-for-tests.ts";

const ACTOR = { name: "Donald Trump", kind: "person" };
const claim = (...broader: string[]) => ({ wording: "Something is so", broader });

describe("actors", () => {
  test("are registered, found unchanged, revised, and read", async () => {
    const { call } = testApi();
    const put = (more: object, headers = {}) =>
      call("PUT", "/v1/actors/donald-trump", { body: { ...ACTOR, ...more }, headers });
    const created = await put({});
    expect([created.status, created.headers.get("location")]).toEqual([201, "/v1/actors/donald-trump"]);
    const same = await put({ aliases: [] });
    expect([same.status, same.body.unchanged, same.headers.get("etag")]).toEqual([200, true, '"1"']);
    const revised = await put({ wikidata: "Q22686" }, { "if-match": '"1"' });
    expect([revised.status, revised.body.actor.version, revised.headers.get("location")]).toEqual([200, 2, null]);
    const { body, headers } = await call("GET", "/v1/actors/donald-trump");
    expect(body.actor).toEqual({
      id: "donald-trump",
      version: 2,
      ...ACTOR,
      wikidata: "Q22686",
      aliases: [],
      speaksFor: [],
    });
    expect(headers.get("etag")).toBe('"2"');
  });

  test("that are not there, or could not be, answer 404", async () => {
    const { call } = testApi();
    for (const id of ["nobody", "Nobody", "no_body", "x".repeat(65), "%F0%9F%92%A9", "%ff"]) {
      for (const [method, options] of [
        ["GET", {}],
        ["PUT", { body: { ...ACTOR, extra: 1 } }],
      ] as const) {
        const { status, body } = await call(method, `/v1/actors/${id}`, options);
        if (method === "PUT" && id === "nobody") expect([status, body.errors[0].path]).toEqual([400, "extra"]);
        else expect([status, body.code]).toEqual([404, "actor_not_found"]);
      }
    }
  });

  test("speak only for actors that are registered", async () => {
    const { call } = testApi();
    const { status, body } = await call("PUT", "/v1/actors/leavitt", { body: { ...ACTOR, speaksFor: ["nobody"] } });
    expect([status, body.code, body.errors[0].path]).toEqual([422, "unknown_actor", "speaksFor.0"]);
  });
});

describe("propositions", () => {
  test("are defined, revised and read", async () => {
    const { call } = testApi();
    expect((await call("PUT", "/v1/propositions/p", { body: claim() })).status).toBe(201);
    const revised = await call("PUT", "/v1/propositions/p", {
      body: { ...claim(), topics: ["war"] },
      headers: { "if-match": '"1"' },
    });
    expect(revised.status).toBe(200);
    expect((await call("GET", "/v1/propositions/p")).body.proposition).toMatchObject({
      id: "p",
      version: 2,
      topics: ["war"],
    });
    expect((await call("GET", "/v1/propositions/q")).body.code).toBe("proposition_not_found");
    const { body } = await call("PUT", "/v1/propositions/p", { body: claim("q") });
    expect([body.code, body.errors[0].path]).toEqual(["unknown_proposition", "broader.0"]);
  });

  test("are never broader than themselves, by however long a way", async () => {
    const { call } = testApi();
    await call("PUT", "/v1/propositions/a", { body: claim() });
    await call("PUT", "/v1/propositions/x", { body: claim() });
    await call("PUT", "/v1/propositions/b", { body: claim("a") });
    await call("PUT", "/v1/propositions/c", { body: claim("b", "a") });
    for (const [broader, path] of [
      [["a"], "broader"],
      [["x", "b"], "broader.1"],
      [["c"], "broader.0"],
    ] as const) {
      const { status, body } = await call("PUT", "/v1/propositions/a", { body: claim(...broader) });
      expect([status, body.code, body.errors[0].path]).toEqual([422, "broader_cycle", path]);
    }
  });
});

describe("the log", () => {
  test("is read in pages by sequence number, without what was said", async () => {
    const { call, enterLog } = await withStatement();
    expect((await call("GET", "/v1/log")).body).toEqual({ entries: [], size: 0, recordedAt: null });
    await enterLog();
    const first = await call("GET", "/v1/log?limit=3");
    expect(first.body.entries.map(({ sequence }: { sequence: number }) => sequence)).toEqual([0, 1, 2]);
    expect(first.headers.get("link")).toBe('</v1/log?after=2&limit=3>; rel="next"');
    const second = await call("GET", "/v1/log?after=2&limit=3");
    expect(second.body).toMatchObject({ size: 4, entries: [{ sequence: 3, type: "StatementRecorded" }] });
    expect(second.headers.get("link")).toBeNull();
    expect(Object.keys(second.body.entries[0])).not.toContain("data");
    expect((await call("GET", "/v1/log?after=999999999999")).body.entries).toEqual([]);
  });
});

describe("a store that is down", () => {
  const down = () => {
    const inner = new MemoryStreams();
    const state = { down: false };
    const streams = new FaultyStreams(inner, () => (state.down ? { fail: "before" } : undefined));
    const log = new FaultyLog(new MemoryLog(), () => (state.down ? { fail: "before" } : undefined));
    return { api: testApi({ streams, log }), inner, state };
  };

  test("is told as 503 on every route, with nothing half written, and passes", async () => {
    const { api, inner, state } = down();
    await seed(api);
    const { body } = await api.call("POST", "/v1/statements", { body: statement() });
    const path = `/v1/statements/${body.statement.id}`;
    const before = await stored(inner);
    state.down = true;
    const calls: [string, string, object?][] = [
      ["POST", "/v1/statements", statement({ text: "We may.", assessments: [] })],
      ["POST", `${path}/withdrawal`, { reason: "a hoax" }],
      ["GET", path],
      ["GET", `${path}/events`],
      ["PUT", "/v1/actors/somebody", ACTOR],
      ["GET", "/v1/actors/donald-trump"],
      ["PUT", "/v1/propositions/p", claim()],
      ["GET", "/v1/log"],
      ["GET", "/health"],
    ];
    for (const [method, route, sent] of calls) {
      const answer = await api.call(method, route, sent === undefined ? {} : { body: sent });
      expect([answer.status, answer.body.code, answer.headers.get("retry-after")]).toEqual([
        503,
        "store_unavailable",
        "1",
      ]);
      expect(answer.body.detail).not.toContain("as planned");
    }
    expect(await stored(inner)).toEqual(before);
    state.down = false;
    expect((await api.call("GET", "/health", { token: null })).body).toEqual({ status: "ok", store: "ok" });
    expect((await api.call("POST", `${path}/withdrawal`, { body: { reason: "a hoax" } })).status).toBe(201);
  });
});
