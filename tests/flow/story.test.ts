import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  ACTORS,
  AIR,
  EUROPEANS,
  MERGE_REASON,
  MONDAY,
  PROPOSITIONS,
  RECORDED_POST,
  REPORTED_POSTS,
  STATEMENTS,
  TROOPS,
  TRUMP,
  TUESDAY,
  ZONE,
  type StatementName,
} from "@on-record/local/demo/story";
import { TABLE } from "@on-record/local/demo/table";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  cleanEnvironment,
  startLocalLedger,
  temporaryFolder,
  type Answer,
  type Json,
  type LocalLedger,
} from "../helpers/local-ledger.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const DAYS = { monday: MONDAY, tuesday: TUESDAY };

const removals: (() => void)[] = [];
const running = new Set<LocalLedger>();

async function start(folder = newFolder()): Promise<LocalLedger> {
  const ledger = await startLocalLedger(folder);
  running.add(ledger);
  return ledger;
}

function newFolder(): string {
  const { folder, remove } = temporaryFolder();
  removals.push(remove);
  return folder;
}

async function end(ledger: LocalLedger, how: "stop" | "kill"): Promise<number | null | void> {
  running.delete(ledger);
  return ledger[how]();
}

afterAll(async () => {
  await Promise.all([...running].map((ledger) => ledger.kill()));
  for (const remove of removals) remove();
});

async function register(ledger: LocalLedger): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const [id, profile] of Object.entries(ACTORS)) answers.push(await ledger.put(`/v1/actors/${id}`, profile));
  for (const [id, profile] of Object.entries(PROPOSITIONS))
    answers.push(await ledger.put(`/v1/propositions/${id}`, profile));
  return answers;
}

const MOST_TRIES = 10;

/** Asks again where the API says that it could not answer in time, as a busy machine may not. */
async function askUntil(ask: () => Promise<Answer>, isDone: (answer: Answer) => boolean): Promise<Answer> {
  let answer = await ask();
  for (let tries = 1; !isDone(answer) && tries < MOST_TRIES; tries += 1) answer = await ask();
  return answer;
}

/** Waits until an event is behind the answers, and gives what has been announced. */
async function changesAfter(ledger: LocalLedger, answer: Answer): Promise<Json[]> {
  return ledger.client.each.listChanges({ after: answer.body.event.id }).all();
}

async function positionsOn(ledger: LocalLedger, day: string, more = ""): Promise<Answer> {
  return ledger.get(`/v1/actors/${TRUMP}/positions?asOf=${day}&zone=${ZONE}${more}`);
}

async function historyOf(ledger: LocalLedger, proposition: string, knownAt?: string): Promise<Json[]> {
  return ledger.client.each.listHistory(TRUMP, proposition, { knownAt }).all();
}

function graded({ change, reversal }: { change: string; reversal: string }): string {
  return reversal === "none" ? change : `${change}, reversal: ${reversal}`;
}

/** The steps of every position as the table words them, the statements by their names in the story. */
async function stepsOf(ledger: LocalLedger, ids: ReadonlyMap<string, string>) {
  const steps = TABLE.map(async ({ proposition }) =>
    (await historyOf(ledger, proposition)).map(({ statement, voice, outcome }) => ({
      statement: ids.get(statement),
      did: outcome.kind === "noted" ? `noted: ${outcome.why}` : graded(outcome),
      voice,
    })),
  );
  return Promise.all(steps);
}

function announced({ type, proposition, change, reversal, cause }: Json): string {
  return `${type} ${proposition} ${graded({ change, reversal })} ${cause}`;
}

function expectAll(answers: readonly Answer[], status: number): void {
  expect(answers.map((answer) => [answer.status, answer.body.code])).toEqual(answers.map(() => [status, undefined]));
}

