import { createAccess } from "@on-record/core/access/principals";
import { FaultyViews } from "@on-record/core/storage/faulty";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { PrincipalId } from "@on-record/core/domain/ids";
import { positions } from "@on-record/core/projections/positions";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { catchUp } from "@on-record/core/projections/run";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NOW, seed, statement, stored, testApi, TEXT, TROOPS, type Answer } from "./api-for-tests.ts";
import { testLedger, type TestLedger } from "./ledger-for-tests.ts";

const POSITION = `/v1/actors/donald-trump/positions/${TROOPS}`;
const monday = statement({
  text: "We may.",
  saidAt: "2025-08-18T12:00:00Z",
  assessments: [{ proposition: TROOPS, stance: "open" }],
});
const tuesday = statement();

const rehearse = ({ call }: Pick<TestLedger, "call">, path: string, options: object = {}, method = "POST") =>
  call(method, `${path}${path.includes("?") ? "&" : "?"}dryRun=true`, options);

/** Everything that the stores hold: no dry run may alter it. */
async function whole({ streams, views }: Pick<TestLedger, "streams" | "views">): Promise<string> {
  return JSON.stringify([await stored(streams), [...views.rows]]);
}

/** A ledger that knows Monday's statement. */
async function withMonday() {
  const ledger = await testLedger();
  const { body } = await ledger.call("POST", "/v1/statements", { body: monday });
  await ledger.settle();
  return { ...ledger, id: body.statement.id as string, path: `/v1/statements/${body.statement.id}` };
}

