import { STATEMENTS } from "@on-record/core/commands/streams";
import type { StatementId } from "@on-record/core/domain/ids";
import { eraseWaiting } from "@on-record/core/erasure/run";
import { LIMITS } from "@on-record/core/limits";
import { findSimilar } from "@on-record/core/queries/similar";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { checkView } from "@on-record/core/projections/check";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { describe, expect, test } from "vitest";
import { LEDGER_KEY, statement, stored, TROOPS, withStatement } from "./api-for-tests.ts";
import { readingApi, type ReadingApi } from "../helpers/reading-api.ts";

const REASON = { reason: "A court ordered it", reference: "3 O 1/25" };
const SECRET = "secretly";
/** A statement with a secret wherever somebody can say something. */
const SAID = {
  text: `We ${SECRET} will not.`,
  language: "en",
  saidAt: "2025-08-19T12:00:00Z",
  report: { publisher: "Fox News", url: `https://fox.example/${SECRET}`, headline: `${SECRET}: no troops` },
  assessments: [
    {
      proposition: TROOPS,
      stance: "ruled_out",
      condition: `if ${SECRET} paid`,
      cue: `${SECRET} will not`,
      evidence: { start: 3, end: 11 },
    },
  ],
};

/** What the function behind the queue does. */
async function eraseIn({ log, streams, views, clock }: ReadingApi, ...ids: string[]): Promise<void> {
  const deps = {
    log,
    streams,
    views,
    events: streams,
    rows: views,
    places: new MemoryViews(),
    clock: () => clock.now,
    sleep: async () => {},
  };
  await eraseWaiting(
    deps,
    ids.map((id) => STATEMENTS.streamOf(id as StatementId)),
  );
}

/** An API with two statements on one position, of which the first was erased; everything has settled. */
async function withErased() {
  const api = await readingApi("2025-08-20T12:00:00Z");
  const { body } = await api.call("POST", "/v1/statements", { body: statement(SAID), key: "first" });
  const id: string = body.statement.id;
  const path = `/v1/statements/${id}`;
  await api.post(`${path}/disputes`, { reason: `${SECRET} denied` });
  await api.settle();
  api.clock.now += 3_600_000;
  const knownAt = new Date(api.clock.now).toISOString();
  api.clock.now += 3_600_000;
  const erased = await api.call("POST", `${path}/erasure`, { body: REASON, key: "erase" });
  await api.settle();
  await eraseIn(api, id);
  return { ...api, id, path, knownAt, erased };
}

