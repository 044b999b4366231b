import { describe, expect, test } from "vitest";
import { followed, readingApi } from "../helpers/reading-api.ts";
import { TROOPS } from "./api-for-tests.ts";

async function story() {
  const api = await readingApi();
  const ids: string[] = [];
  for (const day of ["18", "19", "20"]) {
    ids.push((await api.say(`2025-08-${day}T13:00:00Z`, `2025-08-${day}T12:00:00Z`, "unclear")).id);
  }
  await api.settle();
  return { api, ids };
}

describe("what waits for an editor", () => {
  test("is listed oldest first, and followed by its links to the end", async () => {
    const { api, ids } = await story();
    for (const limit of [1, 2, 3, 100]) {
      const items = await followed(api, `/v1/review?limit=${limit}`, "review");
      expect(items.map(({ requested }) => [requested.statement, requested.reason])).toEqual(
        ids.map((id) => [id, "unclear"]),
      );
    }
    const { body, headers } = await api.get("/v1/review?limit=3");
    expect([body.next, headers.get("link"), body.through.sequence]).toEqual([undefined, null, 5]);
  });

  test("is gone once decided", async () => {
    const { api, ids } = await story();
    const { event } = await api.post(`/v1/statements/${ids[1]}/assessments`, {
      assessments: [{ proposition: TROOPS, stance: "open" }],
    });
    await api.settle();
    const { body } = await api.get(`/v1/review?after=${event.id}`);
    expect(body.review.map((item: { requested: { statement: string } }) => item.requested.statement)).toEqual([
      ids[0],
      ids[2],
    ]);
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=abc", "limit"],
    ["open=true", "open"],
    ["after=x", "after"],
    ["limit=1&limit=2", "limit"],
  ])("asked for by %s is refused with the name of what to mend", async (query, field) => {
    const { get } = await readingApi();
    const { status, body } = await get(`/v1/review?${query}`);
    expect([status, body.code, body.errors[0].path]).toEqual([400, "invalid_request", field]);
  });

  test("is not listed from a cursor that is none of its own", async () => {
    const { api } = await story();
    const { next } = (await api.get("/v1/changes?limit=1")).body;
    for (const cursor of [next, "", "abc"]) {
      const { status, body } = await api.get(`/v1/review?cursor=${cursor}`);
      expect([cursor, status, body.code]).toEqual([cursor, 400, "cursor_invalid"]);
    }
  });
});
