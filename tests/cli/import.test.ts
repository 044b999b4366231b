import { existsSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Io } from "@on-record/cli/io";
import { describe, expect, test } from "vitest";
import { TROOPS } from "../http/api-for-tests.ts";
import { commandLine, testFolder, testLedger, TestSink, type Json, type TestLedger } from "./cli-for-tests.ts";

const ACTOR = { actor: { id: "donald-trump", name: "Donald Trump", kind: "person" } };
const SPOKESPERSON = {
  actor: { id: "karoline-leavitt", name: "Karoline Leavitt", kind: "person", speaksFor: ["donald-trump"] },
};
const PROPOSITION = { proposition: { id: TROOPS, wording: "The United States deploys ground troops in Ukraine" } };
const said = (n: number, more: object = {}) => ({
  speaker: "donald-trump",
  text: `We will not, said ${n}.`,
  saidAt: "2025-08-19T12:00:00Z",
  report: { publisher: "Wire", url: `https://wire.example/${n}` },
  assessments: [{ proposition: TROOPS, stance: "ruled_out" }],
  ...more,
});

/** A file of rows beside a command line. */
function withFile(
  rows: readonly (object | string)[],
  ledger: TestLedger,
  world: Partial<Parameters<typeof commandLine>[1]> = {},
) {
  const folder = testFolder();
  const text = rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n");
  writeFileSync(join(folder, "in.jsonl"), text);
  return { folder, cli: commandLine(folder, { ...ledger, ...world }) };
}

async function recordedIn(ledger: TestLedger): Promise<Json[]> {
  await ledger.settle();
  const { entries } = await ledger.ask("GET", "/v1/log?limit=100");
  return entries;
}