describe("an erasure", () => {
  test("is for admins, and of statements that are there", async () => {
    const { call, path } = await withStatement();
    const made = await call("POST", "/v1/tokens", {
      body: { principal: "desk", label: "desk", scopes: ["read", "record", "edit", "subscribe"] },
    });
    const refused = await call("POST", `${path}/erasure`, { body: REASON, token: made.body.value });
    expect([refused.status, refused.body.code, refused.body.scope]).toEqual([403, "forbidden", "admin"]);
    expect((await call("POST", `${path}/erasure`, { body: REASON, token: null })).status).toBe(401);
    const nowhere = await call("POST", "/v1/statements/st_aaaaaaaaaaaaaaaaaaaaaaaaaa/erasure", { body: REASON });
    expect([nowhere.status, nowhere.body.code]).toEqual([404, "statement_not_found"]);
    const silent = await call("POST", `${path}/erasure`, { body: { reference: "x" } });
    expect([silent.status, silent.body.errors[0].path]).toEqual([400, "reason"]);
    const long = await call("POST", `${path}/erasure`, { body: { ...REASON, reference: "x".repeat(201) } });
    expect([long.status, long.body.errors[0].path]).toEqual([400, "reference"]);
    expect((await call("GET", path)).status).toBe(200);
  });

  test("is answered with its tombstone, and its repeat as well", async () => {
    const { call, path, id, erased } = await withErased();
    const tombstone = { version: 3, by: "admin", at: "2025-08-20T14:00:00.000Z", ...REASON };
    expect([erased.status, erased.headers.get("etag"), erased.body.statement]).toEqual([
      201,
      '"3"',
      { id, version: 3, erased: tombstone },
    ]);
    const replayed = await call("POST", `${path}/erasure`, { body: REASON, key: "erase" });
    expect([replayed.status, replayed.body.replayed, replayed.body.statement]).toEqual([
      200,
      true,
      erased.body.statement,
    ]);
    const again = await call("POST", `${path}/erasure`, { body: REASON });
    expect([again.status, again.body.unchanged, again.body.event]).toEqual([200, true, null]);
    const other = await call("POST", `${path}/erasure`, { body: { reason: "Another" } });
    expect([other.status, other.body.code, other.body.erased]).toEqual([410, "statement_erased", tombstone]);
  });

  test("holds where the caller knows the statement, and only there", async () => {
    const { call, path } = await withStatement();
    const stale = await call("POST", `${path}/erasure`, { body: REASON, headers: { "if-match": '"7"' } });
    expect([stale.status, stale.body.currentVersion]).toEqual([412, 1]);
    const known = await call("POST", `${path}/erasure`, { body: REASON, headers: { "if-match": '"1"' } });
    expect(known.status).toBe(201);
    // Once it is gone, that comes before everything else.
    const gone = await call("POST", `${path}/withdrawal`, { body: { reason: "x" }, headers: { "if-match": '"1"' } });
    expect([gone.status, gone.body.code]).toEqual([410, "statement_erased"]);
  });

  test("rehearsed shows which positions rest on it, and changes nothing", async () => {
    const api = await readingApi("2025-08-20T12:00:00Z");
    const { body } = await api.call("POST", "/v1/statements", { body: statement(SAID) });
    await api.settle();
    const path = `/v1/statements/${body.statement.id}`;
    const shown = await api.call("POST", `${path}/erasure?dryRun=true`, { body: REASON });
    expect([shown.status, shown.body.wouldRecord.type, shown.body.changes]).toEqual([200, "StatementErased", []]);
    const [{ before, after }] = shown.body.positions;
    expect([before.basis.text, after.basis.text, after.basis.erased]).toEqual([SAID.text, undefined, true]);
    expect({ ...after, basis: null, condition: null }).toEqual({ ...before, basis: null, condition: null });
    expect((await api.get(path)).status).toBe(200);
  });

  test("has a place in a stream that is as long as it may be", async () => {
    const { call, path, id, streams } = await withStatement();
    for (let count = 2; count <= LIMITS.streamEventsCount; count += 1) {
      await call("POST", `${path}/disputes`, { body: { reason: `denied ${count}` } });
    }
    const full = await call("POST", `${path}/disputes`, { body: { reason: "denied once more" } });
    expect([full.status, full.body.code]).toEqual([422, "limit_reached"]);
    expect((await call("POST", `${path}/erasure`, { body: REASON })).status).toBe(201);
    expect(await streams.load(STATEMENTS.streamOf(id as StatementId))).toHaveLength(LIMITS.streamEventsCount + 1);
  });
});

