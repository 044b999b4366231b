import { positions } from "@on-record/core/projections/positions";
import { catchUp } from "@on-record/core/projections/run";
import { beforeAll, describe, expect, test } from "vitest";
import { followed, readingApi, type ReadingApi } from "../helpers/reading-api.ts";
import { TROOPS } from "./api-for-tests.ts";

const OF_TRUMP = "/v1/actors/donald-trump/positions";
const ON_TROOPS = `/v1/propositions/${TROOPS}/positions`;
const ONE = `${OF_TRUMP}/${TROOPS}`;
const HISTORY = `${ONE}/history`;
const AIR = "us-air-support";
const MONDAY_NOON = "2025-08-18T12:00:00.000Z";

/** Monday "declined to rule out", Tuesday "will not"; on Thursday it turns out that he said on Monday "leaning against". */
async function story() {
  const api = await readingApi();
  await api.call("PUT", `/v1/propositions/${AIR}`, { body: { wording: "The United States helps by air" } });
  const monday = await api.say("2025-08-18T13:00:00Z", MONDAY_NOON, "open");
  await api.settle();
  const tuesday = await api.say("2025-08-19T13:00:00Z", "2025-08-19T12:00:00.000Z", "ruled_out");
  await api.settle();
  const late = await api.say("2025-08-21T13:00:00Z", "2025-08-18T18:00:00.000Z", "leaning_against");
  await api.settle();
  return { api, monday, tuesday, late };
}

let told: Awaited<ReturnType<typeof story>>;
let api: ReadingApi;
beforeAll(async () => {
  told = await story();
  ({ api } = told);
});

describe("one position", () => {
  test("is answered with its basis, and with what the answer rests on", async () => {
    api.clock.now = Date.parse("2025-08-22T12:00:00Z");
    const { status, body } = await api.get(ONE);
    const now = "2025-08-22T12:00:00.000Z";
    expect(status).toBe(200);
    expect(body).toMatchObject({
      position: {
        actor: "donald-trump",
        proposition: TROOPS,
        stance: "ruled_out",
        force: "commissive",
        since: "2025-08-19T12:00:00.000Z",
        basis: { statement: told.tuesday.id, speaker: "donald-trump", direct: true, corroboration: 1, disputed: false },
        contests: [],
        provisional: false,
      },
      asOf: now,
      knownAt: now,
      final: false,
      through: { sequence: 6, recordedAt: "2025-08-21T13:00:00.000Z" },
    });
  });

  test.each([
    ["asOf=2025-08-18T14:00:00Z&knownAt=2025-08-20T00:00:00Z", "open", true],
    ["asOf=2025-08-18&knownAt=2025-08-20", "open", true],
    ["asOf=2025-08-18", "leaning_against", false],
    ["knownAt=2025-08-18", "open", true],
    ["asOf=2025-08-18T08:00:00-04:00&knownAt=2025-08-18", "open", true],
    ["asOf=2025-08-18T12:00Z", "open", false],
    // Midnight of Monday in New York is four hours into Tuesday, in Kiritimati it is Monday morning.
    ["asOf=2025-08-18&zone=America/New_York", "leaning_against", false],
    ["asOf=2025-08-19&zone=Pacific/Kiritimati", "leaning_against", false],
    ["asOf=2025-08-19&zone=Pacific/Pago_Pago", "ruled_out", false],
  ])("is told apart on both time axes: %s", async (query, stance, final) => {
    api.clock.now = Date.parse("2025-08-22T12:00:00Z");
    const { status, body } = await api.get(`${ONE}?${query}`);
    expect([status, body.position?.stance, body.final]).toEqual([200, stance, final]);
  });

  test("as of today is the one of now, as today has not ended; and what is known today is not final", async () => {
    api.clock.now = Date.parse("2025-08-22T12:00:00Z");
    const now = "2025-08-22T12:00:00.000Z";
    expect((await api.get(`${ONE}?asOf=2025-08-22`)).body).toMatchObject({
      position: { stance: "ruled_out" },
      asOf: now,
      knownAt: now,
    });
    expect((await api.get(`${ONE}?asOf=2025-08-21&knownAt=2025-08-21T14:00:00Z`)).body).toMatchObject({
      asOf: "2025-08-21T14:00:00.000Z",
    });
    expect((await api.get(`${ONE}?knownAt=2025-08-22`)).body).toMatchObject({
      knownAt: "2025-08-22T23:59:59.999Z",
      final: false,
    });
    const tomorrow = await api.get(`${ONE}?asOf=2025-08-23`);
    expect([tomorrow.status, tomorrow.body.errors]).toEqual([
      400,
      [{ path: "asOf", message: expect.stringContaining("later than knownAt") }],
    ]);
  });

  test("that there was not is a 404 that says for which moment", async () => {
    const { status, body } = await api.get(`${ONE}?asOf=2025-08-01&knownAt=2025-08-02`);
    expect([status, body.code]).toEqual([404, "position_not_found"]);
    expect(body).toMatchObject({
      asOf: "2025-08-01T23:59:59.999Z",
      knownAt: "2025-08-02T23:59:59.999Z",
      final: true,
      through: { sequence: 6 },
    });
  });

  test("is answered to HEAD without a body", async () => {
    const { status, body } = await api.call("HEAD", ONE);
    expect([status, body]).toEqual([200, null]);
    expect((await api.call("HEAD", `${ONE}?asOf=never`)).status).toBe(400);
    expect((await api.call("POST", ONE, { body: {} })).headers.get("allow")).toBe("GET, HEAD");
  });
});