describe("a file of JSON Lines", () => {
  test("is recorded, actors and propositions first, in whatever order it has them", async () => {
    const ledger = testLedger();
    const { cli } = withFile(
      [
        said(1),
        said(2, { speaker: "karoline-leavitt", onBehalfOf: "donald-trump" }),
        ACTOR,
        SPOKESPERSON,
        { statement: said(3) },
        PROPOSITION,
      ],
      ledger,
    );
    const { code, out } = await cli("import", "in.jsonl");
    expect([code, out]).toEqual([
      0,
      "Of 6 rows: 3 statements recorded; 0 recorded before; 3 actors and propositions registered, 0 as they were; 0 rows not taken.\n",
    ]);
    expect((await recordedIn(ledger)).map(({ type }) => type)).toHaveLength(6);
  });

  test("is recorded once, however often it is imported, in whatever batches, and with white space of any kind", async () => {
    const ledger = testLedger();
    const rows = [ACTOR, PROPOSITION, ...Array.from({ length: 7 }, (_, n) => said(n))];
    const { cli, folder } = withFile(rows, ledger);
    expect((await cli("import", "in.jsonl", "--batch", "3")).code).toBe(0);
    expect((await cli("import", "in.jsonl")).out).toContain(
      "0 statements recorded; 7 recorded before; 0 actors and propositions registered, 2 as they were",
    );
    writeFileSync(
      join(folder, "other.jsonl"),
      `\uFEFF${rows.map((row) => `  ${JSON.stringify(row, null, 1).replaceAll("\n", " ")} \r\n`).join("\n")}`,
    );
    expect((await cli("import", "other.jsonl")).out).toContain("0 statements recorded; 7 recorded before");
    expect(await recordedIn(ledger)).toHaveLength(9);
  });

  test("takes the same row twice for one, and its own keys as they are", async () => {
    const ledger = testLedger();
    const { cli } = withFile(
      [ACTOR, PROPOSITION, said(1), said(1), said(1, { idempotencyKey: "mine" }), said(2, { idempotencyKey: "mine" })],
      ledger,
    );
    const { code, out } = await cli("import", "in.jsonl");
    expect(code).toBe(1);
    expect(out).toMatch(/^line 6: idempotency_mismatch: /);
    expect(out).toContain("2 statements recorded; 1 recorded before");
  });

  test("reports each bad row with its line, what it is for, and goes on", async () => {
    const ledger = testLedger();
    const rows = [
      ACTOR,
      "not json",
      "",
      PROPOSITION,
      '"a text"',
      said(1, { saidAt: "yesterday" }),
      said(2, { surprise: 1, report: { publisher: "W", url: "nowhere" } }),
      said(3, { speaker: "nobody" }),
      { actor: { id: "Not A Slug", name: "N", kind: "person" } },
      { actor: { id: "a" }, proposition: {} },
      { actor: { id: "eu", name: "EU", kind: "organisation", speaksFor: ["nobody-else"] } },
      "x".repeat(300_000),
      said(4),
    ];
    const { cli } = withFile(rows, ledger);
    const { code, out } = await cli("import", "in.jsonl");
    expect(code).toBe(1);
    const bad = out.split("\n").filter((line) => line.startsWith("line "));
    expect(bad.map((line) => Number(/^line (\d+)/.exec(line)?.[1]))).toEqual([2, 5, 6, 7, 9, 10, 12, 11, 8]);
    const of = (line: number) => bad.find((text) => text.startsWith(`line ${line}:`));
    expect(of(2)).toBe("line 2: is not JSON");
    expect(of(5)).toBe("line 5: is not an object");
    expect(of(6)).toMatch(/^line 6: saidAt: a real date/);
    expect(of(7)).toMatch(/report\.url: .*; surprise is not a known field/);
    expect(of(8)).toMatch(/^line 8: unknown_actor: there is no actor nobody/);
    expect(of(9)).toMatch(/^line 9: id: lower-case words/);
    expect(of(10)).toBe("line 10: proposition cannot stand beside actor");
    expect(of(11)).toMatch(/^line 11: unknown_actor: /);
    expect(of(12)).toBe("line 12: is longer than 262144 bytes");
    expect(out).toContain("Of 12 rows: 1 statement recorded");
    expect((await recordedIn(ledger)).map(({ type }) => type)).toEqual([
      "ActorRegistered",
      "PropositionDefined",
      "StatementRecorded",
    ]);
  });

  test("tells programs the same in one value", async () => {
    const ledger = testLedger();
    const { cli } = withFile([ACTOR, PROPOSITION, said(1), "{}"], ledger);
    const { code, json, err } = await cli("import", "in.jsonl", "--json");
    expect([code, err]).toEqual([1, ""]);
    expect(json()).toEqual({
      dryRun: false,
      rows: 4,
      counts: { recorded: 1, replayed: 0, registered: 2, unchanged: 0 },
      bad: [{ line: 4, message: expect.stringContaining("speaker: is required") }],
    });
  });

  test("is only looked at in a dry run, which knows what the file itself brings", async () => {
    const ledger = testLedger();
    const { cli, folder } = withFile(
      [said(1), ACTOR, SPOKESPERSON, PROPOSITION, said(2, { speaker: "nobody" }), "{}"],
      ledger,
    );
    const { code, out } = await cli("import", "in.jsonl", "--dry-run");
    expect(code).toBe(1);
    expect(out).toMatch(
      /line 6: .*\nline 5: unknown_actor: .*\nOf 6 rows: 1 statement would be recorded; .* 3 actors and propositions would be registered.*Nothing was recorded\.\n$/,
    );
    expect(await recordedIn(ledger)).toEqual([]);
    expect(existsSync(join(folder, "in.jsonl.import-state.json"))).toBe(false);
  });

  test("says what differs from what is registered already, and alters it not", async () => {
    const ledger = testLedger();
    await ledger.seed();
    const { cli } = withFile([{ actor: { ...ACTOR.actor, aliases: ["Mr President"] } }, ACTOR], ledger);
    const { code, out } = await cli("import", "in.jsonl");
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(
        /^line 1: precondition_required: [^\n]*\nOf 2 rows: .*0 actors and propositions registered, 1 as they were; 1 row not taken/,
      ),
    ]);
  });
});