describe("the story, with a restart and a kill -9 in the middle of it,", () => {
  const answers = {} as Record<StatementName | "post", Answer>;
  const idOf = (name: StatementName | "post"): string => answers[name].body.statement.id;
  const names = () => new Map(Object.keys(answers).map((name) => [idOf(name as StatementName), name]));
  const sent: (() => Promise<Answer>)[] = [];
  let ledger: LocalLedger;
  let merge: Answer;
  let announcedBeforeKill: Json[];

  const send = async (ask: () => Promise<Answer>): Promise<Answer> => {
    sent.push(ask);
    return ask();
  };
  const record = async (name: StatementName): Promise<void> => {
    answers[name] = await send(() => ledger.post("/v1/statements", STATEMENTS[name]));
  };

  beforeAll(async () => {
    ledger = await start();
    expectAll(await register(ledger), 201);
    await record("monday");
    await changesAfter(ledger, answers.monday);
    const code = await end(ledger, "stop");
    expect(code, ledger.output()).toBe(0);

    ledger = await start(ledger.folder);
    await record("assurance");
    announcedBeforeKill = await changesAfter(ledger, answers.assurance);
    await record("fromTheAir");
    // Acknowledged and nothing more: neither in the log nor in a view as far as anybody knows.
    await end(ledger, "kill");

    ledger = await start(ledger.folder);
    await changesAfter(ledger, answers.fromTheAir);
    await record("impossible");
    await record("briefing");
    const reports = REPORTED_POSTS.map(({ report }) =>
      send(() => ledger.post(`/v1/statements/${idOf("briefing")}/reports`, report)),
    );
    expectAll(await Promise.all(reports), 201);
    await changesAfter(ledger, answers.briefing);
    answers.post = await send(() => ledger.post("/v1/statements", RECORDED_POST.statement));
    const body = { into: idOf("briefing"), reason: MERGE_REASON };
    merge = await send(() => ledger.post(`/v1/statements/${idOf("post")}/merge`, body));
    await changesAfter(ledger, merge);
  }, 120_000);

  test("records every statement", () => {
    expectAll(Object.values(answers), 201);
  });

  test("gives the positions at the end of Monday and of Tuesday", async () => {
    const found = await Promise.all(Object.values(DAYS).map((day) => positionsOn(ledger, day)));
    const brief = found.map(({ body }) =>
      body.positions.map(({ proposition, stance, force, basis, provisional, contests }: Json) => {
        return {
          proposition,
          stance,
          force,
          basis: names().get(basis.statement),
          direct: basis.direct,
          provisional,
          contests,
        };
      }),
    );
    const settled = { provisional: false, contests: [] };
    const monday = {
      proposition: TROOPS,
      stance: "open",
      force: "commissive",
      basis: "monday",
      direct: true,
      ...settled,
    };
    const tuesday = TABLE.map((row) => ({ proposition: row.proposition, ...row.tuesday, ...settled }));
    expect(brief).toEqual([[monday], tuesday.toSorted((a, b) => (a.proposition < b.proposition ? -1 : 1))]);
  });

  test("says before Monday that there was no position, and never answers for what is still to be said", async () => {
    expect((await positionsOn(ledger, "2025-08-17")).body.positions).toEqual([]);
    const one = await ledger.get(`/v1/actors/${TRUMP}/positions/${TROOPS}?asOf=2025-08-17`);
    expect([one.status, one.body.code]).toEqual([404, "position_not_found"]);
    const future = await ledger.get(`/v1/actors/${TRUMP}/positions?asOf=2999-01-01`);
    expect([future.status, future.body.errors[0].path]).toEqual([400, "asOf"]);
  });

  test("has the words behind a position in the answer, with the evidence in them", async () => {
    const { body } = await ledger.get(`/v1/actors/${TRUMP}/positions/${TROOPS}`);
    const { text, evidence } = body.position.basis;
    expect([text, text.slice(evidence.start, evidence.end)]).toEqual([
      STATEMENTS.assurance.text,
      "“will not” place ground troops",
    ]);
  });

  test("goes step by step as the table says: the reversal partial, the press secretary's “could” noted", async () => {
    expect(await stepsOf(ledger, names())).toEqual(TABLE.map(({ steps }) => steps));
    const [, could] = await historyOf(ledger, AIR);
    expect([could.stance, could.condition, could.position.stance]).toEqual([
      "open",
      "under a future peace agreement",
      "leaning_for",
    ]);
  });

  test("announces each change once, and takes back what the merged post had reaffirmed", async () => {
    const changes = await changesAfter(ledger, merge);
    expect(changes.map(announced)).toEqual([
      `PositionChanged ${TROOPS} first new_statement`,
      `PositionChanged ${TROOPS} closed, reversal: partial new_statement`,
      `PositionChanged ${AIR} first new_statement`,
      "PositionChanged crimea-returns-to-ukraine first new_statement",
      "PositionChanged ukraine-joins-nato first new_statement",
      `PositionChanged ${TROOPS} reaffirmed new_statement`,
      `PositionChanged ${TROOPS} reaffirmed new_statement`,
      `PositionChangeWithdrawn ${TROOPS} reaffirmed retraction`,
    ]);
    const numbers = changes.filter(({ proposition }) => proposition === TROOPS).map(({ number }) => number);
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
    const reversal: Json[] = await ledger.client.each.listChanges({ reversal: "partial" }).all();
    expect(reversal.map((change) => [change.previous.statement, change.current.statement])).toEqual([
      [idOf("monday"), idOf("assurance")],
    ]);
  });

  test("announces nothing again under another id after the kill", async () => {
    const changes = await changesAfter(ledger, merge);
    expect(changes.slice(0, announcedBeforeKill.length)).toEqual(announcedBeforeKill);
    expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
  });

  test("names the briefing as similar to the post that a second desk recorded", async () => {
    // `null` would say that the hint came too late to be waited for.
    expect([null, [idOf("briefing")]]).toContainEqual(answers.post.body.similar?.map(({ id }: Json) => id) ?? null);
    const again = await askUntil(
      () => ledger.post("/v1/statements", RECORDED_POST.statement),
      ({ body }) => body.similar !== null,
    );
    expect(again.body.similar.map(({ id }: Json) => id)).toEqual([idOf("briefing")]);
  });

  test("keeps the posts as reports of one statement, and nothing of an opinion or a hypothetical", async () => {
    const { body } = await ledger.get(`/v1/statements/${idOf("briefing")}`);
    const reports = [STATEMENTS.briefing.report, ...REPORTED_POSTS.map(({ report }) => report)];
    expect(
      body.statement.reports
        .slice(0, 3)
        .map(({ publisher }: Json) => publisher)
        .toSorted(),
    ).toEqual(reports.map(({ publisher }) => publisher).toSorted());
    expect(body.statement.assessments).toEqual(answers.briefing.body.statement.assessments);
    const post = (await ledger.get(`/v1/statements/${idOf("post")}`)).body.statement;
    expect([post.status, post.merged.into, post.countingAssessments]).toEqual(["merged", idOf("briefing"), []]);
  });

  test("gives no position to those he spoke of, nor to her who spoke for him", async () => {
    const others = await Promise.all(
      [...EUROPEANS, "karoline-leavitt"].map((actor) => ledger.get(`/v1/actors/${actor}/positions`)),
    );
    expect(others.map(({ body }) => body.positions)).toEqual(others.map(() => []));
  });

  test("changes nothing when all of it is posted again", async () => {
    const before = [(await ledger.get("/v1/log")).body, await changesAfter(ledger, merge)];
    const registered = await register(ledger);
    expect(registered.map(({ status, body }) => [status, body.unchanged])).toEqual(registered.map(() => [200, true]));
    const again: Answer[] = [];
    for (const ask of sent) again.push(await ask());
    expect(again.map(({ status, body }) => [status, body.replayed || body.unchanged])).toEqual(
      again.map(() => [200, true]),
    );
    const ids = Object.values(STATEMENTS).map((body) => ledger.post("/v1/statements", body));
    expect((await Promise.all(ids)).map(({ body }) => [body.statement.id, body.replayed])).toEqual(
      Object.keys(STATEMENTS).map((name) => [idOf(name as StatementName), true]),
    );
    expect([(await ledger.get("/v1/log")).body, await changesAfter(ledger, merge)]).toEqual(before);
  });

  test("stands in the log without a gap", async () => {
    const { size } = await ledger.client.listLog();
    const entries: Json[] = await ledger.client.each.listLog({ limit: 7 }).all();
    expect(size).toBe(Object.keys(ACTORS).length + Object.keys(PROPOSITIONS).length + 6 + 2 + 1);
    expect(entries.map(({ sequence }: Json) => sequence)).toEqual(entries.map((_: unknown, at: number) => at));
    const times: string[] = entries.map(({ recordedAt }: Json) => recordedAt);
    expect(times).toEqual(times.toSorted());
  });
});