describe("a question that is not as it must be", () => {
  const lists: [string, string][] = [
    ["asOf=2025-08-18T12:00:00", "asOf"],
    ["asOf=2025-02-30", "asOf"],
    ["asOf=2025-08-18T25:00:00Z", "asOf"],
    ["asOf=", "asOf"],
    ["asOf=monday", "asOf"],
    ["knownAt=2025-13-01", "knownAt"],
    ["knownAt=2025-08-18T12:00", "knownAt"],
    ["asOf=2025-08-19&knownAt=2025-08-18", "asOf"],
    ["asOf=2025-08-18T12:00:00.001Z&knownAt=2025-08-18T12:00:00.000Z", "asOf"],
    ["zone=Mars/Olympus", "zone"],
    ["zone=", "zone"],
    ["asOf=2025-08-18&asOf=2025-08-19", "asOf"],
    ["zone=UTC&zone=UTC", "zone"],
    ["since=2025-08-18", "since"],
    ["__proto__=1", "__proto__"],
    ["after=nothing", "after"],
    ["after=statement/x@0", "after"],
  ];
  const paged: [string, string][] = [
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=abc", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=", "limit"],
    ["limit=5&limit=5", "limit"],
  ];
  const cases = [
    ...[ONE, OF_TRUMP, ON_TROOPS, HISTORY].flatMap((path) =>
      lists.map(([query, field]) => [`${path}?${query}`, field] as const),
    ),
    ...[OF_TRUMP, ON_TROOPS, HISTORY].flatMap((path) =>
      paged.map(([query, field]) => [`${path}?${query}`, field] as const),
    ),
    ...[ONE, OF_TRUMP, ON_TROOPS].map((path) => [`${path}?entailed=yes`, "entailed"] as const),
    [`${HISTORY}?entailed=true`, "entailed"] as const,
    [`${ONE}?limit=1`, "limit"] as const,
  ];

  test("is refused with the name of what to mend, on every route", async () => {
    api.clock.now = Date.parse("2025-08-22T12:00:00Z");
    for (const [path, field] of cases) {
      const { status, body } = await api.get(path);
      expect([path, status, body.code, body.errors?.[0]?.path]).toEqual([path, 400, "invalid_request", field]);
    }
  });

  test("about somebody or something unknown is a 404, whatever the id looks like", async () => {
    for (const id of ["nobody", "Donald-Trump", "a_b", "x".repeat(65), "%F0%9F%92%A9", "a%2eb"]) {
      const codes = [];
      for (const path of [
        `/v1/actors/${id}/positions`,
        `/v1/actors/${id}/positions/${TROOPS}`,
        `/v1/actors/${id}/positions/${TROOPS}/history`,
      ]) {
        const { status, body } = await api.get(path);
        codes.push([status, body.code]);
      }
      expect([id, ...codes]).toEqual([id, ...Array.from({ length: 3 }, () => [404, "actor_not_found"])]);
      for (const path of [`/v1/propositions/${id}/positions`, `${OF_TRUMP}/${id}`, `${OF_TRUMP}/${id}/history`]) {
        const { status, body } = await api.get(path);
        expect([path, status, body.code]).toEqual([path, 404, "proposition_not_found"]);
      }
    }
  });

  test("with a cursor of another list, or an altered one, is told so", async () => {
    const cursorOf = async (path: string) => (await api.get(path)).body.next as string;
    const history = await cursorOf(`${HISTORY}?limit=1`);
    const changes = await cursorOf("/v1/changes?limit=1");
    const altered = `${history.slice(0, -2)}AA`;
    const cursors = [
      [OF_TRUMP, history],
      [OF_TRUMP, changes],
      [ON_TROOPS, history],
      [HISTORY, changes],
      [HISTORY, altered],
      [HISTORY, `${history}=`],
      [HISTORY, "x".repeat(2_000)],
      [HISTORY, ""],
      [OF_TRUMP, ""],
      [OF_TRUMP, "%00"],
      [OF_TRUMP, "a.b"],
    ];
    for (const [path, cursor] of cursors) {
      const { status, body } = await api.get(`${path}?cursor=${cursor}`);
      expect([cursor, status, body.code, body.errors?.[0].path]).toEqual([cursor, 400, "cursor_invalid", "cursor"]);
    }
  });
});