describe("an import that is killed", () => {
  const ROWS = [ACTOR, PROPOSITION, ...Array.from({ length: 12 }, (_, n) => said(n)), said(99, { speaker: "nobody" })];

  /** A network that dies with a request, before or behind what it does. */
  function dying(ledger: TestLedger, at: number, when: "before" | "after") {
    const killed = new AbortController();
    let requests = 0;
    const fetch: Io["fetch"] = async (url, init) => {
      requests += 1;
      if (requests === at && when === "before") killed.abort(new Error("killed"));
      init.signal?.throwIfAborted();
      const answer = await ledger.fetch(url, { ...init, signal: null });
      if (requests === at) killed.abort(new Error("killed"));
      killed.signal.throwIfAborted();
      return answer;
    };
    return { fetch, signal: killed.signal, requests: () => requests };
  }

  test("at any request is gone on with, records nothing twice, and tells everything in the end", async () => {
    const counting = testLedger();
    const whole = dying(counting, 0, "before");
    await withFile(ROWS, counting, whole).cli("import", "in.jsonl", "--batch", "4");
    const requests = whole.requests();
    expect(requests).toBe(6);
    for (let at = 1; at <= requests; at += 1) {
      for (const when of ["before", "after"] as const) {
        const ledger = testLedger();
        const { cli, folder } = withFile(ROWS, ledger, dying(ledger, at, when));
        expect((await cli("import", "in.jsonl", "--batch", "4")).code).toBe(1);
        const again = await commandLine(folder, ledger)("import", "in.jsonl", "--batch", "4", "--json");
        const { counts, bad } = again.json();
        expect([at, when, counts.recorded + counts.replayed, bad]).toEqual([
          at,
          when,
          12,
          [{ line: 15, message: expect.stringContaining("unknown_actor") }],
        ]);
        expect(await recordedIn(ledger)).toHaveLength(14);
        expect(existsSync(join(folder, "in.jsonl.import-state.json"))).toBe(false);
      }
    }
  });

  test("goes on where it was, and does not ask again for what is settled", async () => {
    const ledger = testLedger();
    const { cli, folder } = withFile(ROWS, ledger, dying(ledger, 5, "before"));
    await cli("import", "in.jsonl", "--batch", "4");
    expect(JSON.parse(readFileSync(join(folder, "in.jsonl.import-state.json"), "utf8"))).toMatchObject({
      registryDone: true,
      throughLine: 10,
    });
    const rest = dying(ledger, 0, "before");
    await commandLine(folder, rest)("import", "in.jsonl", "--batch", "4");
    expect(rest.requests()).toBe(2);
  });

  test("begins anew where the file has changed, or its state cannot be read, or is another ledger's", async () => {
    for (const alter of [
      (folder: string) =>
        writeFileSync(join(folder, "in.jsonl"), `${readFileSync(join(folder, "in.jsonl"), "utf8")}\n`),
      (folder: string) => writeFileSync(join(folder, "in.jsonl.import-state.json"), "{"),
    ]) {
      const ledger = testLedger();
      const { cli, folder } = withFile(ROWS, ledger, dying(ledger, 5, "before"));
      await cli("import", "in.jsonl", "--batch", "4");
      alter(folder);
      const { json } = await commandLine(folder, ledger)("import", "in.jsonl", "--json");
      expect(json().counts).toEqual({ recorded: 4, replayed: 8, registered: 0, unchanged: 2 });
    }
  });

  test("needs no state: where that cannot be written it says so once, and records all the same", async () => {
    const ledger = testLedger();
    const { cli, folder } = withFile(ROWS, ledger);
    mkdirSync(join(folder, "in.jsonl.import-state.json.part"));
    const { code, err, json } = await cli("import", "in.jsonl", "--batch", "2", "--json");
    expect(code).toBe(1);
    expect(err).toBe(
      `on-record: cannot write ${join(folder, "in.jsonl.import-state.json.part")}: it is a folder: a killed import will begin anew, and still record nothing twice\n`,
    );
    expect(json().counts.recorded).toBe(12);
  });
});