describe("Monday's statement, recorded late,", () => {
  let ledger: LocalLedger;
  let early: Answer;
  let late: Answer;
  let announcedBefore: Json[];
  const answeredBefore: Answer[] = [];
  let tuesday = "";
  let thursday = "";

  const recordedAt = async (answer: Answer): Promise<string> =>
    (await ledger.client.listStatementEvents(answer.body.statement.id)).events[0]?.recordedAt ?? "";
  const positionsKnownAt = (moment: string): Promise<Answer[]> =>
    Promise.all(Object.values(DAYS).map((day) => positionsOn(ledger, day, `&knownAt=${moment}`)));
  const stances = (found: readonly Answer[]) =>
    found.map(({ body }) => body.positions.map(({ stance }: { stance: string }) => stance));

  beforeAll(async () => {
    ledger = await start();
    await register(ledger);
    early = await ledger.post("/v1/statements", STATEMENTS.assurance);
    announcedBefore = await changesAfter(ledger, early);
    answeredBefore.push(...(await positionsKnownAt(await recordedAt(early))));
    late = await ledger.post("/v1/statements", STATEMENTS.monday);
    await changesAfter(ledger, late);
    thursday = await recordedAt(late);
    tuesday = new Date(Date.parse(thursday) - 1).toISOString();
  }, 120_000);

  test("is not known before it was recorded, and known for Monday after", async () => {
    expect(stances(await positionsKnownAt(tuesday))).toEqual([[], ["ruled_out"]]);
    expect(stances(await positionsKnownAt(thursday))).toEqual([["open"], ["ruled_out"]]);
  });

  test("leaves a final answer as it was given before", async () => {
    const moment = await recordedAt(early);
    const now = await positionsKnownAt(moment);
    const withoutThrough = ({ body: { through: _through, ...rest } }: Answer) => rest;
    expect(now.map(withoutThrough)).toEqual(answeredBefore.map(withoutThrough));
    expect(now.map(({ body }) => body.final)).toEqual([true, true]);
  });

  test("makes of Tuesday's first word a reversal, with the record as its cause", async () => {
    const announcedNow = (await changesAfter(ledger, late)).slice(announcedBefore.length);
    expect(announcedBefore.map(announced)).toEqual([`PositionChanged ${TROOPS} first new_statement`]);
    expect(announcedNow.map(announced)).toEqual([
      `PositionChangeWithdrawn ${TROOPS} first late_record`,
      `PositionChanged ${TROOPS} first late_record`,
      `PositionChanged ${TROOPS} closed, reversal: partial late_record`,
    ]);
    expect(announcedNow[0].withdraws).toBe(announcedBefore[0].id);
  });

  test("changes the history from the moment it was recorded, and not before", async () => {
    const known = async (moment: string) =>
      (await historyOf(ledger, TROOPS, moment)).map(({ outcome }) => graded(outcome));
    expect(await known(tuesday)).toEqual(["first"]);
    expect(await known(thursday)).toEqual(["first", "closed, reversal: partial"]);
  });
});