describe("a dry run of recording a statement", () => {
  test("shows the statement, the event, what would be announced, and each position before and after", async () => {
    const ledger = await withMonday();
    const before = await whole(ledger);
    const { status, headers, body } = await rehearse(ledger, "/v1/statements", { body: tuesday, key: "k1" });
    expect([status, headers.get("location"), headers.get("etag")]).toEqual([200, null, null]);
    expect(body).toMatchObject({
      dryRun: true,
      event: null,
      replayed: false,
      unchanged: false,
      similar: [],
      statement: { status: "standing", version: 1, text: TEXT },
      wouldRecord: {
        id: `statement/${body.statement.id}@1`,
        version: 1,
        type: "StatementRecorded",
        data: { text: TEXT },
      },
      positions: [
        {
          actor: "donald-trump",
          proposition: TROOPS,
          before: { stance: "open" },
          after: { stance: "ruled_out", basis: { statement: body.statement.id, text: TEXT } },
        },
      ],
      through: { sequence: 3, recordedAt: expect.any(String) },
    });
    expect(body.changes).toEqual([
      expect.objectContaining({
        type: "PositionChanged",
        cause: "new_statement",
        change: "closed",
        reversal: "partial",
        statement: body.statement.id,
      }),
    ]);
    for (const place of ["id", "number", "sequence", "recordedAt"]) expect(body.changes[0]).not.toHaveProperty(place);
    expect(await whole(ledger)).toBe(before);

    const real = await ledger.call("POST", "/v1/statements", { body: tuesday, key: "k1" });
    expect([real.status, real.body.statement, real.body.event.id]).toEqual([201, body.statement, body.wouldRecord.id]);
    await ledger.settle();
    const { position } = (await ledger.call("GET", POSITION)).body;
    expect(position).toEqual(body.positions[0].after);
  });

  test("may be made again and again, and still nothing is recorded", async () => {
    const ledger = await withMonday();
    const before = await whole(ledger);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => rehearse(ledger, "/v1/statements", { body: tuesday })),
    );
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await whole(ledger)).toBe(before);
  });

  test("refuses all that the recording would refuse, in the same words", async () => {
    const ledger = await withMonday();
    await ledger.call("POST", "/v1/statements", { body: tuesday, key: "taken" });
    const tries: [object, string?][] = [
      [{ ...tuesday, speaker: "nobody" }],
      [{ ...tuesday, assessments: [{ proposition: "nothing", stance: "open" }] }],
      [{ ...tuesday, saidAt: "2031-01-01" }],
      [{ ...tuesday, surprise: 1 }],
      [{ ...tuesday, assessments: [{ proposition: TROOPS, stance: "open", evidence: { start: 0, end: 900 } }] }],
      [{ ...tuesday, language: "de" }, "taken"],
      [{ ...monday, language: "de" }],
    ];
    for (const [body, key] of tries) {
      const options = { body, ...(key !== undefined && { key }) };
      const dry = await rehearse(ledger, "/v1/statements", options);
      const real = await ledger.call("POST", "/v1/statements", options);
      expect(dry.status).toBeGreaterThanOrEqual(400);
      expect([dry.status, { ...dry.body, requestId: "" }]).toEqual([real.status, { ...real.body, requestId: "" }]);
    }
  });

  test("of what is recorded already is the replay that it would be", async () => {
    const ledger = await withMonday();
    const { status, headers, body } = await rehearse(ledger, "/v1/statements", { body: monday });
    expect([status, headers.get("idempotent-replayed"), headers.get("etag")]).toEqual([200, "true", '"1"']);
    expect(body).toMatchObject({ dryRun: true, replayed: true, wouldRecord: null, changes: [], positions: [] });
    expect(body.event).toEqual({ id: `statement/${ledger.id}@1`, version: 1 });
  });

  test("is as of what the view knows, says through where, and waits for an event that is named", async () => {
    const ledger = await withMonday();
    const late = await ledger.call("POST", "/v1/statements", {
      body: statement({ text: "We shall.", assessments: [{ proposition: TROOPS, stance: "committed" }] }),
    });
    const options = { body: statement({ saidAt: "2025-08-19T13:00:00Z" }) };
    const behind = await rehearse(ledger, "/v1/statements", options);
    expect([behind.body.through.sequence, behind.body.changes[0].change]).toEqual([3, "closed"]);
    await ledger.settle();
    const path = `/v1/statements?after=${encodeURIComponent(late.body.event.id)}`;
    const after = await rehearse(ledger, path, options);
    expect([after.body.through.sequence, after.body.changes[0].change]).toEqual([4, "reversed"]);
  });

  test("bears on no position where the words bear on none, or are only noted", async () => {
    const ledger = await withMonday();
    const nothing = await rehearse(ledger, "/v1/statements", { body: { ...tuesday, assessments: [] } });
    expect([nothing.body.changes, nothing.body.positions]).toEqual([[], []]);
    const unclear = { ...tuesday, assessments: [{ proposition: TROOPS, stance: "unclear" }] };
    const { body } = await rehearse(ledger, "/v1/statements", { body: unclear });
    expect(body.changes).toMatchObject([{ type: "ReviewRequested", reason: "unclear" }]);
    expect(body.positions[0].after).toEqual(body.positions[0].before);
  });

  test("sees nothing of an event that the view is just taking in", async () => {
    const ledger = await withMonday();
    const dry = await rehearse(ledger, "/v1/statements", { body: tuesday });
    await ledger.call("POST", "/v1/statements", {
      body: statement({
        text: "We shall.",
        saidAt: "2025-08-19T13:00:00Z",
        assessments: [{ proposition: TROOPS, stance: "committed" }],
      }),
    });
    await ledger.enterLog();
    // The rows are written; the checkpoint that makes them visible is not.
    const stuck = new Proxy(ledger.views, {
      get: (views, name) => {
        if (name === "advance") return async () => Promise.reject(new Error("died here"));
        const value: unknown = Reflect.get(views, name);
        return typeof value === "function" ? value.bind(views) : value;
      },
    });
    await expect(catchUp(positions, { log: ledger.log, streams: ledger.streams, views: stuck })).rejects.toThrow(
      "died",
    );
    const again = await rehearse(ledger, "/v1/statements", { body: tuesday });
    expect(again.body).toEqual(dry.body);
  });
});

