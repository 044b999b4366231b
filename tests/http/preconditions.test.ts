import { FaultyStreams, failNth } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { describe, expect, test } from "vitest";
import { seed, statement, stored, testApi, TROOPS, withStatement } from "./api-for-tests.ts";

const ACTOR = "/v1/actors/donald-trump";
const PROPOSITION = `/v1/propositions/${TROOPS}`;
const actor = (more: object = {}) => ({ name: "Donald Trump", kind: "person", ...more });
const proposition = (more: object = {}) => ({ wording: "The United States deploys ground troops in Ukraine", ...more });
const correction = (text = "We will not place any ground troops in Ukraine.") => ({ reason: "misheard", text });
const byNumber = (a: number, b: number) => a - b;
/** Every part of a statement's life that has something to do to a statement just recorded. */
const PARTS: readonly (readonly [part: string, body: object])[] = [
  ["reports", { publisher: "AP", url: "https://ap.example/story" }],
  ["assessments", { assessments: [{ proposition: TROOPS, stance: "open" }] }],
  ["corrections", correction()],
  ["disputes", { reason: "denied" }],
  ["withdrawal", { reason: "a hoax" }],
];

async function seeded() {
  const api = testApi();
  await seed(api);
  const put = (path: string, body: object, headers: Record<string, string> = {}, key?: string) =>
    api.call("PUT", path, { body, headers, ...(key !== undefined && { key }) });
  return { ...api, put };
}

describe("an ETag", () => {
  test("of an actor, a proposition and a statement is its version, in the answer to a command and to a GET", async () => {
    const { call, path } = await withStatement();
    for (const [resource, method, at, body, etag] of [
      [ACTOR, "PUT", ACTOR, actor({ description: "President" }), '"2"'],
      [PROPOSITION, "PUT", PROPOSITION, proposition({ topics: ["war"] }), '"2"'],
      [path, "POST", `${path}/disputes`, { reason: "denied" }, '"2"'],
    ] as const) {
      const done = await call(method, at, { body, headers: { "if-match": '"1"' } });
      expect([resource, done.headers.get("etag")]).toEqual([resource, etag]);
      expect((await call("GET", resource)).headers.get("etag")).toBe(etag);
    }
  });

  test("that the caller holds already is answered with 304 and nothing more, on GET and HEAD", async () => {
    const { call, path } = await withStatement();
    for (const resource of [ACTOR, PROPOSITION, path]) {
      for (const method of ["GET", "HEAD"]) {
        for (const known of ['"1"', 'W/"1"', "*", '"7", "1"', '"a,b" ,W/"1"']) {
          const answer = await call(method, resource, { headers: { "if-none-match": known } });
          expect([answer.status, answer.headers.get("etag"), answer.body]).toEqual([304, '"1"', null]);
        }
      }
      for (const other of ['"2"', 'W/"11"', '""', '"one"']) {
        expect((await call("GET", resource, { headers: { "if-none-match": other } })).status).toBe(200);
      }
    }
    const missing = await call("GET", "/v1/actors/nobody", { headers: { "if-none-match": "*" } });
    expect([missing.status, missing.body.code]).toEqual([404, "actor_not_found"]);
    const not = await call("GET", ACTOR, { headers: { "if-match": '"2"' } });
    expect([not.status, not.body.code]).toEqual([412, "precondition_failed"]);
  });
});

