import { describe, expect, test } from "vitest";
import { statement, TEXT, TROOPS, withStatement } from "./api-for-tests.ts";

const REPORT = { publisher: "AP", url: "https://ap.example/story" };
const ASSESSMENT = { proposition: TROOPS, stance: "leaning_against", condition: "if a deal is signed" };
const NOWHERE = "/v1/statements/st_aaaaaaaaaaaaaaaaaaaaaaaaaa";

/** Each part of a statement's life, with a body that is as it must be. */
const PARTS: readonly (readonly [part: string, body: object])[] = [
  ["reports", REPORT],
  ["reports/rp_aaaaaaaaaaaaaaaa/withdrawal", { reason: "retracted" }],
  ["assessments", { assessments: [ASSESSMENT] }],
  ["corrections", { reason: "misheard", text: `${TEXT} Never.` }],
  ["disputes", { by: "donald-trump", reason: "denied" }],
  ["conditions", { proposition: TROOPS, metAt: "2025-08-19" }],
  ["settlements", { kind: "delegation", proposition: TROOPS, accepted: true }],
  ["merge", { into: "st_aaaaaaaaaaaaaaaaaaaaaaaaaa" }],
  ["withdrawal", { reason: "a hoax" }],
  ["reinstatement", { reason: "no hoax" }],
];

describe("every part of a statement's life", () => {
  test.each(PARTS)("%s: of a statement that is not there answers 404", async (part, body) => {
    const { call } = await withStatement();
    for (const path of [NOWHERE, "/v1/statements/st_UPPER", `/v1/statements/${"x".repeat(5_000)}`]) {
      const answer = await call("POST", `${path}/${part}`, { body });
      expect([answer.status, answer.body.code]).toEqual([404, "statement_not_found"]);
    }
  });

  test.each(PARTS)("%s: refuses fields that it does not know, by name", async (part, body) => {
    const { call, path } = await withStatement();
    const answer = await call("POST", `${path}/${part}`, { body: { ...body, surprise: 1 } });
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
    expect(answer.body.errors).toEqual([{ path: "surprise", message: "is not a known field" }]);
  });
});

describe("reports", () => {
  test("are added once, taken back once, and can come again", async () => {
    const { call, path } = await withStatement();
    const added = await call("POST", `${path}/reports`, { body: REPORT });
    expect([added.status, added.body.event.version, added.body.statement.publishersCount]).toEqual([201, 2, 2]);
    const again = await call("POST", `${path}/reports`, { body: REPORT });
    expect([again.status, again.body.unchanged, again.body.event]).toEqual([200, true, null]);
    const other = await call("POST", `${path}/reports`, { body: { ...REPORT, headline: "Another" } });
    expect([other.status, other.body.code, other.body.errors[0].path]).toEqual([409, "report_exists", "url"]);

    const id = added.body.statement.reports[1].id;
    const withdrawn = await call("POST", `${path}/reports/${id}/withdrawal`, { body: { reason: "retracted" } });
    expect(withdrawn.body.statement.publishersCount).toBe(1);
    const twice = await call("POST", `${path}/reports/${id}/withdrawal`, { body: { reason: "really" } });
    expect([twice.status, twice.body.code]).toEqual([409, "report_already_withdrawn"]);
    expect((await call("POST", `${path}/reports`, { body: REPORT })).status).toBe(201);
  });

  test("that are not there, or could not be, answer 404", async () => {
    const { call, path } = await withStatement();
    for (const id of ["rp_aaaaaaaaaaaaaaaa", "rp_", "%00"]) {
      const { status, body } = await call("POST", `${path}/reports/${id}/withdrawal`, { body: { reason: "x" } });
      expect([status, body.code]).toEqual([404, "report_not_found"]);
    }
  });

  test("all taken back leave the statement unreported, and nothing of it counts", async () => {
    const { call, path } = await withStatement();
    const [{ id }] = (await call("GET", path)).body.statement.reports;
    const { body } = await call("POST", `${path}/reports/${id}/withdrawal`, { body: { reason: "retracted" } });
    expect(body.statement).toMatchObject({ status: "unreported", countingAssessments: [] });
  });
});

