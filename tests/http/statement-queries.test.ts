import { describe, expect, test } from "vitest";
import { followed, readingApi } from "../helpers/reading-api.ts";
import { TROOPS } from "./api-for-tests.ts";

/** Three statements, said in another order than recorded. */
async function story() {
  const api = await readingApi();
  const late = { assessments: [{ proposition: TROOPS, stance: "open" }] };
  const monday = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open", late);
  await api.enter();
  const tuesday = await api.say("2025-08-20T11:00:00Z", "2025-08-19T12:00:00Z", "ruled_out");
  await api.enter();
  const spoken = { speaker: "karoline-leavitt", onBehalfOf: "donald-trump", report: wire("spoken") };
  const early = await api.say("2025-08-21T11:00:00Z", "2025-08-18T09:00:00Z", "ruled_out", spoken);
  await api.settle();
  const names = new Map([
    [monday.id, "monday"],
    [tuesday.id, "tuesday"],
    [early.id, "early"],
  ]);
  const listed = async (query: string, limit = 2) =>
    (await followed(api, `/v1/statements?limit=${limit}&${query}`, "statements")).map(({ id }) => names.get(id));
  return { api, monday, tuesday, early, listed };
}

function wire(page: string) {
  return { publisher: "Wire One", url: `https://wire.example/${page}` };
}

describe("statements", () => {
  test.each([
    ["", ["early", "tuesday", "monday"]],
    ["sort=recordedAt", ["monday", "tuesday", "early"]],
    ["sort=saidAt", ["early", "monday", "tuesday"]],
    ["sort=-saidAt", ["tuesday", "monday", "early"]],
    ["actor=donald-trump", ["early", "tuesday", "monday"]],
    ["actor=karoline-leavitt", []],
    ["speaker=karoline-leavitt", ["early"]],
    ["speaker=donald-trump", ["tuesday", "monday"]],
    [`proposition=${TROOPS}&stance=ruled_out&sort=saidAt`, ["early", "tuesday"]],
    ["proposition=something-else", []],
    ["publisher=%20wire%20ONE", ["early"]],
    ["recordedBy=admin", ["early", "tuesday", "monday"]],
    ["recordedBy=somebody", []],
    ["stance=open", ["monday"]],
    ["status=withdrawn", []],
    ["saidFrom=2025-08-18&saidTo=2025-08-18&sort=saidAt", ["early", "monday"]],
    ["saidFrom=2025-08-18T10:00Z&sort=saidAt", ["monday", "tuesday"]],
    ["recordedTo=2025-08-20", ["tuesday", "monday"]],
    ["recordedFrom=2025-08-20T11:00:00Z&recordedTo=2025-08-20T11:00:00Z", ["tuesday"]],
    ["actor=donald-trump&saidTo=2025-08-18&recordedFrom=2025-08-21", ["early"]],
    ["saidFrom=2025-08-18&saidTo=2025-08-18&zone=Asia/Tokyo&sort=saidAt", ["early", "monday"]],
  ])("are listed by %j", async (query, found) => {
    const { listed } = await story();
    expect(await listed(query, 1)).toEqual(found);
    expect(await listed(query, 3)).toEqual(found);
  });

  test("are shown as they stand, with their recording, and with how far the view behind the list reaches", async () => {
    const { api, early } = await story();
    const { body } = await api.get("/v1/statements?limit=1");
    expect(body.statements).toMatchObject([
      {
        id: early.id,
        status: "standing",
        actor: "donald-trump",
        direct: false,
        corroboration: 1,
        holds: [],
        sequence: 5,
        recordedAt: "2025-08-21T11:00:00.000Z",
        recordedBy: "admin",
      },
    ]);
    expect(body.through).toEqual({ sequence: 5, recordedAt: "2025-08-21T11:00:00.000Z" });
  });

  test("that were withdrawn or merged are listed with their status, and found by it", async () => {
    const { api, monday, early, listed } = await story();
    await api.post(`/v1/statements/${monday.id}/withdrawal`, { reason: "a hoax" });
    await api.settle();
    expect(await listed("status=withdrawn")).toEqual(["monday"]);
    expect(await listed("status=standing&sort=saidAt")).toEqual(["early", "tuesday"]);
    expect(await listed("sort=saidAt")).toEqual(["early", "monday", "tuesday"]);
    await api.post(`/v1/statements/${early.id}/reports/${(await reportOf(api, early.id)).id}/withdrawal`, {
      reason: "no",
    });
    await api.settle();
    expect(await listed("status=unreported&sort=saidAt")).toEqual(["early"]);
  });

  test("move with what corrects them", async () => {
    const { api, tuesday, listed } = await story();
    const body = { reason: "The transcript says so", saidAt: "2025-08-17T12:00:00Z", onBehalfOf: "karoline-leavitt" };
    await correct(api, tuesday.id, body);
    expect(await listed("sort=saidAt")).toEqual(["tuesday", "early", "monday"]);
    expect(await listed("actor=karoline-leavitt")).toEqual(["tuesday"]);
    expect(await listed("actor=donald-trump&sort=saidAt")).toEqual(["early", "monday"]);
  });

  test.each([
    ["-recordedAt", ["tuesday", "monday"]],
    ["saidAt", ["monday", "tuesday"]],
  ])("recorded between two pages, by %s, are neither shown twice nor push others out", async (sort, rest) => {
    const { api, listed } = await story();
    const first = await api.get(`/v1/statements?sort=${sort}&limit=1`);
    expect(first.headers.get("link")).toBe(
      `</v1/statements?sort=${sort}&limit=1&cursor=${first.body.next}>; rel="next"`,
    );
    await api.say("2025-08-22T11:00:00Z", "2025-08-18T08:00:00Z", "open", { text: "We may.", report: wire("between") });
    await api.settle();
    expect(await listed(`sort=${sort}&cursor=${first.body.next}`)).toEqual(rest);
  });

  test.each([
    ["sort=-saidAt&recordedFrom=2025-08-20&recordedTo=2025-08-21"],
    ["sort=recordedAt&saidFrom=2025-08-20"],
    ["publisher=Wire%20One&stance=open"],
    ["recordedBy=admin&status=withdrawn&saidFrom=2025-08-20&saidTo=2025-08-21"],
    ["publisher=Wire%20One&stance=open&recordedFrom=2020-01-01&recordedTo=2025-08-21"],
  ])("that only a look at all of them would find are refused, with what to add: %s", async (query) => {
    const { api } = await story();
    const { status, body } = await api.get(`/v1/statements?${query}`);
    expect([status, body.code]).toEqual([422, "needs_index"]);
    expect(body.add).toContain("actor");
    expect((await api.get(`/v1/statements?${query}&actor=donald-trump`)).status).toBe(200);
  });

  test.each([
    ["actor=No_body", "actor"],
    ["stance=maybe", "stance"],
    ["status=gone", "status"],
    ["sort=text", "sort"],
    ["saidFrom=soon", "saidFrom"],
    ["saidFrom=2025-08-20&saidTo=2025-08-19", "saidTo"],
    ["recordedFrom=2025-08-20&recordedTo=2025-08-19", "recordedTo"],
    ["publisher=", "publisher"],
    ["zone=Mars", "zone"],
    ["text=x", "text"],
    ["after=x", "after"],
  ])("asked for by %s are refused with the name of what to mend", async (query, field) => {
    const { get } = await readingApi();
    const { status, body } = await get(`/v1/statements?${query}`);
    expect([status, body.code, body.errors[0].path]).toEqual([400, "invalid_request", field]);
  });

  test("are not listed from a cursor of another order or list", async () => {
    const { api } = await story();
    const said = (await api.get("/v1/statements?sort=saidAt&limit=1")).body.next;
    const recorded = (await api.get("/v1/statements?limit=1")).body.next;
    for (const [sort, cursor] of [
      ["recordedAt", said],
      ["saidAt", recorded],
      ["saidAt", "abc"],
      ["recordedAt", ""],
    ]) {
      const { status, body } = await api.get(`/v1/statements?sort=${sort}&cursor=${cursor}`);
      expect([status, body.code]).toEqual([400, "cursor_invalid"]);
    }
  });
});

