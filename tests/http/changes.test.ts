import { describe, expect, test } from "vitest";
import { changeAt, positionsReach, putChanges } from "../helpers/derived-rows.ts";
import { followed, readingApi } from "../helpers/reading-api.ts";
import { TROOPS } from "./api-for-tests.ts";

async function story() {
  const api = await readingApi();
  await api.say("2025-08-18T13:00:00Z", "2025-08-18T12:00:00Z", "open");
  await api.say("2025-08-19T13:00:00Z", "2025-08-19T12:00:00Z", "ruled_out");
  await api.say("2025-08-20T13:00:00Z", "2025-08-20T12:00:00Z", "committed", { speaker: "karoline-leavitt" });
  await api.settle();
  return api;
}

describe("changes", () => {
  test("are told in the order of the log, and followed by their links", async () => {
    const api = await story();
    for (const limit of [1, 2, 100]) {
      const told = await followed(api, `/v1/changes?limit=${limit}`, "changes");
      expect(told.map(({ actor, change, reversal, number }) => [actor, change, reversal, number])).toEqual([
        ["donald-trump", "first", "none", 1],
        ["donald-trump", "closed", "partial", 2],
        ["karoline-leavitt", "first", "none", 1],
      ]);
    }
    const { body } = await api.get("/v1/changes");
    expect(body.through).toEqual({ sequence: 5, recordedAt: "2025-08-20T13:00:00.000Z" });
  });

  test("lead, from the end on, to what comes later", async () => {
    const api = await readingApi();
    const empty = await api.get("/v1/changes");
    expect([empty.status, empty.body.changes]).toEqual([200, []]);
    const { event } = await api.say("2025-08-18T13:00:00Z", "2025-08-18T12:00:00Z", "open");
    await api.settle();
    const first = await api.get(`/v1/changes?cursor=${empty.body.next}&after=${event}`);
    expect(first.body.changes).toMatchObject([{ change: "first" }]);
    const again = await api.get(`/v1/changes?cursor=${first.body.next}`);
    expect([again.body.changes, again.body.next]).toEqual([[], first.body.next]);
    await api.say("2025-08-19T13:00:00Z", "2025-08-19T12:00:00Z", "ruled_out");
    await api.settle();
    expect((await api.get(`/v1/changes?cursor=${again.body.next}`)).body.changes).toMatchObject([{ change: "closed" }]);
  });

  test("lead on from every cursor given, also over a ledger without any and over long stretches without one", async () => {
    const api = await readingApi();
    expect(await followed(api, "/v1/changes", "changes")).toEqual([]);
    await putChanges(api.views, changeAt(20), changeAt(120_000));
    await positionsReach(api.views, 10);
    const start = (await api.get("/v1/changes")).body.next;
    await positionsReach(api.views, 150_000);
    expect(await followed(api, `/v1/changes?cursor=${start}`, "changes")).toMatchObject([
      { sequence: 20 },
      { sequence: 120_000 },
    ]);
  });

  test.each([
    ["actor=karoline-leavitt", 1],
    [`proposition=${TROOPS}`, 3],
    ["proposition=something-else", 0],
    ["change=first", 2],
    ["reversal=partial", 1],
    ["type=PositionChanged", 3],
    ["type=PositionContested", 0],
    [`actor=donald-trump&proposition=${TROOPS}&type=PositionChanged&change=closed&reversal=partial`, 1],
    ["actor=karoline-leavitt&change=closed", 0],
  ])("are filtered by %s", async (query, count) => {
    const api = await story();
    expect(await followed(api, `/v1/changes?${query}&limit=1`, "changes")).toHaveLength(count);
  });

  test.each([
    ["actor=No_body", "actor"],
    ["proposition=", "proposition"],
    ["change=flipped", "change"],
    ["reversal=most", "reversal"],
    ["type=Changed", "type"],
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=abc", "limit"],
    ["saidFrom=2025-08-18", "saidFrom"],
    ["actor=a&actor=b", "actor"],
    ["after=nothing", "after"],
  ])("asked for by %s are refused with the name of what to mend", async (query, field) => {
    const { get } = await readingApi();
    const { status, body } = await get(`/v1/changes?${query}`);
    expect([status, body.code, body.errors[0].path]).toEqual([400, "invalid_request", field]);
  });

  test("are not told from a cursor that is none of theirs", async () => {
    const api = await story();
    const { next } = (await api.get(`/v1/actors/donald-trump/positions/${TROOPS}/history?limit=1`)).body;
    const keys = ["000000000001#1", "00000000001", "donald-trump", "000000000001#00001#"].map((key) =>
      Buffer.from(key).toString("base64url"),
    );
    for (const cursor of [next, "", "x".repeat(1_001), ...keys]) {
      const { status, body } = await api.get(`/v1/changes?cursor=${cursor}`);
      expect([cursor, status, body.code, body.errors[0].path]).toEqual([cursor, 400, "cursor_invalid", "cursor"]);
    }
  });

  test("are answered to HEAD without a body", async () => {
    const { call } = await story();
    const { status, body, headers } = await call("HEAD", "/v1/changes");
    expect([status, body]).toEqual([200, null]);
    expect(headers.get("link")).toMatch(/rel="next"/);
  });
});