describe("a dry run of what happens to a statement", () => {
  const IF_FIRST = { "if-match": '"1"' };
  const PARTS: readonly (readonly [part: string, body: object])[] = [
    ["reports", { publisher: "AP", url: "https://ap.example/story" }],
    ["assessments", { assessments: [{ proposition: TROOPS, stance: "committed" }] }],
    ["corrections", { reason: "wrong day", saidAt: "2025-08-17" }],
    ["disputes", { reason: "denied" }],
    ["withdrawal", { reason: "a hoax" }],
  ];

  test.each(PARTS)("%s: tells what really happens then, and records nothing", async (part, body) => {
    const ledger = await withMonday();
    await ledger.call("POST", "/v1/statements", { body: tuesday });
    await ledger.settle();
    const before = await whole(ledger);
    const dry = await rehearse(ledger, `${ledger.path}/${part}`, { body, headers: IF_FIRST, key: "k" });
    expect([dry.status, dry.headers.get("etag"), dry.body.wouldRecord.version]).toEqual([200, '"1"', 2]);
    expect(await whole(ledger)).toBe(before);
    const real = await ledger.call("POST", `${ledger.path}/${part}`, { body, headers: IF_FIRST, key: "k" });
    expect([real.status, real.body.statement]).toEqual([201, dry.body.statement]);
    await expectAnnounced(ledger, dry, real);
  });

  test("reports/…/withdrawal: the last report takes the position with it", async () => {
    const ledger = await withMonday();
    const [{ id }] = (await ledger.call("GET", ledger.path)).body.statement.reports;
    const { body } = await rehearse(ledger, `${ledger.path}/reports/${id}/withdrawal`, {
      body: { reason: "retracted" },
    });
    expect(body.changes).toMatchObject([{ type: "PositionChangeWithdrawn", cause: "retraction", change: "first" }]);
    expect(body.positions).toMatchObject([{ before: { stance: "open" }, after: null }]);
    expect((await ledger.call("GET", POSITION)).body.position.stance).toBe("open");
  });

  test("keeps preconditions as the real one does", async () => {
    const ledger = await withMonday();
    const corrections = `${ledger.path}/corrections`;
    const body = { reason: "wrong day", saidAt: "2025-08-17" };
    expect((await rehearse(ledger, corrections, { body })).status).toBe(428);
    expect((await rehearse(ledger, corrections, { body, headers: { "if-match": '"2"' } })).status).toBe(412);
    expect((await rehearse(ledger, corrections, { body, headers: { "if-match": '"1"' } })).status).toBe(200);
  });

  test("that would change nothing says so", async () => {
    const ledger = await withMonday();
    await ledger.call("POST", `${ledger.path}/disputes`, { body: { reason: "denied" } });
    const { body } = await rehearse(ledger, `${ledger.path}/disputes`, { body: { reason: "denied" } });
    expect(body).toMatchObject({ dryRun: true, wouldRecord: null, event: null, unchanged: true, changes: [] });
  });

  test("waits until the view holds the statement as it stands, and gives up with 503", async () => {
    let now = NOW;
    let settle = async () => {};
    const ledger = await testLedger({ clock: () => now, sleep: async (ms) => ((now += ms), settle()) });
    const { body } = await ledger.call("POST", "/v1/statements", { body: monday });
    const path = `/v1/statements/${body.statement.id}/withdrawal`;
    const early = await rehearse(ledger, path, { body: { reason: "a hoax" } });
    expect([early.status, early.body.code, early.headers.get("retry-after")]).toEqual([503, "view_behind", "1"]);
    ({ settle } = ledger);
    const then = await rehearse(ledger, path, { body: { reason: "a hoax" } });
    expect([then.status, then.body.positions[0].after]).toEqual([200, null]);
  });
});

