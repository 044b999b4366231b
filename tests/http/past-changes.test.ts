// What had been announced by a moment, and of words said by a moment.
import { describe, expect, test } from "vitest";
import { followed, readingApi } from "../helpers/reading-api.ts";

/**
 * Said on Monday and on Tuesday; recorded on Tuesday and on Wednesday. On Thursday Tuesday's words are withdrawn, and
 * on Friday something unclear of Sunday is recorded.
 */
async function story() {
  const api = await readingApi();
  await api.say("2025-08-19T10:00:00Z", "2025-08-18T12:00:00Z", "open");
  await api.settle();
  const second = await api.say("2025-08-20T10:00:00Z", "2025-08-19T12:00:00Z", "ruled_out");
  await api.settle();
  api.clock.now = Date.parse("2025-08-21T10:00:00Z");
  await api.post(`/v1/statements/${second.id}/withdrawal`, { reason: "A hoax" });
  await api.settle();
  await api.say("2025-08-22T10:00:00Z", "2025-08-17T12:00:00Z", "unclear");
  await api.settle();
  const told = async (query: string) =>
    (await followed(api, `/v1/changes?limit=1&${query}`, "changes")).map(({ type, change }) => change ?? type);
  return { api, told };
}

const THROUGH = { sequence: 6, recordedAt: "2025-08-22T10:00:00.000Z" };

describe("changes at a moment", () => {
  test.each([
    ["", ["first", "closed", "closed", "ReviewRequested"]],
    ["knownAt=2025-08-18", []],
    ["knownAt=1999-12-31", []],
    ["knownAt=2025-08-19", ["first"]],
    ["knownAt=2025-08-20T09:59:59.999Z", ["first"]],
    ["knownAt=2025-08-20T10:00:00Z", ["first", "closed"]],
    // Withdrawn since, and announced all the same.
    ["knownAt=2025-08-20&type=PositionChanged", ["first", "closed"]],
    ["knownAt=2025-08-21", ["first", "closed", "closed"]],
    ["knownAt=2025-08-21&change=closed&type=PositionChangeWithdrawn", ["closed"]],
    ["asOf=2025-08-18", ["first", "ReviewRequested"]],
    ["asOf=2025-08-17", ["ReviewRequested"]],
    ["asOf=2025-08-16", []],
    ["asOf=2025-08-19T12:00:00Z&knownAt=2025-08-21", ["first", "closed", "closed"]],
    ["asOf=2025-08-19T11:59:59Z&knownAt=2025-08-21", ["first"]],
    ["knownAt=2025-08-21&recordedFrom=2025-08-20", ["closed", "closed"]],
    ["knownAt=2025-08-21&recordedTo=2025-08-20", ["first", "closed"]],
    ["knownAt=2025-08-20&recordedTo=2025-08-21", ["first", "closed"]],
    ["knownAt=2025-08-20&zone=Asia/Tokyo&recordedFrom=2025-08-20", ["closed"]],
  ])("%j", async (query, found) => {
    const { told } = await story();
    expect(await told(query)).toEqual(found);
  });

  test("say what they rest on, where a moment was asked for", async () => {
    const { api } = await story();
    const day = "2025-08-20T23:59:59.999Z";
    const { body } = await api.get("/v1/changes?knownAt=2025-08-20");
    expect(body).toMatchObject({ asOf: day, knownAt: day, through: THROUGH, final: true });
    const ahead = await api.get("/v1/changes?knownAt=2025-08-23");
    expect([ahead.body.changes.length, ahead.body.final]).toEqual([4, false]);
    const now = await api.get("/v1/changes");
    expect(Object.keys(now.body)).toEqual(["changes", "next", "through"]);
  });

  test("end where they ended, whatever is recorded later", async () => {
    const { api } = await story();
    const ask = async (cursor = "") => (await api.get(`/v1/changes?knownAt=2025-08-21${cursor}`)).body;
    const before = await ask();
    expect((await ask(`&cursor=${before.next}`)).changes).toEqual([]);
    await api.say("2025-08-24T10:00:00Z", "2025-08-20T12:00:00Z", "committed");
    await api.settle();
    expect((await ask()).changes).toEqual(before.changes);
    expect((await ask(`&cursor=${before.next}`)).changes).toEqual([]);
  });

  test.each([
    ["asOf=2025-08-20T12:00:00", "asOf"],
    ["knownAt=soon", "knownAt"],
    ["asOf=2025-08-21&knownAt=2025-08-20", "asOf"],
    // The end of today lies ahead.
    ["asOf=2025-08-23", "asOf"],
    ["knownAt=2025-08-20&zone=Mars", "zone"],
  ])("are not asked for by %s", async (query, field) => {
    const { api } = await story();
    const { status, body } = await api.get(`/v1/changes?${query}`);
    expect([status, body.code, body.errors?.[0].path]).toEqual([400, "invalid_request", field]);
  });
});