describe("If-Match", () => {
  test.each(PARTS)("on %s: holds for the version that stands, and for no other", async (part, body) => {
    const { call, path, streams } = await withStatement();
    for (const match of ['"2"', '"3", "4"', '"one"', '""', '"01"', '"1000000"']) {
      const refused = await call("POST", `${path}/${part}`, { body, headers: { "if-match": match } });
      expect([match, refused.status, refused.body.code]).toEqual([match, 412, "precondition_failed"]);
      expect([refused.headers.get("etag"), refused.body.currentVersion]).toEqual(['"1"', 1]);
    }
    expect((await stored(streams)).filter(({ version }) => version > 1)).toEqual([]);
    const done = await call("POST", `${path}/${part}`, { body, headers: { "if-match": '"5", "1"' } });
    expect([done.status, done.headers.get("etag")]).toEqual([201, '"2"']);
  });

  test("of * holds for whatever is there, and not for what is not", async () => {
    const { put, call } = await seeded();
    expect((await put(ACTOR, actor({ aliases: ["DJT"] }), { "if-match": "*" })).status).toBe(200);
    for (const match of ["*", '"1"']) {
      const missing = await put("/v1/actors/nobody", actor(), { "if-match": match });
      expect([missing.status, missing.body.code, missing.body.currentVersion]).toEqual([
        412,
        "precondition_failed",
        null,
      ]);
      expect(missing.headers.get("etag")).toBeNull();
    }
    expect((await call("GET", "/v1/actors/nobody")).status).toBe(404);
  });

  test("on a statement that is not there is no matter: 404", async () => {
    const { call } = await seeded();
    for (const match of ["*", '"1"']) {
      const path = "/v1/statements/st_aaaaaaaaaaaaaaaaaaaaaaaaaa/disputes";
      const answer = await call("POST", path, { body: { reason: "denied" }, headers: { "if-match": match } });
      expect([answer.status, answer.body.code]).toEqual([404, "statement_not_found"]);
    }
  });

  test("is told before what would follow from a version that the caller has not seen", async () => {
    const { call, path } = await withStatement();
    await call("POST", `${path}/withdrawal`, { body: { reason: "a hoax" } });
    const body = { reason: "another reason" };
    const stale = await call("POST", `${path}/withdrawal`, { body, headers: { "if-match": '"1"' } });
    expect([stale.status, stale.body.currentVersion]).toEqual([412, 2]);
    const fresh = await call("POST", `${path}/withdrawal`, { body, headers: { "if-match": '"2"' } });
    expect([fresh.status, fresh.body.code]).toEqual([409, "already_withdrawn"]);
  });

  test.each([['W/"1"'], ['"1", W/"2"'], ["1"], ['"1'], ['"1" "2"'], ['"1",'], [","], ['*, "1"'], ['"a"x']])(
    "of %s cannot be kept, and is refused as malformed",
    async (match) => {
      const { call, path } = await withStatement();
      const answer = await call("POST", `${path}/disputes`, { body: { reason: "x" }, headers: { "if-match": match } });
      expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([
        400,
        "invalid_request",
        "If-Match",
      ]);
    },
  );

  test("and If-None-Match are refused where they would be ignored", async () => {
    const { call, path } = await withStatement();
    for (const [method, at, body, headers, field] of [
      ["POST", "/v1/statements", statement(), { "if-match": '"1"' }, "If-Match"],
      ["POST", "/v1/statements", statement(), { "if-none-match": "*" }, "If-None-Match"],
      ["POST", `${path}/disputes`, { reason: "x" }, { "if-none-match": "*" }, "If-None-Match"],
      ["PUT", ACTOR, actor(), { "if-none-match": '"1"' }, "If-None-Match"],
      ["PUT", ACTOR, actor(), { "if-none-match": "*", "if-match": "*" }, "If-None-Match"],
      ["GET", ACTOR, undefined, { "if-none-match": "1" }, "If-None-Match"],
    ] as const) {
      const answer = await call(method, at, { ...(body && { body }), headers });
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, field]);
    }
  });
});

describe("If-None-Match: * on a PUT", () => {
  test("creates, and replaces nothing, not even by the same", async () => {
    const { put } = await seeded();
    const created = await put("/v1/actors/emmanuel-macron", actor(), { "if-none-match": "*" }, "m1");
    expect(created.status).toBe(201);
    for (const body of [actor(), actor({ aliases: ["Manu"] })]) {
      const refused = await put("/v1/actors/emmanuel-macron", body, { "if-none-match": "*" });
      expect([refused.status, refused.headers.get("etag")]).toEqual([412, '"1"']);
    }
    const replay = await put("/v1/actors/emmanuel-macron", actor(), { "if-none-match": "*" }, "m1");
    expect([replay.status, replay.body.replayed]).toEqual([200, true]);
  });

  test("of twenty at once lets exactly one through", async () => {
    const { put } = await seeded();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        put("/v1/actors/new", actor({ aliases: [`${n}`] }), { "if-none-match": "*" }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted(byNumber)).toEqual([201, ...Array(19).fill(412)]);
  });
});