describe("a dry run of a registration", () => {
  test("shows the actor or the proposition as it would stand, and registers nothing", async () => {
    const ledger = await testLedger();
    const before = await whole(ledger);
    const body = { name: "Emmanuel Macron", kind: "person" };
    const created = await rehearse(ledger, "/v1/actors/emmanuel-macron", { body }, "PUT");
    expect([created.status, created.body.actor.id, created.body.wouldRecord.type]).toEqual([
      200,
      "emmanuel-macron",
      "ActorRegistered",
    ]);
    expect([created.body.changes, created.body.positions]).toEqual([[], []]);
    expect((await ledger.call("GET", "/v1/actors/emmanuel-macron")).status).toBe(404);
    const revision = { wording: "Otherwise" };
    expect((await rehearse(ledger, `/v1/propositions/${TROOPS}`, { body: revision }, "PUT")).status).toBe(428);
    const headers = { "if-match": '"1"' };
    const revised = await rehearse(ledger, `/v1/propositions/${TROOPS}`, { body: revision, headers }, "PUT");
    expect([revised.body.proposition.version, revised.headers.get("etag")]).toEqual([2, '"1"']);
    expect(await whole(ledger)).toBe(before);
    // What was only rehearsed does not count as registered.
    const spoken = await ledger.call("POST", "/v1/statements", { body: { ...tuesday, speaker: "emmanuel-macron" } });
    expect([spoken.status, spoken.body.code]).toEqual([422, "unknown_actor"]);
  });
});

describe("asking for a dry run", () => {
  test("in words that are not known is refused: nothing is recorded by mistake", async () => {
    const ledger = await withMonday();
    const before = await whole(ledger);
    for (const [query, field] of [
      ["dryrun=true", "dryrun"],
      ["dryRun=yes", "dryRun"],
      ["dryRun=", "dryRun"],
      ["dryRun=true&dryRun=true", "dryRun"],
      ["after=statement/st_aaaaaaaaaaaaaaaaaaaaaaaaaa@1", "after"],
    ]) {
      for (const [method, path, body] of [
        ["POST", "/v1/statements", tuesday],
        ["POST", `${ledger.path}/withdrawal`, { reason: "a hoax" }],
        ["PUT", "/v1/actors/somebody", { name: "Somebody", kind: "person" }],
      ] as const) {
        const answer = await ledger.call(method, `${path}?${query}`, { body });
        expect([answer.status, answer.body.code, answer.body.errors[0].path]).toEqual([400, "invalid_request", field]);
      }
    }
    expect(await whole(ledger)).toBe(before);
    expect((await ledger.call("POST", "/v1/statements?dryRun=false", { body: tuesday })).status).toBe(201);
  });

  test("takes the scope read beside that of the command, as it shows positions", async () => {
    const principal = { id: PrincipalId.parse("scraper"), scopes: ["record" as const] };
    const tokens = new MemoryTokens();
    const real = createAccess({ adminToken: "unused-in-this-test-at-all", tokens, clock: () => NOW });
    const access = { ...real, authenticate: async () => principal };
    const api = testApi({ access });
    for (const path of ["/v1/statements", "/v1/statements:batch"]) {
      const { status, body } = await rehearse(api, path, { body: tuesday });
      expect([status, body.code, body.scope]).toEqual([403, "forbidden", "read"]);
    }
  });

  test("while the views are down is refused with 503; recording goes on", async () => {
    const views = new FaultyViews(new MemoryViews(), () => ({ fail: "before" }));
    const api = testApi({ views });
    await seed(api);
    expect((await rehearse(api, "/v1/statements", { body: tuesday })).status).toBe(503);
    expect((await api.call("POST", "/v1/statements", { body: tuesday })).status).toBe(201);
  });
});