describe("lists of positions", () => {
  test("of an actor and on a proposition are followed by their links to the end", async () => {
    const many = await readingApi();
    const ids = ["p-1", "p-2", "p-3", "p-4", "p-5"];
    for (const id of ids) {
      await many.call("PUT", `/v1/propositions/${id}`, { body: { wording: `About ${id}` } });
      await many.say(`2025-08-19T13:0${id.at(-1)}:00Z`, "2025-08-19", "open", {
        assessments: [{ proposition: id, stance: "open" }],
      });
    }
    await many.say("2025-08-19T13:10:00Z", "2025-08-19", "open", {
      speaker: "karoline-leavitt",
      assessments: [{ proposition: "p-1", stance: "ruled_out" }],
    });
    await many.settle();
    for (const limit of [1, 2, 4, 5, 100]) {
      const own = await followed(many, `${OF_TRUMP}?limit=${limit}&asOf=2025-08-19&knownAt=2025-08-20`, "positions");
      expect(own.map(({ proposition }) => proposition)).toEqual(ids);
      const all = await followed(many, `/v1/propositions/p-1/positions?limit=${limit}`, "positions");
      expect(all.map(({ actor, stance }) => [actor, stance])).toEqual([
        ["donald-trump", "open"],
        ["karoline-leavitt", "ruled_out"],
      ]);
    }
    const { body, headers } = await many.get(`${OF_TRUMP}?limit=5`);
    expect([headers.get("link"), body.next]).toEqual([null, undefined]);
    many.clock.now += 1;
    const page = await many.get(`${OF_TRUMP}?limit=2&zone=Europe/Kyiv`);
    expect(page.headers.get("link")).toBe(
      `<${OF_TRUMP}?limit=2&zone=Europe%2FKyiv&cursor=${page.body.next}>; rel="next"`,
    );
    expect(page.body).toMatchObject({
      asOf: expect.any(String),
      knownAt: expect.any(String),
      final: false,
      through: { sequence: expect.any(Number) },
    });
  });

  test("are empty for who has none", async () => {
    expect((await api.get("/v1/actors/karoline-leavitt/positions")).body).toMatchObject({ positions: [] });
    expect((await api.get(`/v1/propositions/${AIR}/positions`)).body).toMatchObject({ positions: [] });
  });

  test("show what is inherited only when asked for, apart from the actors' own", async () => {
    const linked = await readingApi();
    await linked.call("PUT", "/v1/propositions/paratroopers", {
      body: { wording: "Paratroopers are sent", broader: [TROOPS] },
    });
    await linked.say("2025-08-19T13:00:00Z", "2025-08-19", "ruled_out");
    await linked.settle();
    const inherited = {
      actor: "donald-trump",
      proposition: "paratroopers",
      stance: "ruled_out",
      inheritedFrom: TROOPS,
    };
    for (const path of [OF_TRUMP, "/v1/propositions/paratroopers/positions"]) {
      expect((await linked.get(path)).body).not.toHaveProperty("inherited");
      expect((await linked.get(`${path}?entailed=false`)).body).not.toHaveProperty("inherited");
      const { body } = await linked.get(`${path}?entailed=true`);
      expect(body.inherited).toMatchObject([inherited]);
      expect(body.positions.map((each: { proposition: string }) => each.proposition)).toEqual(
        path === OF_TRUMP ? [TROOPS] : [],
      );
    }
    expect((await linked.get(`${OF_TRUMP}/paratroopers`)).status).toBe(404);
    expect((await linked.get(`${OF_TRUMP}/paratroopers?entailed=true`)).body.position).toMatchObject(inherited);
    expect((await linked.get(`${OF_TRUMP}/paratroopers?entailed=true&asOf=2025-08-18`)).status).toBe(404);
  });
});

