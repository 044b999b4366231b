// A statement, and lists of them, as the ledger knew them at a moment: before a correction, a withdrawal, a merge.
import { describe, expect, test } from "vitest";
import { followed, readingApi } from "../helpers/reading-api.ts";
import { TROOPS } from "./api-for-tests.ts";

/**
 * Said on Monday and Tuesday; recorded on Wednesday at 10 and 11. On Thursday the speaker of the first is corrected, on
 * Friday the second is withdrawn, and on Saturday a third is recorded that was said on Sunday before all.
 */
async function story() {
  const api = await readingApi();
  const first = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open");
  await api.settle();
  const second = await api.say("2025-08-20T11:00:00Z", "2025-08-19T12:00:00Z", "ruled_out");
  await api.settle();
  api.clock.now = Date.parse("2025-08-21T10:00:00Z");
  const correction = { speaker: "karoline-leavitt", onBehalfOf: "donald-trump", reason: "She said it" };
  const corrected = await api.call("POST", `/v1/statements/${first.id}/corrections`, {
    body: correction,
    headers: { "if-match": '"1"' },
  });
  expect(corrected.status).toBe(201);
  await api.settle();
  api.clock.now = Date.parse("2025-08-22T10:00:00Z");
  await api.post(`/v1/statements/${second.id}/withdrawal`, { reason: "A hoax" });
  await api.settle();
  const third = await api.say("2025-08-23T10:00:00Z", "2025-08-17T12:00:00Z", "leaning_against");
  await api.settle();
  const names = new Map([
    [first.id, "first"],
    [second.id, "second"],
    [third.id, "third"],
  ]);
  const listed = async (query: string) =>
    (await followed(api, `/v1/statements?limit=1&${query}`, "statements")).map(({ id }) => names.get(id));
  return { api, first, second, third, listed };
}

const THROUGH = { sequence: 7, recordedAt: "2025-08-23T10:00:00.000Z" };

describe("a statement as it was known at a moment", () => {
  test("is as before its correction, with the version that it had", async () => {
    const { api, first } = await story();
    const path = `/v1/statements/${first.id}`;
    const then = await api.get(`${path}?knownAt=2025-08-20T23:00:00-04:00`);
    expect([then.status, then.headers.get("etag")]).toEqual([200, '"1"']);
    expect(then.body).toMatchObject({
      statement: { id: first.id, version: 1, speaker: "donald-trump", direct: true },
      corroboration: 1,
      current: true,
      asOf: "2025-08-21T03:00:00.000Z",
      knownAt: "2025-08-21T03:00:00.000Z",
      through: THROUGH,
      final: true,
    });
    const since = await api.get(`${path}?knownAt=2025-08-21`);
    expect(since.body.statement).toMatchObject({ version: 2, speaker: "karoline-leavitt", direct: false });
    const now = await api.get(path);
    expect(now.body.statement.version).toBe(2);
    expect(Object.keys(now.body)).not.toContain("knownAt");
  });

  test("stands as it stood before it was withdrawn", async () => {
    const { api, second } = await story();
    const status = async (query: string) =>
      (await api.get(`/v1/statements/${second.id}${query}`)).body.statement.status;
    expect(await status("")).toBe("withdrawn");
    expect(await status("?knownAt=2025-08-22T09:59:59.999Z")).toBe("standing");
    expect(await status("?knownAt=2025-08-22T10:00:00Z")).toBe("withdrawn");
  });

  test("has the reports that merges had brought it by then", async () => {
    const { api, first } = await story();
    const report = { publisher: "Wire One", url: "https://wire.example/1" };
    const more = { speaker: "karoline-leavitt", onBehalfOf: "donald-trump", report };
    const other = await api.say("2025-08-24T10:00:00Z", "2025-08-18T12:00:00Z", "open", more);
    await api.settle();
    api.clock.now = Date.parse("2025-08-25T10:00:00Z");
    await api.post(`/v1/statements/${other.id}/merge`, { into: first.id });
    await api.settle();
    const known = async (knownAt: string) => (await api.get(`/v1/statements/${first.id}?knownAt=${knownAt}`)).body;
    expect(await known("2025-08-24")).toMatchObject({ corroboration: 1, holds: [], heldReports: [] });
    expect(await known("2025-08-25")).toMatchObject({
      corroboration: 2,
      holds: [other.id],
      heldReports: [{ statement: other.id, publisher: "Wire One" }],
    });
  });

  test.each([
    ["knownAt=2025-08-19", { asOf: "2025-08-19T23:59:59.999Z", knownAt: "2025-08-19T23:59:59.999Z" }],
    ["knownAt=1999-12-31", { asOf: "1999-12-31T23:59:59.999Z", knownAt: "1999-12-31T23:59:59.999Z" }],
    [
      "knownAt=2025-08-22&asOf=2025-08-18T11:00Z",
      { asOf: "2025-08-18T11:00:00.000Z", knownAt: "2025-08-22T23:59:59.999Z" },
    ],
  ])("is not there before it was recorded or said, for good: %s", async (query, moment) => {
    const { api, first } = await story();
    const { status, body } = await api.get(`/v1/statements/${first.id}?${query}`);
    expect([status, body.code]).toEqual([404, "statement_not_found"]);
    expect(body).toMatchObject({ ...moment, through: THROUGH, final: true });
  });

  test("is what its stream holds where only asOf is asked for, and such an answer is never final", async () => {
    const { api, first } = await story();
    api.clock.now = Date.parse("2025-08-23T10:00:00Z");
    await api.post(`/v1/statements/${first.id}/disputes`, { reason: "No" });
    const { body } = await api.get(`/v1/statements/${first.id}?asOf=2025-08-18T12:00:00Z`);
    expect(body).toMatchObject({
      statement: { version: 3 },
      current: false,
      asOf: "2025-08-18T12:00:00.000Z",
      through: THROUGH,
      final: false,
    });
    const before = await api.get(`/v1/statements/${first.id}?asOf=2025-08-18T11:59:59.999Z`);
    expect([before.status, before.body.code, before.body.final]).toEqual([404, "statement_not_found", false]);
  });

  test("is told apart by its ETag, which is of use to who would correct it", async () => {
    const { api, first } = await story();
    const path = `/v1/statements/${first.id}?knownAt=2025-08-20`;
    const ask = async (headers: Record<string, string>) => (await api.call("GET", path, { headers })).status;
    expect(await ask({ "if-none-match": '"1"' })).toBe(304);
    expect(await ask({ "if-none-match": '"2"' })).toBe(200);
    expect(await ask({ "if-match": '"2"' })).toBe(412);
  });

  test.each([
    ["asOf=2025-08-20T12:00:00", "asOf"],
    ["knownAt=2025-08-20T12:00:00", "knownAt"],
    ["knownAt=yesterday", "knownAt"],
    ["knownAt=2025-02-30", "knownAt"],
    ["asOf=2025-08-21&knownAt=2025-08-20", "asOf"],
    ["asOf=2025-09-01", "asOf"],
    // The end of today lies ahead.
    ["asOf=2025-08-24", "asOf"],
    ["knownAt=2025-08-20&zone=Mars", "zone"],
    ["knownAt=2025-08-20&knownAt=2025-08-21", "knownAt"],
  ])("is not asked for by %s", async (query, field) => {
    const { api, first } = await story();
    for (const path of [`/v1/statements/${first.id}?${query}`, `/v1/statements?${query}`]) {
      const { status, body } = await api.get(path);
      expect([status, body.code, body.errors?.[0].path]).toEqual([400, "invalid_request", field]);
    }
  });
});