describe("what was erased", () => {
  test("is gone for everybody who asks for it or wants to do something to it", async () => {
    const api = await withErased();
    const { call, get, path, knownAt, id } = api;
    const parts: [string, object][] = [
      ["reports", { publisher: "AP", url: "https://ap.example/story" }],
      ["reports/rp_aaaaaaaaaaaaaaaa/withdrawal", { reason: "x" }],
      ["assessments", { assessments: [{ proposition: TROOPS, stance: "open" }] }],
      ["corrections", { reason: "x", text: "y" }],
      ["disputes", { reason: "x" }],
      ["conditions", { proposition: TROOPS, metAt: "2025-08-20" }],
      ["settlements", { kind: "delegation", proposition: TROOPS, accepted: true }],
      ["merge", { into: "st_aaaaaaaaaaaaaaaaaaaaaaaaaa" }],
      ["withdrawal", { reason: "x" }],
      ["reinstatement", { reason: "x" }],
    ];
    const asked = [get(path), get(`${path}?knownAt=${knownAt}`), get(`${path}?asOf=2025-08-20`)];
    const answers = await Promise.all([
      ...asked,
      ...parts.map(([part, body]) => call("POST", `${path}/${part}`, { body })),
      ...parts.map(([part, body]) => call("POST", `${path}/${part}?dryRun=true`, { body })),
    ]);
    for (const { status, body } of answers) {
      expect([status, body.code, body.statement]).toEqual([410, "statement_erased", id]);
      expect(body.erased).toMatchObject({ by: "admin", ...REASON });
    }
  });

  test("is not recorded a second time: a repeat is told that it is gone, singly and in a batch", async () => {
    const { call, id, streams } = await withErased();
    const before = (await stored(streams)).length;
    const repeat = await call("POST", "/v1/statements", { body: statement(SAID), key: "first" });
    expect([repeat.status, repeat.body.code, repeat.body.statement]).toEqual([410, "statement_erased", id]);
    const altered = await call("POST", "/v1/statements", { body: statement(), key: "first" });
    expect([altered.status, altered.body.code]).toEqual([410, "statement_erased"]);
    const batch = { statements: [{ ...statement(SAID), idempotencyKey: "first" }] };
    const { body } = await call("POST", "/v1/statements:batch", { body: batch });
    expect([body.counts.refused, body.results[0].problem.code]).toEqual([1, "statement_erased"]);
    expect(await stored(streams)).toHaveLength(before);
  });

  test("without a key is known by what was said, and so is its repeat", async () => {
    const { call, streams } = await withStatement({}, {});
    const first = await call("POST", "/v1/statements", { body: statement(SAID) });
    await call("POST", `/v1/statements/${first.body.statement.id}/erasure`, { body: REASON });
    for (const body of [statement(SAID), statement({ ...SAID, assessments: [] })]) {
      expect((await call("POST", "/v1/statements", { body })).status).toBe(410);
    }
    const other = await call("POST", "/v1/statements", { body: statement({ ...SAID, text: "Something else." }) });
    expect(other.status).toBe(201);
    expect((await stored(streams)).filter(({ type }) => type === "StatementRecorded")).toHaveLength(3);
  });

  test("is told by a repeat of what was done to it before, whose first answer would tell it again", async () => {
    const api = await readingApi("2025-08-20T12:00:00Z");
    const { body } = await api.call("POST", "/v1/statements", { body: statement(SAID) });
    const path = `/v1/statements/${body.statement.id}`;
    const dispute = { body: { reason: "denied" }, key: "dispute" };
    expect((await api.call("POST", `${path}/disputes`, dispute)).status).toBe(201);
    await api.post(`${path}/erasure`, REASON);
    for (const settle of [async () => {}, async () => api.settle().then(() => eraseIn(api, body.statement.id))]) {
      await settle();
      const again = await api.call("POST", `${path}/disputes`, dispute);
      expect([again.status, again.body.code]).toEqual([410, "statement_erased"]);
    }
  });

  test("keeps its place in its own history: envelopes, and what the tombstone says", async () => {
    const { get, path } = await withErased();
    const { status, body, headers } = await get(`${path}/events`);
    expect([status, headers.get("etag")]).toEqual([200, '"3"']);
    expect(body.events.map(({ type, erased, data }: Record<string, unknown>) => [type, erased, data])).toEqual([
      ["StatementRecorded", true, undefined],
      ["StatementDisputed", true, undefined],
      ["StatementErased", undefined, { ...REASON, at: "2025-08-20T14:00:00.000Z", conditions: { "1.0": 1 } }],
    ]);
    expect(body.events.every(({ digest }: { digest: string }) => digest.length === 43)).toBe(true);
  });

  test("is told by nothing that can be read, as soon as there is a tombstone", async () => {
    const api = await readingApi("2025-08-20T12:00:00Z");
    const { body } = await api.call("POST", "/v1/statements", { body: statement(SAID) });
    const path = `/v1/statements/${body.statement.id}`;
    await api.settle();
    await api.post(`${path}/erasure`, REASON);
    for (const part of ["", "/events", "/proof"]) {
      const { body: told } = await api.get(`${path}${part}`);
      expect(JSON.stringify(told)).not.toContain(SECRET);
    }
    const { body: proof } = await api.get(`${path}/proof`);
    expect(proof.events.map((event: object) => "salt" in event || "data" in event)).toEqual([false]);
  });

  test("is told by no list, no position, no change and no proof, at no moment, and is nowhere in the stores", async () => {
    const api = await withErased();
    const { get, call, id, path, knownAt, views, streams, log } = api;
    const paths = [
      `/v1/statements?actor=donald-trump`,
      `/v1/statements?actor=donald-trump&knownAt=${knownAt}`,
      `/v1/statements?recordedFrom=2025-08-01&recordedTo=2025-08-31`,
      `/v1/actors/donald-trump/positions`,
      `/v1/actors/donald-trump/positions?knownAt=${knownAt}`,
      `/v1/actors/donald-trump/positions/${TROOPS}`,
      `/v1/actors/donald-trump/positions/${TROOPS}?asOf=2025-08-20&knownAt=${knownAt}`,
      `/v1/actors/donald-trump/positions/${TROOPS}/history`,
      `/v1/propositions/${TROOPS}/positions`,
      `/v1/changes`,
      `/v1/review`,
      `/v1/log`,
      `/v1/export`,
      `${path}/proof`,
      `${path}/events`,
    ];
    for (const each of paths) {
      const { status, body } = await get(each);
      expect([each, status]).toEqual([each, 200]);
      expect(JSON.stringify(body), each).not.toContain(SECRET);
    }
    const listed = await get(`/v1/statements?actor=donald-trump`);
    expect(listed.body.statements).toEqual([]);
    const position = (await get(`/v1/actors/donald-trump/positions/${TROOPS}`)).body.position;
    expect(position).toMatchObject({ stance: "ruled_out", condition: "[erased 1]", since: "2025-08-19T12:00:00.000Z" });
    expect(position.basis).toEqual({
      statement: id,
      speaker: "donald-trump",
      direct: true,
      saidAt: expect.anything(),
      erased: true,
      corroboration: 1,
      disputed: true,
    });
    expect(JSON.stringify(views.under(""))).not.toContain(SECRET);
    expect(JSON.stringify(await stored(streams))).not.toContain(SECRET);
    for (const projection of PROJECTIONS) {
      expect(await checkView(projection, { log, streams, views })).toMatchObject({ difference: null });
    }
    const like = await call("POST", "/v1/statements", { body: statement({ ...SAID, text: "We will not." }) });
    await api.settle();
    expect(await findSimilar(views, like.body.statement)).toEqual([]);
  });

  test("and was merged into another shows there no more; its publisher is still counted", async () => {
    const api = await readingApi("2025-08-20T12:00:00Z");
    const first = await api.post("/v1/statements", statement());
    const { body } = await api.call("POST", "/v1/statements", {
      body: statement({ ...SAID, report: { ...SAID.report, publisher: "AP" } }),
    });
    const [into, id] = [first.statement.id, body.statement.id];
    await api.post(`/v1/statements/${id}/merge`, { into });
    await api.settle();
    expect((await api.get(`/v1/statements/${into}`)).body).toMatchObject({
      corroboration: 2,
      heldReports: [{ statement: id }],
    });
    await api.post(`/v1/statements/${id}/erasure`, REASON);
    await api.settle();
    await eraseIn(api, id);
    expect((await api.get(`/v1/statements/${into}`)).body).toMatchObject({ corroboration: 2, heldReports: [] });
    const merge = await api.call("POST", `/v1/statements/${into}/merge`, { body: { into: id } });
    expect([merge.status, merge.body.code]).toEqual([422, "cannot_merge"]);
  });

  test("cannot be guessed by the ids that are left: who has no key of the ledger's makes others of the same words", async () => {
    const { id } = await withErased();
    const body = statement(SAID);
    const elsewhere = await withStatement(SAID, { ledgerKey: LEDGER_KEY.map((byte) => byte + 1) });
    const here = await withStatement(SAID);
    const guess = await elsewhere.call("POST", "/v1/statements", { body, key: "first" });
    const same = await here.call("POST", "/v1/statements", { body, key: "first" });
    expect(same.body.statement.id).toBe(id);
    expect(guess.body.statement.id).not.toBe(id);
    expect(guess.body.statement.reports[0].id).not.toBe(same.body.statement.reports[0].id);
  });
});