describe("the history of a position", () => {
  test("is followed by its links to the end, on both time axes", async () => {
    api.clock.now = Date.parse("2025-08-22T12:00:00Z");
    for (const limit of [1, 2, 3]) {
      const items = await followed(api, `${HISTORY}?limit=${limit}`, "history");
      expect(items.map(({ statement, outcome }) => [statement, outcome.change])).toEqual([
        [told.monday.id, "first"],
        [told.late.id, "leaned"],
        [told.tuesday.id, "hardened"],
      ]);
    }
    const before = await api.get(`${HISTORY}?knownAt=2025-08-20&asOf=2025-08-19`);
    expect(before.body.history.map(({ outcome }: { outcome: { change: string } }) => outcome.change)).toEqual([
      "first",
      "closed",
    ]);
    expect(before.body).toMatchObject({
      final: true,
      asOf: "2025-08-19T23:59:59.999Z",
      knownAt: "2025-08-20T23:59:59.999Z",
    });
  });

  test("is empty where there is none", async () => {
    expect((await api.get(`${OF_TRUMP}/${AIR}/history`)).body).toMatchObject({ history: [] });
  });
});

describe("reading one's own writes", () => {
  test("waits for the event named, says when the view is behind, and knows an event that does not exist", async () => {
    const own = await readingApi();
    const { event } = await own.say("2025-08-19T13:00:00Z", "2025-08-19", "ruled_out");
    for (const path of [ONE, OF_TRUMP, ON_TROOPS, HISTORY, `${ONE}?entailed=true`, "/v1/changes", "/v1/review"]) {
      const { status, body, headers } = await own.get(`${path}${path.includes("?") ? "&" : "?"}after=${event}`);
      expect([path, status, body.code, headers.get("retry-after")]).toEqual([path, 503, "view_behind", "1"]);
      const missing = await own.get(`${path}${path.includes("?") ? "&" : "?"}after=${event.replace("@1", "@9")}`);
      expect([path, missing.status, missing.body.code, missing.body.errors]).toEqual([
        path,
        404,
        "event_not_found",
        [{ path: "after", message: "names no event" }],
      ]);
    }
    await own.settle();
    const { status, body } = await own.get(`${ONE}?after=${event}`);
    expect([status, body.position.stance]).toEqual([200, "ruled_out"]);
  });

  test("waits, where the inherited is asked for, for the links between propositions too", async () => {
    const linked = await readingApi();
    const body = { wording: "Paratroopers are sent", broader: [TROOPS] };
    const { event } = (await linked.call("PUT", "/v1/propositions/paratroopers", { body })).body;
    await linked.enter();
    await catchUp(positions, linked);
    for (const path of [OF_TRUMP, ON_TROOPS]) {
      expect((await linked.get(`${path}?after=${event.id}`)).status).toBe(200);
      expect((await linked.get(`${path}?after=${event.id}&entailed=true`)).body.code).toBe("view_behind");
    }
    await linked.settle();
    expect((await linked.get(`${OF_TRUMP}?after=${event.id}&entailed=true`)).status).toBe(200);
  });
});