describe("a store that does not answer", () => {
  test("for some of a batch is asked again for those, and for no other", async () => {
    const ledger = testLedger();
    const asked: number[] = [];
    const fetch: Io["fetch"] = async (url, init) => {
      const response = await ledger.fetch(url, init);
      if (!url.endsWith(":batch")) return response;
      const body = (await response.json()) as Json;
      asked.push(body.results.length);
      const problem = { type: "x", code: "store_unavailable", title: "Store unavailable", status: 503 };
      const results = body.results.map((each: Json, index: number) =>
        asked.length < 3 && index % 2 === 0 ? { index, status: 503, problem } : each,
      );
      return Response.json({ ...body, results });
    };
    const paused: number[] = [];
    const { cli } = withFile([ACTOR, PROPOSITION, ...Array.from({ length: 8 }, (_, n) => said(n))], ledger, {
      fetch,
      sleep: async (ms) => void paused.push(ms),
    });
    const { code, json } = await cli("import", "in.jsonl", "--json");
    expect([code, asked, paused]).toEqual([0, [8, 4, 2], [1_000, 2_000]]);
    expect(json().counts).toMatchObject({ recorded: 4, replayed: 4 });
    expect(await recordedIn(ledger)).toHaveLength(10);
  });

  test("for long ends the import, which can be gone on with", async () => {
    const ledger = testLedger();
    const fetch: Io["fetch"] = async (url, init) =>
      url.endsWith(":batch") ? new Response("down", { status: 502 }) : ledger.fetch(url, init);
    const { cli, folder } = withFile([ACTOR, PROPOSITION, said(1)], ledger, { fetch });
    const { code, err } = await cli("import", "in.jsonl");
    expect([code, err]).toEqual([1, expect.stringContaining("502")]);
    expect((await commandLine(folder, ledger)("import", "in.jsonl", "--json")).json().counts).toEqual({
      recorded: 1,
      replayed: 0,
      registered: 2,
      unchanged: 0,
    });
  });

  test("for want of a scope records nothing and says so", async () => {
    const ledger = testLedger();
    const { value } = await ledger.ask("POST", "/v1/tokens", { principal: "reader", scopes: ["read"] });
    const { cli } = withFile([said(1)], ledger);
    const { code, err } = await cli("import", "in.jsonl", "--token", value);
    expect([code, err]).toEqual([1, expect.stringContaining("403 forbidden")]);
  });
});