describe("examples/story.sh", () => {
  let ledger: LocalLedger;
  let printed: string[] = [];

  const tell = async (more: Record<string, string> = {}) => {
    const env = cleanEnvironment({ URL: ledger.url, TOKEN: ledger.token, ...more });
    const { stdout } = await run("sh", ["examples/story.sh"], { cwd: ROOT, env });
    return stdout.split("\n");
  };

  beforeAll(async () => {
    ledger = await start();
    printed = await tell();
  }, 120_000);

  test("tells the story and prints the positions and the reversal", async () => {
    expect(printed.filter((line) => line.startsWith("  "))).toEqual([
      `  ${TROOPS}: open`,
      "  crimea-returns-to-ukraine: ruled_out",
      "  ukraine-joins-nato: ruled_out",
      `  ${AIR}: leaning_for`,
      `  ${TROOPS}: ruled_out`,
      `  ${TROOPS}: closed, reversal partial, new_statement`,
    ]);
  });

  test("can be run again, and changes nothing", async () => {
    const { size } = (await ledger.get("/v1/log")).body;
    const again = await tell();
    expect(again.filter((line) => /^\d/.test(line) && !line.startsWith("200"))).toEqual([]);
    expect((await ledger.get("/v1/log")).body.size).toBe(size);
  });

  test("sends exactly what the demo sends", async () => {
    const posts = [...Object.values(STATEMENTS), RECORDED_POST.statement];
    const answers = await Promise.all(posts.map((body) => ledger.post("/v1/statements", body)));
    expect(answers.map(({ status, body }) => [status, body.replayed])).toEqual(posts.map(() => [200, true]));
    const briefing = answers[posts.indexOf(STATEMENTS.briefing)]?.body.statement;
    for (const { report } of REPORTED_POSTS) {
      const { body } = await ledger.post(`/v1/statements/${briefing.id}/reports`, report);
      expect(body.unchanged).toBe(true);
    }
    const registered = await register(ledger);
    expect(registered.filter(({ status }) => status === 201)).toHaveLength(EUROPEANS.length);
  });

  test("stops at a refusal, and says what was refused", async () => {
    await expect(tell({ TOKEN: "wrong" })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("401  PUT /v1/actors/donald-trump"),
    });
  });
});