describe("a list of statements as it was known at a moment", () => {
  test.each([
    ["", ["third", "second", "first"]],
    ["knownAt=2025-08-20T10:59:59.999Z", ["first"]],
    ["knownAt=2025-08-20", ["second", "first"]],
    ["knownAt=2025-08-23&sort=saidAt", ["third", "first", "second"]],
    ["knownAt=2025-08-22&sort=saidAt", ["first", "second"]],
    ["asOf=2025-08-18", ["third", "first"]],
    ["asOf=2025-08-18&knownAt=2025-08-21", ["first"]],
    ["speaker=karoline-leavitt", ["first"]],
    ["speaker=karoline-leavitt&knownAt=2025-08-20", []],
    ["speaker=donald-trump&knownAt=2025-08-20", ["second", "first"]],
    ["status=withdrawn", ["second"]],
    ["status=withdrawn&knownAt=2025-08-21", []],
    [`proposition=${TROOPS}&stance=ruled_out&status=standing&knownAt=2025-08-21`, ["second"]],
    [`proposition=${TROOPS}&stance=ruled_out&status=standing`, []],
    ["knownAt=2025-08-18", []],
    ["knownAt=1999-12-31", []],
  ])("%j", async (query, found) => {
    const { listed } = await story();
    expect(await listed(query)).toEqual(found);
  });

  test("shows each in the version of that moment, and says what it rests on", async () => {
    const { api } = await story();
    const { body } = await api.get("/v1/statements?knownAt=2025-08-20&sort=recordedAt");
    expect(body.statements).toMatchObject([
      { version: 1, speaker: "donald-trump", status: "standing", sequence: 3, recordedAt: "2025-08-20T10:00:00.000Z" },
      { version: 1, status: "standing", sequence: 4 },
    ]);
    const day = "2025-08-20T23:59:59.999Z";
    expect(body).toMatchObject({ asOf: day, knownAt: day, through: THROUGH, final: true });
    const none = await api.get("/v1/statements?knownAt=1999-12-31");
    expect(none.body).toMatchObject({ statements: [], final: true });
    expect(Object.keys((await api.get("/v1/statements")).body)).toEqual(["statements", "through"]);
  });

  test("is not final about what may still be recorded", async () => {
    const { api } = await story();
    const { body } = await api.get("/v1/statements?knownAt=2025-08-24");
    expect([body.statements.length, body.final]).toEqual([3, false]);
    expect((await api.get("/v1/statements?knownAt=2025-08-23T10:00:00Z")).body.final).toBe(true);
  });

  test("waits for an event that is to be known", async () => {
    const { api } = await story();
    const { event } = await api.say("2025-08-26T10:00:00Z", "2025-08-25T12:00:00Z", "open");
    const { status, body } = await api.get(`/v1/statements?knownAt=2025-08-26&after=${event}`);
    expect([status, body.code]).toEqual([503, "view_behind"]);
  });
});
