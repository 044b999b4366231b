import { saidAtFrom } from "@on-record/core/domain/said-at";
import { FaultyStreams, failNth } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { beforeEach, describe, expect, test } from "vitest";
import { seed, statement, stored, testApi, withStatement, TROOPS, type TestApi } from "./api-for-tests.ts";

const ofStatements = async ({ streams }: Pick<TestApi, "streams">) =>
  (await stored(streams)).filter(({ stream }) => stream.startsWith("statement/"));

describe("recording a statement", () => {
  let api: TestApi;
  beforeEach(async () => {
    api = testApi();
    await seed(api);
  });

  test("answers 201 with its place, its state and its event", async () => {
    const { status, headers, body } = await api.call("POST", "/v1/statements", { body: statement() });
    expect(status).toBe(201);
    expect(body.statement.id).toMatch(/^st_[a-z2-7]{26}$/);
    expect(headers.get("location")).toBe(`/v1/statements/${body.statement.id}`);
    expect(headers.get("etag")).toBe('"1"');
    expect(headers.get("idempotent-replayed")).toBeNull();
    expect(body).toMatchObject({
      event: { id: `statement/${body.statement.id}@1`, version: 1 },
      replayed: false,
      unchanged: false,
      similar: [],
      statement: {
        status: "standing",
        disputed: false,
        actor: "donald-trump",
        direct: true,
        publishersCount: 1,
        countingAssessments: ["1.0"],
        saidAt: { precision: "instant", from: "2025-08-19T12:00:00.000Z" },
      },
    });
    expect(body.statement.reports[0].id).toMatch(/^rp_[a-z2-7]{16}$/);
  });

  test("can be read back at once, with what happened to it", async () => {
    const { body: recorded } = await api.call("POST", "/v1/statements", { body: statement() });
    const path = `/v1/statements/${recorded.statement.id}`;
    const { body, headers } = await api.call("GET", path);
    expect(body.statement).toEqual(recorded.statement);
    expect(headers.get("etag")).toBe('"1"');

    const before = await api.call("GET", `${path}/events`);
    expect(before.body.events[0]).toMatchObject({
      id: recorded.event.id,
      type: "StatementRecorded",
      recordedBy: "admin",
    });
    expect(before.body.events[0]).not.toHaveProperty("sequence");
    await api.enterLog();
    const [event] = (await api.call("GET", `${path}/events`)).body.events;
    expect(event).toMatchObject({ sequence: expect.any(Number), recordedAt: "2025-08-20T12:00:00.000Z" });
    expect(event.data.text).toBe(statement()["text"]);
    expect(event).not.toHaveProperty("salt");
    expect(event).not.toHaveProperty("requestDigest");
  });

  test("under a key replays the first answer and appends nothing", async () => {
    const first = await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    const second = await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    expect(second.status).toBe(200);
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(second.body).toEqual({ ...first.body, replayed: true });
    expect(await ofStatements(api)).toHaveLength(1);
  });

  test("replays the state as of the first answer, whatever happened since", async () => {
    const { body: first } = await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    await api.call("POST", `/v1/statements/${first.statement.id}/withdrawal`, { body: { reason: "a hoax" } });
    const again = await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    expect(again.body.statement).toEqual(first.statement);
    expect(again.headers.get("etag")).toBe('"1"');
  });

  test("under a key that another payload has used is refused", async () => {
    await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    const { status, body } = await api.call("POST", "/v1/statements", {
      body: statement({ language: "en" }),
      key: "k1",
    });
    expect([status, body.code]).toEqual([422, "idempotency_mismatch"]);
  });

  test("under two keys makes two statements, for an editor to merge", async () => {
    await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    const second = await api.call("POST", "/v1/statements", { body: statement(), key: "k2" });
    expect(second.status).toBe(201);
    expect(await ofStatements(api)).toHaveLength(2);
  });

  test("without a key is recognised, however its moment is written", async () => {
    await api.call("POST", "/v1/statements", { body: statement() });
    const same = await api.call("POST", "/v1/statements", { body: statement() });
    expect([same.status, same.body.replayed]).toEqual([200, true]);
    const written = await api.call("POST", "/v1/statements", {
      body: statement({ saidAt: "2025-08-19T08:00:00-04:00" }),
    });
    expect([written.status, written.body.code]).toEqual([409, "statement_exists"]);
  });

  test("without a key but with other details names the statement that is there", async () => {
    const { body: first } = await api.call("POST", "/v1/statements", { body: statement() });
    const { status, body } = await api.call("POST", "/v1/statements", { body: statement({ assessments: [] }) });
    expect([status, body.code, body.statement]).toEqual([409, "statement_exists", first.statement.id]);
  });

  test("twenty times at once leaves one event and twenty equal answers", async () => {
    for (const key of ["k1", undefined]) {
      const text = `We will not, said under ${key}.`;
      const options = { body: statement({ text }), ...(key !== undefined && { key }) };
      const answers = await Promise.all(Array.from({ length: 20 }, () => api.call("POST", "/v1/statements", options)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(19);
      expect(new Set(answers.map(({ body }) => body.event.id)).size).toBe(1);
      const events = await ofStatements(api);
      expect(events.filter(({ data }) => (data as { text: string }).text === text)).toHaveLength(1);
    }
  });

  test("reveals nothing of the text in ids that another ledger key makes", async () => {
    const other = testApi({ ledgerKey: new Uint8Array(32).fill(8) });
    await seed(other);
    const ids = await Promise.all([api, other].map((one) => one.call("POST", "/v1/statements", { body: statement() })));
    expect(ids[0]?.body.statement.id).not.toBe(ids[1]?.body.statement.id);
  });
});

describe("an answer that is lost", () => {
  const lossy = (nth: number) => {
    const inner = new MemoryStreams();
    const api = testApi({ streams: new FaultyStreams(inner, failNth("append", nth, "after")) });
    return { ...api, inner };
  };

  test("of a recording is given to the retry, with and without a key", async () => {
    for (const key of ["k1", undefined]) {
      const api = lossy(4);
      await seed(api);
      const options = { body: statement(), ...(key !== undefined && { key }) };
      const lost = await api.call("POST", "/v1/statements", options);
      expect([lost.status, lost.body.code, lost.headers.get("retry-after")]).toEqual([503, "store_unavailable", "1"]);
      const retried = await api.call("POST", "/v1/statements", options);
      expect([retried.status, retried.body.replayed, retried.body.event.version]).toEqual([200, true, 1]);
      expect(await ofStatements(api)).toHaveLength(1);
    }
  });

  test("of a later command is given to the retry under its key", async () => {
    const api = lossy(5);
    await seed(api);
    const { body } = await api.call("POST", "/v1/statements", { body: statement() });
    const path = `/v1/statements/${body.statement.id}/assessments`;
    const options = { body: { assessments: [{ proposition: TROOPS, stance: "open" }] }, key: "a1" };
    expect((await api.call("POST", path, options)).status).toBe(503);
    const retried = await api.call("POST", path, options);
    expect([retried.status, retried.body.replayed, retried.body.event.version]).toEqual([200, true, 2]);
    expect(await ofStatements(api)).toHaveLength(2);
  });

  test("of a registration is given to the retry, and without a key there is nothing left to do", async () => {
    const api = lossy(1);
    const options = { body: { name: "Donald Trump", kind: "person" } };
    expect((await api.call("PUT", "/v1/actors/donald-trump", options)).status).toBe(503);
    const retried = await api.call("PUT", "/v1/actors/donald-trump", options);
    expect([retried.status, retried.body.unchanged, retried.body.event]).toEqual([200, true, null]);
  });
});

describe("similar statements", () => {
  test("are named in the answer", async () => {
    const saidAt = saidAtFrom("2025-08-19");
    const like = { id: "st_bbbbbbbbbbbbbbbbbbbbbbbbbb", speaker: "donald-trump", saidAt, text: "No troops." };
    const api = await withStatement({}, { similar: async () => [like as never] });
    const { body } = await api.call("POST", "/v1/statements", {
      body: statement({ text: "No troops!", assessments: [] }),
    });
    expect(body.similar).toEqual([like]);
  });

  test("that cannot be found, or come too late, are unknown: the statement is recorded all the same", async () => {
    const failing = async () => Promise.reject(new Error("no view"));
    const hanging = () => new Promise<never>(() => undefined);
    for (const similar of [failing, hanging]) {
      const api = testApi({ similar });
      await seed(api);
      const { status, body } = await api.call("POST", "/v1/statements", { body: statement() });
      expect([status, body.similar]).toEqual([201, null]);
      expect(api.lines.map((line) => JSON.parse(line).level)).toEqual(["warn"]);
    }
  });
});