describe("words and their reading", () => {
  test("are assessed anew; a repeat changes nothing", async () => {
    const { call, path } = await withStatement();
    const body = { assessments: [ASSESSMENT], reason: "second reading" };
    const assessed = await call("POST", `${path}/assessments`, { body });
    expect(assessed.body.statement.countingAssessments).toEqual(["2.0"]);
    expect((await call("POST", `${path}/assessments`, { body })).body.unchanged).toBe(true);
    const none = await call("POST", `${path}/assessments`, { body: { assessments: [] } });
    expect([none.status, none.body.errors[0].path]).toEqual([400, "assessments"]);
    const outside = await call("POST", `${path}/assessments`, {
      body: { assessments: [{ ...ASSESSMENT, evidence: { start: 0, end: 500 } }] },
    });
    expect([outside.status, outside.body.errors[0].path]).toEqual([422, "assessments.0.evidence.end"]);
  });

  test("are corrected, time and all, and evidence that is lost must be restated", async () => {
    const { call, path } = await withStatement();
    const moved = await call("POST", `${path}/corrections`, {
      body: { reason: "wrong day", saidAt: "2025-08-18", saidAtZone: "America/New_York" },
      headers: { "if-match": '"1"' },
    });
    expect(moved.body.statement.saidAt).toMatchObject({ precision: "day", from: "2025-08-18T04:00:00.000Z" });
    const lost = await call("POST", `${path}/corrections`, { body: { reason: "misheard", text: "Yes." } });
    expect([lost.status, lost.body.code, lost.body.propositions]).toEqual([422, "evidence_lost", [TROOPS]]);
  });

  test("are not corrected to what cannot be", async () => {
    const { call, path } = await withStatement();
    const refused: [object, number, string, string][] = [
      [{ speaker: "nobody" }, 422, "unknown_actor", "speaker"],
      [{ onBehalfOf: "nobody" }, 422, "unknown_actor", "onBehalfOf"],
      [{ saidAt: "2031-01-01" }, 422, "said_in_future", "saidAt"],
      [{ saidAtZone: "Europe/Paris" }, 400, "invalid_request", "saidAtZone"],
      [{ saidAt: "2025-08-19", saidAtPrecision: "instant" }, 400, "invalid_request", "saidAtPrecision"],
    ];
    for (const [more, status, code, field] of refused) {
      const answer = await call("POST", `${path}/corrections`, { body: { reason: "wrong", ...more } });
      expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([status, code, field]);
    }
    expect((await call("GET", path)).headers.get("etag")).toBe('"1"');
  });

  test("are disputed, which deletes nothing", async () => {
    const { call, path } = await withStatement();
    const { body } = await call("POST", `${path}/disputes`, { body: { by: "donald-trump", reason: "never said it" } });
    expect(body.statement).toMatchObject({ status: "standing", disputed: true, countingAssessments: ["1.0"] });
    const unknown = await call("POST", `${path}/disputes`, { body: { by: "nobody", reason: "x" } });
    expect([unknown.status, unknown.body.errors[0].path]).toEqual([422, "by"]);
  });

  test("have conditions that are met, at a time that problems name as metAt", async () => {
    const { call, path } = await withStatement({ assessments: [ASSESSMENT] });
    const post = (more: object) => call("POST", `${path}/conditions`, { body: { proposition: TROOPS, ...more } });
    const early = await post({ metAt: "2025-08-18" });
    expect([early.body.code, early.body.errors[0].path]).toEqual(["order_impossible", "metAt"]);
    const late = await post({ metAt: "2031-01-01" });
    expect([late.body.code, late.body.errors[0].path]).toEqual(["said_in_future", "metAt"]);
    const fine = await post({ metAt: "2025-08-20", metAtPrecision: "instant" });
    expect([fine.body.code, fine.body.errors[0]]).toEqual([
      "invalid_request",
      { path: "metAtPrecision", message: "metAt is given by the day only" },
    ]);
    const met = await post({ metAt: "2025-08-20" });
    expect([met.status, met.body.statement.conditionsMet[0].condition]).toEqual([201, "if a deal is signed"]);
    expect((await post({ metAt: "2025-08-19T13:00:00Z" })).body.code).toBe("condition_already_met");
  });
});

