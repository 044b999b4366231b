import { LIMITS } from "@on-record/core/limits";
import { FaultyStreams, failNth, type FaultPlan } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import type { StreamStore } from "@on-record/core/log/ports";
import { beforeEach, describe, expect, test } from "vitest";
import { seed, statement, stored, testApi, TROOPS, type Answer, type TestApi } from "./api-for-tests.ts";
import { testLedger } from "./ledger-for-tests.ts";

const BATCH = "/v1/statements:batch";

const item = (n: number, more: Record<string, unknown> = {}) => statement({ text: `We will not, said ${n}.`, ...more });
const items = (count: number) => Array.from({ length: count }, (_, n) => item(n));
const statuses = ({ body }: Answer): number[] => body.results.map(({ status }: { status: number }) => status);
const eventIds = ({ body }: Answer): (string | undefined)[] =>
  body.results.map(({ event }: { event?: { id: string } }) => event?.id);
const recorded = async (streams: StreamStore) =>
  (await stored(streams)).filter(({ stream }) => stream.startsWith("statement/"));

describe("a batch", () => {
  let api: TestApi;
  beforeEach(async () => {
    api = testApi();
    await seed(api);
  });
  const send = (statements: unknown[], options = {}) => api.call("POST", BATCH, { body: { statements }, ...options });

  test("of the most that are allowed records each, and answers in the order of the request", async () => {
    const answer = await send(items(LIMITS.batchStatementsCount));
    expect([answer.status, answer.body.counts]).toEqual([200, { recorded: 100, replayed: 0, refused: 0 }]);
    for (const [index, result] of answer.body.results.entries()) {
      expect(result).toMatchObject({ index, status: 201, replayed: false, unchanged: false });
      expect(result.statement.text).toBe(`We will not, said ${index}.`);
      expect(result.event).toEqual({ id: `statement/${result.statement.id}@1`, version: 1 });
    }
    expect(await recorded(api.streams)).toHaveLength(100);
  });

  test.each([
    ["of one more", { statements: items(101) }, "statements"],
    ["of none", { statements: [] }, "statements"],
    ["that is no list", { statements: {} }, "statements"],
    ["without its list", {}, "statements"],
    ["with a field beside its list", { statements: items(1), dryRun: true }, "dryRun"],
  ])("%s is refused as a whole, and records nothing", async (_, body, path) => {
    const answer = await api.call("POST", BATCH, { body });
    expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([400, "invalid_request", path]);
    expect(await recorded(api.streams)).toEqual([]);
  });

  test("may be as large as many long texts are, and no larger than its own limit", async () => {
    const text = "ж".repeat(LIMITS.textChars);
    const long = Array.from({ length: 100 }, (_, n) => item(n, { text: `${n}${text.slice(5)}` }));
    expect(Buffer.byteLength(JSON.stringify({ statements: long }))).toBeGreaterThan(1_000_000);
    expect((await send(long)).body.counts.recorded).toBe(100);
    const raw = JSON.stringify({ statements: [], pad: "x".repeat(LIMITS.batchBodyBytes) });
    const over = await api.call("POST", BATCH, { raw });
    expect([over.status, over.body.code, over.body.limitBytes]).toEqual([413, "body_too_large", LIMITS.batchBodyBytes]);
  });

  test("tells of each item that is refused, by the item's own fields, and records the others", async () => {
    const bad: [unknown, number, string, string][] = [
      [item(0, { surprise: 1 }), 400, "invalid_request", "surprise"],
      [item(1, { saidAt: 7 }), 400, "invalid_request", "saidAt"],
      [item(2, { text: "half \ud800 a pair" }), 400, "invalid_request", "text"],
      [item(3, { text: "a NUL \0" }), 400, "invalid_request", "text"],
      [item(4, { speaker: "nobody" }), 422, "unknown_actor", "speaker"],
      [item(5, { saidAt: "2031-01-01" }), 422, "said_in_future", "saidAt"],
      [item(6, { saidAt: "2025-08-19", saidAtPrecision: "instant" }), 400, "invalid_request", "saidAtPrecision"],
      [
        item(7, { assessments: [{ proposition: "nothing", stance: "open" }] }),
        422,
        "unknown_proposition",
        "assessments.0.proposition",
      ],
      [item(8, { idempotencyKey: "two words" }), 400, "invalid_request", "idempotencyKey"],
      [item(9, { report: { publisher: "AP" } }), 400, "invalid_request", "report.url"],
      [null, 400, "invalid_request", ""],
      ["a text", 400, "invalid_request", ""],
      [[], 400, "invalid_request", ""],
    ];
    const answer = await send(bad.flatMap(([sent], n) => [sent, item(100 + n)]));
    expect(answer.status).toBe(200);
    expect(answer.body.counts).toEqual({ recorded: bad.length, replayed: 0, refused: bad.length });
    for (const [n, [sent, status, code, path]] of bad.entries()) {
      const result = answer.body.results[2 * n];
      expect(result).toMatchObject({ index: 2 * n, status, problem: { status, code, type: expect.any(String) } });
      expect(result.problem.errors[0].path).toBe(path);
      expect(result.problem.requestId).toBe(answer.headers.get("x-request-id"));
      if (path !== "idempotencyKey") {
        const single = await api.call("POST", "/v1/statements", { body: sent });
        expect({ ...result.problem, requestId: "" }).toEqual({ ...single.body, requestId: "" });
      }
      expect(Object.keys(result).toSorted()).toEqual(["index", "problem", "status"]);
      expect(answer.body.results[2 * n + 1].status).toBe(201);
    }
    expect(await recorded(api.streams)).toHaveLength(bad.length);
  });

  test("that names one utterance twice records it once: the second is the replay of the first", async () => {
    for (const key of [undefined, "batch-1"]) {
      const text = `said under ${key}`;
      const answer = await send([item(0, { text }), item(1, { text: `${text}, too` }), item(2, { text })], { key });
      expect(statuses(answer)).toEqual([201, 201, 200]);
      expect(answer.body.results.map(({ replayed }: { replayed: boolean }) => replayed)).toEqual([false, false, true]);
      expect(eventIds(answer)[2]).toBe(eventIds(answer)[0]);
      expect(answer.body.counts).toEqual({ recorded: 2, replayed: 1, refused: 0 });
    }
  });

  test("has items under keys of their own, which a single request meets again", async () => {
    const answer = await send([item(1, { idempotencyKey: "k1" }), item(2, { idempotencyKey: "k2" })], { key: "batch" });
    expect(statuses(answer)).toEqual([201, 201]);
    const single = await api.call("POST", "/v1/statements", { body: item(1), key: "k1" });
    expect([single.status, single.body.replayed, single.body.event.id]).toEqual([200, true, eventIds(answer)[0]]);
    const other = await send([item(3, { idempotencyKey: "k2" })]);
    expect([statuses(other), other.body.results[0].problem.code]).toEqual([[422], "idempotency_mismatch"]);
  });

  test("under a key gives its items keys, by which one can be retried alone", async () => {
    const answer = await send([item(1), item(2)], { key: "batch" });
    const single = await api.call("POST", "/v1/statements", { body: item(2), key: "batch#1" });
    expect([single.body.replayed, single.body.event.id]).toEqual([true, eventIds(answer)[1]]);
    const mismatch = await send([item(1), item(7)], { key: "batch" });
    expect(statuses(mismatch)).toEqual([200, 422]);
    const long = await send([item(1)], { key: "k".repeat(253) });
    expect([long.status, long.body.code]).toEqual([400, "invalid_request"]);
    expect((await send([item(1)], { key: "k".repeat(252) })).status).toBe(200);
  });

  test("sent again answers the same, item by item, as replays, also by a new process over the same stores", async () => {
    for (const key of [undefined, "again"]) {
      const sent = items(12).map((each) => ({ ...each, language: key === undefined ? "en" : "de" }));
      const first = await send(sent, { key });
      const restarted = testApi({ streams: api.streams });
      for (const { call } of [api, restarted]) {
        const again = await call("POST", BATCH, { body: { statements: sent }, ...(key !== undefined && { key }) });
        expect(again.body.counts).toEqual({ recorded: 0, replayed: 12, refused: 0 });
        expect(again.body.results).toEqual(
          first.body.results.map((result: object) => ({ ...result, status: 200, replayed: true })),
        );
      }
    }
  });

  test("sent five times at once leaves one event for each item", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(items(30), { key: "once" })));
    expect(new Set(answers.map((answer) => JSON.stringify(eventIds(answer)))).size).toBe(1);
    expect(answers.reduce((sum, { body }) => sum + body.counts.recorded, 0)).toBe(30);
    expect(await recorded(api.streams)).toHaveLength(30);
  });

  test("is a path of its own: nothing else takes it, and it takes nothing else", async () => {
    for (const path of ["/v1/statementsbatch", "/v1/statements:other", "/v1/statements:batch/x", "/v1/statements:"]) {
      const answer = await api.call("POST", path, { body: { statements: items(1) } });
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, "route_not_found"]);
    }
    const got = await api.call("GET", BATCH);
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test("refuses preconditions and queries that it would ignore", async () => {
    for (const [path, headers, field] of [
      [BATCH, { "if-match": '"1"' }, "If-Match"],
      [BATCH, { "if-none-match": "*" }, "If-None-Match"],
      [`${BATCH}?dryrun=true`, {}, "dryrun"],
    ] as const) {
      const answer = await api.call("POST", path, { body: { statements: items(1) }, headers });
      expect([answer.status, answer.body.errors[0].path]).toEqual([400, field]);
    }
    expect(await recorded(api.streams)).toEqual([]);
  });
});