async function correct(api: Awaited<ReturnType<typeof readingApi>>, id: string, body: object): Promise<void> {
  const etag = (await api.get(`/v1/statements/${id}`)).headers.get("etag") ?? "";
  const { status } = await api.call("POST", `/v1/statements/${id}/corrections`, {
    body,
    headers: { "if-match": etag },
  });
  expect(status).toBe(201);
  await api.settle();
}

async function reportOf(api: Awaited<ReturnType<typeof readingApi>>, id: string) {
  return (await api.get(`/v1/statements/${id}`)).body.statement.reports[0];
}

describe("one statement", () => {
  test("shows the reports that a merge brought, and who stands behind it with them", async () => {
    const { api, tuesday } = await story();
    const twin = await api.say("2025-08-21T12:00:00Z", "2025-08-19T12:00:00Z", "ruled_out", {
      text: "No troops.",
      report: wire("twin"),
    });
    await api.settle();
    const path = `/v1/statements/${tuesday.id}`;
    const etag = '"1"';
    expect((await api.call("GET", path, { headers: { "if-none-match": etag } })).status).toBe(304);
    const { event } = await api.post(`/v1/statements/${twin.id}/merge`, { into: tuesday.id });
    await api.settle();
    const { body } = await api.get(`${path}?after=${event.id}`);
    expect(body).toMatchObject({
      statement: { publishersCount: 1, status: "standing" },
      corroboration: 2,
      holds: [twin.id],
      heldReports: [{ statement: twin.id, publisher: "Wire One" }],
      current: true,
    });
    // The stream is as it was, but what is told of the statement is not.
    expect((await api.call("GET", path, { headers: { "if-none-match": etag } })).status).toBe(200);
    const [own] = body.statement.reports;
    await api.post(`${path}/reports/${own.id}/withdrawal`, { reason: "taken back" });
    await api.settle();
    const after = (await api.get(path)).body;
    expect([after.statement.status, after.corroboration, after.statement.countingAssessments]).toEqual([
      "standing",
      1,
      ["1.0"],
    ]);
  });

  test("says when the view that it is shown with lags behind its stream", async () => {
    const api = await readingApi();
    const { id } = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open");
    const early = (await api.get(`/v1/statements/${id}`)).body;
    expect([early.current, early.corroboration, early.holds]).toEqual([false, 1, []]);
    await api.settle();
    expect((await api.get(`/v1/statements/${id}`)).body.current).toBe(true);
    await api.post(`/v1/statements/${id}/withdrawal`, { reason: "a hoax" });
    expect((await api.get(`/v1/statements/${id}`)).body).toMatchObject({
      current: false,
      statement: { status: "withdrawn" },
    });
  });
});