describe("a precondition is required", () => {
  test("to revise an actor or a proposition, or to correct a statement; nothing is recorded without one", async () => {
    const { call, path, streams } = await withStatement();
    for (const [method, at, body] of [
      ["PUT", ACTOR, actor({ aliases: ["DJT"] })],
      ["PUT", PROPOSITION, proposition({ topics: ["war"] })],
      ["POST", `${path}/corrections`, correction()],
    ] as const) {
      const refused = await call(method, at, { body });
      expect([refused.status, refused.body.code]).toEqual([428, "precondition_required"]);
      expect(refused.body.detail).toContain("If-Match");
      expect((await call(method, at, { body, headers: { "if-match": '"1"' } })).headers.get("etag")).toBe('"2"');
    }
    expect((await stored(streams)).filter(({ version }) => version === 2)).toHaveLength(3);
  });

  test("neither to register, nor where nothing changes, nor for a replay: that wins over any If-Match", async () => {
    const { put, call } = await seeded();
    expect((await put("/v1/actors/new", actor())).status).toBe(201);
    for (const headers of [{}, { "if-match": '"1"' }, { "if-match": '"9"' }]) {
      const same = await put(ACTOR, actor(), headers);
      expect([same.status, same.body.unchanged, same.headers.get("etag")]).toEqual([200, true, '"1"']);
    }
    const revise = (headers = {}) => put(ACTOR, actor({ aliases: ["DJT"] }), headers, "r1");
    expect((await revise({ "if-match": '"1"' })).status).toBe(200);
    await put(ACTOR, actor({ aliases: ["45", "47"] }), { "if-match": '"2"' });
    for (const headers of [{}, { "if-match": '"1"' }, { "if-match": '"9"' }]) {
      const replay = await revise(headers);
      expect([replay.status, replay.body.replayed, replay.body.actor.aliases]).toEqual([200, true, ["DJT"]]);
    }
    const mismatch = await put(ACTOR, actor(), { "if-match": '"1"' }, "r1");
    expect([mismatch.status, mismatch.body.code]).toEqual([422, "idempotency_mismatch"]);
    expect((await call("GET", ACTOR)).headers.get("etag")).toBe('"3"');
  });
});

describe("races with one tag", () => {
  test("twenty revisions at once: exactly one is made, and the others learn of it", async () => {
    for (const path of [ACTOR, PROPOSITION]) {
      const { call, streams } = await seeded();
      const body = (n: number) => (path === ACTOR ? actor({ aliases: [`${n}`] }) : proposition({ topics: [`${n}`] }));
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => call("PUT", path, { body: body(n), headers: { "if-match": '"1"' } })),
      );
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      const refused = answers.filter(({ status }) => status === 412);
      expect(refused).toHaveLength(19);
      expect(new Set(refused.map(({ body: told }) => told.currentVersion))).toEqual(new Set([2]));
      expect((await stored(streams)).filter(({ version }) => version > 1)).toHaveLength(1);
    }
  });

  test("twenty corrections at once: exactly one is made", async () => {
    const { call, path } = await withStatement();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        call("POST", `${path}/corrections`, {
          body: correction(`We will not place troops in Ukraine, for the ${n}th time.`),
          headers: { "if-match": '"1"' },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted(byNumber)).toEqual([201, ...Array(19).fill(412)]);
    expect((await call("GET", path)).headers.get("etag")).toBe('"2"');
  });

  test("twenty of one request under one key: one event, and nineteen replays of it", async () => {
    const { put } = await seeded();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => put(ACTOR, actor({ aliases: ["DJT"] }), { "if-match": '"1"' }, "same")),
    );
    expect(answers.every(({ status, body }) => status === 200 && body.event.version === 2)).toBe(true);
    expect(answers.filter(({ body }) => body.replayed)).toHaveLength(19);
  });
});

describe("a lost answer under If-Match", () => {
  test("is found by the retry, with a key and without one, also by a new process over the same stores", async () => {
    for (const key of [undefined, "r1"]) {
      const inner = new MemoryStreams();
      await seed(testApi({ streams: inner }));
      const lossy = testApi({ streams: new FaultyStreams(inner, failNth("append", 1, "after")) });
      const options = {
        body: actor({ aliases: ["DJT"] }),
        headers: { "if-match": '"1"' },
        ...(key !== undefined && { key }),
      };
      expect((await lossy.call("PUT", ACTOR, options)).status).toBe(503);
      const retried = await testApi({ streams: inner }).call("PUT", ACTOR, options);
      expect([retried.status, retried.body.actor.version]).toEqual([200, 2]);
      expect([retried.body.replayed, retried.body.unchanged]).toEqual([key !== undefined, key === undefined]);
      expect((await stored(inner)).filter(({ version }) => version > 1)).toHaveLength(1);
    }
  });
});