describe("an editor", () => {
  const OTHER = { text: "We might.", saidAt: "2025-08-19", assessments: [] };

  test("settles the order of two statements whose times overlap", async () => {
    const { call, path } = await withStatement({ saidAt: "2025-08-19" });
    const { body: other } = await call("POST", "/v1/statements", { body: statement(OTHER) });
    const settle = (after: string) => call("POST", `${path}/settlements`, { body: { kind: "order", after } });
    const settled = await settle(other.statement.id);
    expect([settled.status, settled.body.statement.settledAfter]).toEqual([201, [other.statement.id]]);
    expect((await settle(other.statement.id)).body.unchanged).toBe(true);
    const unknown = await settle("st_aaaaaaaaaaaaaaaaaaaaaaaaaa");
    expect([unknown.status, unknown.body.code, unknown.body.errors[0].path]).toEqual([
      422,
      "unknown_statement",
      "after",
    ]);
    const neither = await call("POST", `${path}/settlements`, { body: { kind: "mood" } });
    expect([neither.status, neither.body.errors[0].path]).toEqual([400, "kind"]);
  });

  test("settles whether words spoken for an actor count, and only those", async () => {
    const body = { kind: "delegation", proposition: TROOPS, accepted: true };
    const direct = await withStatement();
    expect((await direct.call("POST", `${direct.path}/settlements`, { body })).body.code).toBe("not_delegated");
    const { call, path } = await withStatement({ speaker: "karoline-leavitt", onBehalfOf: "donald-trump" });
    const settled = await call("POST", `${path}/settlements`, { body });
    expect(settled.body.statement).toMatchObject({
      direct: false,
      actor: "donald-trump",
      delegations: [{ accepted: true }],
    });
  });

  test("merges a statement into its twin, and takes that back", async () => {
    const { call, path } = await withStatement();
    const { body: twin } = await call("POST", "/v1/statements", { body: statement(), key: "second" });
    const into: string = twin.statement.id;
    const merged = await call("POST", `${path}/merge`, { body: { into } });
    expect(merged.body.statement).toMatchObject({ status: "merged", merged: { into }, countingAssessments: [] });
    const closed = await call("POST", `${path}/reports`, { body: REPORT });
    expect([closed.status, closed.body.code, closed.body.mergedInto]).toEqual([409, "statement_closed", into]);
    const back = await call("POST", `/v1/statements/${into}/merge`, { body: { into: path.split("/").at(-1) } });
    expect([back.status, back.body.code, back.body.errors[0].path]).toEqual([422, "cannot_merge", "into"]);
    const restored = await call("POST", `${path}/reinstatement`, { body: { reason: "two utterances" } });
    expect(restored.body.statement.status).toBe("standing");
    expect((await call("POST", `${path}/reinstatement`, { body: { reason: "x" } })).body.code).toBe("not_withdrawn");
  });

  test("withdraws a statement once", async () => {
    const { call, path } = await withStatement();
    const withdraw = (reason: string) => call("POST", `${path}/withdrawal`, { body: { reason } });
    expect((await withdraw("a hoax")).body.statement.status).toBe("withdrawn");
    expect((await withdraw("a hoax")).body.unchanged).toBe(true);
    const second = await withdraw("a joke");
    expect([second.status, second.body.code]).toEqual([409, "already_withdrawn"]);
  });
});

describe("a key on a stream that is there", () => {
  test("replays its answer, and is refused for another payload or another command", async () => {
    const { call, path } = await withStatement();
    const options = { body: { reason: "denied" }, key: "d1" };
    const first = await call("POST", `${path}/disputes`, options);
    await call("POST", `${path}/reports`, { body: REPORT });
    const again = await call("POST", `${path}/disputes`, options);
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(again.body).toEqual({ ...first.body, replayed: true });
    for (const [part, body] of [
      ["disputes", { reason: "other" }],
      ["withdrawal", { reason: "denied" }],
    ] as const) {
      const misused = await call("POST", `${path}/${part}`, { body, key: "d1" });
      expect([misused.status, misused.body.code]).toEqual([422, "idempotency_mismatch"]);
    }
  });
});

describe("the history of a statement", () => {
  test("comes in pages, each of which leads to the next", async () => {
    const { call, path } = await withStatement();
    for (const n of [1, 2, 3]) await call("POST", `${path}/disputes`, { body: { reason: `reason ${n}` } });
    const versions: number[] = [];
    let next: string | undefined = `${path}/events?limit=3`;
    while (next !== undefined) {
      const { body, headers } = await call("GET", next);
      versions.push(...body.events.map(({ version }: { version: number }) => version));
      next = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
    }
    expect(versions).toEqual([1, 2, 3, 4]);
  });

  test("of nothing answers 404, and a page that cannot be 400", async () => {
    const { call, path } = await withStatement();
    expect((await call("GET", `${NOWHERE}/events`)).body.code).toBe("statement_not_found");
    for (const [query, field] of [
      ["limit=0", "limit"],
      ["limit=101", "limit"],
      ["after=-1", "after"],
      ["after=1&after=2", "after"],
      ["upto=3", "upto"],
    ]) {
      const { status, body } = await call("GET", `${path}/events?${query}`);
      expect([query, status, body.errors?.[0].path]).toEqual([query, 400, field]);
    }
  });
});