describe("the log", () => {
  test.each([
    ["stream=actor/donald-trump", [0]],
    ["type=StatementRecorded&recordedFrom=2025-08-20&recordedTo=2025-08-20", [3, 4]],
    ["recordedBy=admin&recordedFrom=2025-08-21&recordedTo=2025-08-21", [5]],
    ["recordedBy=nobody&recordedFrom=2025-08-21&recordedTo=2025-08-21", []],
    ["recordedFrom=2025-08-20T11:00:00Z", [4, 5]],
    ["recordedTo=2025-08-19", [0, 1, 2]],
    ["stream=actor/donald-trump&type=ActorRevised", []],
    ["stream=actor/nobody", []],
  ])("is read by %s", async (query, sequences) => {
    const { api } = await story();
    for (const limit of [1, 2, 100]) {
      const entries = await followed(api, `/v1/log?${query}&limit=${limit}`, "entries");
      expect(entries.map(({ sequence }) => sequence)).toEqual(sequences);
    }
  });

  test("pages through one stream", async () => {
    const { api, monday } = await story();
    for (const n of [1, 2, 3]) await api.post(`/v1/statements/${monday.id}/disputes`, { reason: `no ${n}` });
    await api.settle();
    const path = `/v1/log?stream=statement/${monday.id}&limit=1`;
    expect((await followed(api, path, "entries")).map(({ version }) => version)).toEqual([1, 2, 3, 4]);
  });

  test("is not read from end to end for a type or a principal", async () => {
    const { api } = await story();
    for (const query of [
      "type=StatementRecorded",
      "recordedBy=admin",
      "type=StatementRecorded&recordedFrom=2025-08-20",
    ]) {
      const { status, body } = await api.get(`/v1/log?${query}`);
      expect([status, body.code, body.add]).toEqual([422, "needs_index", ["stream", "recordedFrom", "recordedTo"]]);
    }
  });
});

describe("changes and review", () => {
  test.each([
    ["", [3, 4, 5]],
    ["cause=new_statement", [3, 4]],
    ["cause=late_record", [5]],
    ["cause=correction", []],
    ["recordedFrom=2025-08-20T11:00:00Z", [4, 5]],
    ["recordedTo=2025-08-20", [3, 4]],
    ["recordedFrom=2025-08-20T11:00:00Z&recordedTo=2025-08-20T11:00:00Z", [4]],
    ["recordedFrom=2025-08-22", []],
    ["recordedTo=2025-08-19", []],
    ["recordedFrom=2025-08-20&recordedTo=2025-08-20&actor=donald-trump&change=closed", [4]],
  ])("changes are filtered by %j", async (query, sequences) => {
    const { api } = await story();
    const told = await followed(api, `/v1/changes?${query}&limit=1`, "changes");
    expect([...new Set(told.map(({ sequence }) => sequence))]).toEqual(sequences);
  });

  test("review is filtered by reason, actor and proposition", async () => {
    const api = await readingApi();
    await api.say("2025-08-18T13:00:00Z", "2025-08-18T12:00:00Z", "unclear");
    await api.say("2025-08-19T13:00:00Z", "2025-08-19T12:00:00Z", "unclear", { speaker: "karoline-leavitt" });
    await api.settle();
    for (const [query, count] of [
      ["", 2],
      ["actor=karoline-leavitt", 1],
      ["reason=unclear&actor=donald-trump", 1],
      ["reason=order", 0],
      [`proposition=${TROOPS}`, 2],
    ] as const) {
      expect(await followed(api, `/v1/review?limit=1&${query}`, "review")).toHaveLength(count);
    }
  });
});