describe("a CSV file", () => {
  const withTable = (text: string, ledger: TestLedger) => {
    const folder = testFolder();
    writeFileSync(join(folder, "in.csv"), text);
    return commandLine(folder, ledger);
  };

  test("of statements is recorded, each with its report and its assessments", async () => {
    const ledger = testLedger();
    await ledger.seed();
    const cli = withTable(
      [
        "\uFEFFspeaker,onBehalfOf,saidAt,saidAtPrecision,text,publisher,url,headline,proposition,stance,cue,confidence,evidenceStart,evidenceEnd,assessments",
        `donald-trump,,2025-08-19T09:00-04:00,,"We will not,\r\nsaid ""he"".",Wire,https://wire.example/1,A headline,${TROOPS},ruled_out,will not,0.9,3,11,`,
        `karoline-leavitt,donald-trump,2025-08-19,day,They will not.,Wire,https://wire.example/2,,,,,,,,"[{""proposition"":""${TROOPS}"",""stance"":""open""}]"`,
        "donald-trump,,2025-08-19,,Nothing of it.,Wire,https://wire.example/3,,,,,,,,",
      ].join("\r\n"),
      ledger,
    );
    const { code, out } = await cli("import", "in.csv");
    expect([code, out]).toEqual([0, expect.stringContaining("3 statements recorded")]);
    const { statements } = await ledger.settle().then(() => ledger.ask("GET", "/v1/statements?speaker=donald-trump"));
    const one = statements.find((each: Json) => each.reports[0].url.endsWith("/1"));
    expect(one).toMatchObject({ text: 'We will not,\r\nsaid "he".', reports: [{ headline: "A headline" }] });
    expect(one.assessments).toMatchObject([
      { stance: "ruled_out", cue: "will not", confidence: 0.9, evidence: { start: 3, end: 11 } },
    ]);
  });

  test("of other columns is read as --map says", async () => {
    const ledger = testLedger();
    await ledger.seed();
    const cli = withTable(
      "Who,Quote,When,Outlet,Link,Notes\ndonald-trump,We will not.,2025-08-19,Wire,https://wire.example/1,to check\n",
      ledger,
    );
    const unmapped = await cli("import", "in.csv");
    expect([unmapped.code, unmapped.err]).toEqual([
      1,
      expect.stringContaining('the column "Who" is not known: name the field that it holds with --map "Who=<field>"'),
    ]);
    const map = ["Who=speaker", "Quote=text", "When=saidAt", "Outlet=publisher", "Link=url", "Notes="].flatMap(
      (pair) => ["--map", pair],
    );
    expect((await cli("import", "in.csv", ...map)).out).toContain("1 statement recorded");
    expect((await cli("import", "in.csv", ...map, "--map", "Whom=speaker")).err).toContain(
      'the column "Whom", which the file does not have',
    );
  });

  test("of actors and of propositions registers them, with lists in cells", async () => {
    const ledger = testLedger();
    const actors = withTable(
      "id,name,kind,aliases,speaksFor\ndonald-trump,Donald Trump,person,The President; POTUS ,\nkaroline-leavitt,Karoline Leavitt,person,,donald-trump\n",
      ledger,
    );
    expect((await actors("import", "in.csv", "--kind", "actors")).out).toContain(
      "2 actors and propositions registered",
    );
    const propositions = withTable(
      `id,wording,topics\n${TROOPS},The United States deploys ground troops in Ukraine,Ukraine;NATO\n`,
      ledger,
    );
    expect((await propositions("import", "in.csv", "--kind", "propositions")).code).toBe(0);
    expect((await ledger.ask("GET", "/v1/actors/donald-trump")).actor.aliases).toEqual(["The President", "POTUS"]);
    expect((await ledger.ask("GET", `/v1/propositions/${TROOPS}`)).proposition.topics).toEqual(["Ukraine", "NATO"]);
  });

  test("reports rows by the line that they begin in", async () => {
    const ledger = testLedger();
    await ledger.seed();
    const rows = [
      "speaker,saidAt,text,publisher,url,confidence,stance,proposition",
      'donald-trump,2025-08-19,"two\nlines",Wire,https://wire.example/1,,,',
      "donald-trump,2025-08-19,too few",
      'donald-trump,2025-08-19,"a"b,Wire,https://wire.example/2,,,',
      `donald-trump,2025-08-19,unsure,Wire,https://wire.example/3,very,open,${TROOPS}`,
      "donald-trump,2025-08-19,good,Wire,https://wire.example/4,,,",
    ];
    const { code, out } = await withTable(rows.join("\n"), ledger)("import", "in.csv");
    expect(code).toBe(1);
    expect(out).toBe(
      [
        "line 4: has 3 cells, and there are 8 columns",
        "line 5: something stands behind a closing quote",
        "line 6: assessments.0.confidence: Invalid input: expected number, received string",
        "Of 5 rows: 2 statements recorded; 0 recorded before; 3 rows not taken.\n",
      ].join("\n"),
    );
  });

  test.each([
    ["", "the file is empty: its first line names the columns"],
    ["speaker,speaker\n", 'two columns are named "speaker"'],
    ['"speaker\n', "line 1, which names the columns, cannot be read: a quote is opened and not closed"],
  ])("that begins with %j is not read", async (text, message) => {
    const { code, err } = await withTable(text, testLedger())("import", "in.csv");
    expect([code, err]).toEqual([1, `on-record: ${message}\n`]);
  });

  test("that is not there is named", async () => {
    const folder = testFolder();
    const { code, err } = await commandLine(folder, testLedger())("import", "none.csv");
    expect([code, err]).toEqual([
      1,
      `on-record: cannot read ${join(folder, "none.csv")}: there is no such file or folder\n`,
    ]);
  });
});

test("progress counts the rows that are settled", async () => {
  const ledger = testLedger();
  const err = new TestSink();
  err.isTTY = true;
  const { cli } = withFile([ACTOR, PROPOSITION, said(1), said(2)], ledger, { err });
  await cli("import", "in.jsonl");
  expect(err.text).toContain("importing [########################] 100 % 4 of 4 rows");
});