/** What a dry run said must be what is announced when it is done in earnest, and where the positions stand then. */
async function expectAnnounced(ledger: TestLedger, dry: Answer, real: Answer): Promise<void> {
  await ledger.settle();
  const sequence = await ledger.log.sequenceOf(real.body.event.id);
  const announced = ledger.derived().filter((event) => event.sequence === sequence);
  expect(dry.body.changes).toEqual(announced.map(withoutPlace));
  for (const { actor, proposition, after } of dry.body.positions) {
    const { body } = await ledger.call("GET", `/v1/actors/${actor}/positions/${proposition}`);
    expect(body.position ?? null).toEqual(after);
  }
}

function withoutPlace({ id: _id, number: _number, sequence: _sequence, recordedAt: _at, ...said }: DerivedEvent) {
  return said;
}

describe("for any statements and whatever happens to them", () => {
  const STANCES = ["committed", "leaning_for", "open", "leaning_against", "ruled_out", "no_comment", "unclear"];
  const TIMES = ["2025-08-18", "2025-08-19", "2025-08-18T10:00Z", "2025-08-18T10:00:30Z", "2025-08-19T09:00:00Z"];
  const reading = fc
    .record({
      stance: fc.constantFrom(...STANCES),
      condition: fc.constantFrom(undefined, undefined, "if asked"),
      confidence: fc.constantFrom(1, 1, 0.3),
    })
    .map((read) => [{ proposition: TROOPS, ...read }]);
  const step = fc.record({
    act: fc.constantFrom("record", "record", "record", "assess", "correct", "withdraw", "reinstate", "merge", "order"),
    a: fc.nat(9),
    b: fc.nat(9),
    saidAt: fc.constantFrom(...TIMES),
    voice: fc.constantFrom(
      { speaker: "donald-trump" },
      { speaker: "donald-trump" },
      { speaker: "karoline-leavitt", onBehalfOf: "donald-trump" },
    ),
    assessments: reading,
  });
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

  function requestFor({ act, a, b, saidAt, voice, assessments }: Step, ids: readonly string[], nth: number) {
    const at = (part: string) => `/v1/statements/${ids[a % ids.length]}/${part}`;
    const reason = `for the ${nth}th reason`;
    const headers = { "if-match": "*" };
    if (act === "record" || ids.length === 0) {
      return {
        path: "/v1/statements",
        body: { ...statement({ text: `Said ${nth}.` }), saidAt, ...voice, assessments },
      };
    }
    if (act === "assess") return { path: at("assessments"), body: { assessments } };
    if (act === "correct") return { path: at("corrections"), body: { reason, saidAt, assessments }, headers };
    if (act === "merge") return { path: at("merge"), body: { into: ids[b % ids.length], reason } };
    if (act === "order") return { path: at("settlements"), body: { kind: "order", after: ids[b % ids.length] } };
    return { path: at(act === "withdraw" ? "withdrawal" : "reinstatement"), body: { reason } };
  }

  test("a dry run announces what recording announces, shows where positions then stand, and alters nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        const ledger = await testLedger();
        const ids: string[] = [];
        for (const [nth, each] of steps.entries()) {
          const { path, ...options } = requestFor(each, ids, nth);
          const before = await whole(ledger);
          const dry = await rehearse(ledger, path, options);
          expect(await whole(ledger)).toBe(before);
          const real = await ledger.call("POST", path, options);
          expect(dry.status).toBe(real.status === 201 ? 200 : real.status);
          if (real.status >= 400) {
            expect(dry.body.code).toBe(real.body.code);
            continue;
          }
          expect(dry.body.statement).toEqual(real.body.statement);
          expect(dry.body.wouldRecord?.id ?? null).toBe(real.body.event?.id ?? null);
          expect([dry.body.replayed, dry.body.unchanged]).toEqual([real.body.replayed, real.body.unchanged]);
          if (real.body.event !== null) await expectAnnounced(ledger, dry, real);
          if (path === "/v1/statements") ids.push(real.body.statement.id);
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});