describe("a store that fails in the middle of a batch", () => {
  const withPlan = async (plan: FaultPlan<keyof StreamStore>) => {
    const inner = new MemoryStreams();
    await seed(testApi({ streams: inner }));
    const api = testApi({ streams: new FaultyStreams(inner, plan) });
    const sound = testApi({ streams: inner });
    return {
      api,
      inner,
      retry: (body: object, key?: string) => sound.call("POST", BATCH, { body, ...(key && { key }) }),
    };
  };

  test.each(["before", "after"] as const)(
    "%s it has done its work, once: told for that item, and mended by sending the batch again",
    async (fail) => {
      for (const key of [undefined, "b1"]) {
        for (const nth of [1, 7, 20]) {
          const { api, inner, retry } = await withPlan(failNth("append", nth, fail));
          const body = { statements: items(20) };
          const first = await api.call("POST", BATCH, { body, ...(key !== undefined && { key }) });
          expect([first.status, first.body.counts]).toEqual([200, { recorded: 19, replayed: 0, refused: 1 }]);
          const { problem } = first.body.results.find(({ status }: { status: number }) => status === 503);
          expect(problem).toMatchObject({ code: "store_unavailable", status: 503 });
          expect(problem.detail).not.toContain("as planned");
          const again = await retry(body, key);
          const lost = fail === "after" ? 0 : 1;
          expect(again.body.counts).toEqual({ recorded: lost, replayed: 20 - lost, refused: 0 });
          expect(await recorded(inner)).toHaveLength(20);
        }
      }
    },
  );

  test("for every second append: what was recorded is told, and the retry leaves one event each", async () => {
    const { api, inner, retry } = await withPlan(({ method, nth }) =>
      method === "append" && nth % 2 === 0 ? { fail: nth % 4 === 0 ? "after" : "before" } : undefined,
    );
    const body = { statements: items(100) };
    const first = await api.call("POST", BATCH, { body, key: "b1" });
    expect(first.status).toBe(200);
    const told = statuses(first).filter((status) => status === 201).length;
    expect(first.body.counts).toEqual({ recorded: told, replayed: 0, refused: 100 - told });
    expect(told).toBeGreaterThanOrEqual(8);
    const again = await retry(body, "b1");
    expect(again.body.counts.refused).toBe(0);
    expect(await recorded(inner)).toHaveLength(100);
  });

  test("or dawdles: of two items that are one utterance with other details the first is recorded, always", async () => {
    const { api } = await withPlan(({ method, nth }) =>
      method === "append" && nth % 3 === 1 ? { delayMs: 3 } : undefined,
    );
    for (let round = 0; round < 9; round += 1) {
      const statements = [item(round), item(round, { language: "en" }), item(round, { language: "de" })];
      const answer = await api.call("POST", BATCH, { body: { statements } });
      expect(statuses(answer)).toEqual([201, 409, 409]);
      expect(answer.body.results[1].problem.code).toBe("statement_exists");
    }
  });

  test("for good: it is not asked for every item, and those not tried are told as well", async () => {
    let asked = 0;
    const { api } = await withPlan(({ method }) => {
      if (method !== "append") return undefined;
      asked += 1;
      return asked > 10 ? { fail: "before" } : undefined;
    });
    const answer = await api.call("POST", BATCH, { body: { statements: items(100) } });
    expect([answer.status, answer.body.counts]).toEqual([200, { recorded: 10, replayed: 0, refused: 90 }]);
    expect(asked).toBeLessThan(30);
  });

  test("from the start: the whole is refused with 503, as nothing is known of any item", async () => {
    const { api } = await withPlan(() => ({ fail: "before" }));
    for (const statements of [items(3), [...items(3), { not: "a statement" }]]) {
      const answer = await api.call("POST", BATCH, { body: { statements } });
      expect([answer.status, answer.body.code, answer.headers.get("retry-after")]).toEqual([
        503,
        "store_unavailable",
        "1",
      ]);
    }
    const nothing = await api.call("POST", BATCH, { body: { statements: [{}] } });
    expect([nothing.status, nothing.body.counts.refused]).toEqual([200, 1]);
  });

  test("by a fault of ours: that item is a bare 500, logged, and spoils no other", async () => {
    const inner = new MemoryStreams();
    await seed(testApi({ streams: inner }));
    const append = inner.append.bind(inner);
    inner.append = async (event) => {
      if (JSON.stringify(event.data).includes("said 1.")) throw new TypeError("secret");
      return append(event);
    };
    const api = testApi({ streams: inner });
    const answer = await api.call("POST", BATCH, { body: { statements: items(3) } });
    expect(statuses(answer)).toEqual([201, 500, 201]);
    expect(answer.body.results[1].problem.code).toBe("internal_error");
    expect(JSON.stringify(answer.body)).not.toContain("secret");
    expect(api.lines.map((line) => JSON.parse(line).level)).toEqual(["error"]);
  });
});

describe("a dry run of a batch", () => {
  test("tells of each item what recording it would tell, and records nothing", async () => {
    const { call, streams, views, settle, derived } = await testLedger();
    const before = [await recorded(streams), views.rows.size];
    const assessments = [{ proposition: TROOPS, stance: "open" }];
    const statements = [item(0), item(1, { assessments }), { speaker: 1 }, item(0), item(3, { speaker: "nobody" })];
    const rehearsed = await call("POST", `${BATCH}?dryRun=true`, { body: { statements }, key: "b" });
    expect(statuses(rehearsed)).toEqual([200, 200, 400, 200, 422]);
    expect(rehearsed.body.counts).toEqual({ recorded: 2, replayed: 1, refused: 2 });
    const [first, second, , repeat] = rehearsed.body.results;
    expect(first).toMatchObject({ dryRun: true, event: null, replayed: false, wouldRecord: { version: 1 } });
    expect(first.changes).toMatchObject([{ type: "PositionChanged", change: "first" }]);
    expect(second.positions).toMatchObject([{ proposition: TROOPS, before: null, after: { stance: "open" } }]);
    expect(repeat).toMatchObject({ dryRun: true, replayed: true, wouldRecord: null, changes: [], positions: [] });
    expect([await recorded(streams), views.rows.size]).toEqual(before);

    const real = await call("POST", BATCH, { body: { statements }, key: "b" });
    expect(statuses(real)).toEqual([201, 201, 400, 200, 422]);
    expect(real.body.results[0].statement).toEqual(first.statement);
    expect(real.body.results[0].event.id).toBe(first.wouldRecord.id);
    await settle();
    expect(derived().length).toBeGreaterThan(0);
  });
});
