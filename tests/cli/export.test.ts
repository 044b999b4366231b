import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cellsOf } from "@on-record/cli/import/csv";
import { describe, expect, test } from "vitest";
import { VERIFIER_KEY } from "../helpers/log-keys.ts";
import { commandLine, filledLedger, linesIn, testFolder, testLedger } from "./cli-for-tests.ts";

const FILES = [
  "README.txt",
  "SHA256SUMS",
  "checkpoint",
  "events.jsonl",
  "leaves.txt",
  "log-keys",
  "statements.csv",
  "who-did-what.csv",
  "who-did-what.jsonl",
];

/** Rows of a CSV file by its header. Cells of these tests hold no line ends. */
function tableIn(folder: string, name: string): Record<string, string>[] {
  const lines = readFileSync(join(folder, name), "utf8").split("\r\n");
  expect(lines.pop()).toBe("");
  const [header = [], ...rows] = lines.map((line) => cellsOf(line) as string[]);
  return rows.map((cells) => Object.fromEntries(cells.map((cell, index) => [header[index] ?? "", cell])));
}

describe("an export", () => {
  test("holds every event in order with its data, the checkpoint over them, and tables for people", async () => {
    const ledger = await filledLedger(4);
    const folder = testFolder();
    const { code, out } = await commandLine(folder, ledger)("export", "--out", "ex");
    expect(code).toBe(0);
    const made = join(folder, "ex");
    expect(readdirSync(made).toSorted()).toEqual(FILES);
    expect(out).toContain(`7 events of ledger.example/log in ${made}`);

    const lines = linesIn(made, "events.jsonl").map((line) => JSON.parse(line));
    expect(lines.map(({ entry }) => entry.sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(lines[3].data.text).toContain("Statement 0");
    expect(Object.keys(lines[3])).toEqual(["entry", "data", "salt", "requestDigest"]);
    expect(readFileSync(join(made, "checkpoint"), "utf8")).toBe((await ledger.log.head()).checkpoint);
    expect(readFileSync(join(made, "log-keys"), "utf8")).toBe(`${VERIFIER_KEY}\n`);
    expect(linesIn(made, "leaves.txt").map((line) => line.split(" ")[1])).toEqual(lines.map(({ entry }) => entry.id));

    const statements = tableIn(made, "statements.csv");
    expect(statements).toHaveLength(4);
    expect(statements[0]).toMatchObject({ sequence: "3", status: "standing", speaker: "donald-trump", events: "1" });
    expect(statements[0]?.["assessments"]).toBe("us-ground-troops-in-ukraine: ruled_out [editor]");
    const who = tableIn(made, "who-did-what.csv");
    expect(who.map(({ recordedBy, type }) => `${recordedBy} ${type}`)).toEqual([
      "admin ActorRegistered",
      "admin ActorRegistered",
      "admin PropositionDefined",
      ...Array.from({ length: 4 }, () => "admin StatementRecorded"),
    ]);
    expect(linesIn(made, "who-did-what.jsonl").map((line) => JSON.parse(line))).toMatchObject(
      lines.map(({ entry }) => ({ event: entry.id, recordedBy: entry.recordedBy, recordedAt: entry.recordedAt })),
    );
  });

  test("names the sum of each file, and is its owner's alone", async () => {
    const folder = testFolder();
    await commandLine(folder, await filledLedger(1))("export", "--out", "ex");
    const made = join(folder, "ex");
    const sums = linesIn(made, "SHA256SUMS").map((line) => line.split("  "));
    expect(sums.map(([, name = ""]) => name).toSorted((a, b) => (a < b ? -1 : 1))).toEqual(
      FILES.filter((name) => name !== "SHA256SUMS"),
    );
    for (const [sum, name = ""] of sums) {
      expect(
        createHash("sha256")
          .update(readFileSync(join(made, name)))
          .digest("hex"),
      ).toBe(sum);
      expect(statSync(join(made, name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  test("is the same, read over HTTP and from the stores", async () => {
    const ledger = await filledLedger(3);
    const folder = testFolder();
    const cli = commandLine(folder, ledger);
    expect((await cli("export", "--out", "http")).code).toBe(0);
    expect((await cli("export", "--out", "stores", "--data", "anywhere")).code).toBe(0);
    for (const name of FILES) {
      expect(readFileSync(join(folder, "stores", name), "utf8"), name).toBe(
        readFileSync(join(folder, "http", name), "utf8"),
      );
    }
  });

  test("has only the tables that are asked for", async () => {
    const folder = testFolder();
    const cli = commandLine(folder, await filledLedger(1));
    await cli("export", "--out", "ex", "--format", "jsonl");
    expect(readdirSync(join(folder, "ex")).filter((name) => name.endsWith(".csv"))).toEqual([]);
    const { json } = await cli("export", "--out", "tables", "--format", "csv", "--json");
    expect(json()).toMatchObject({ size: 4, erased: 0, origin: "ledger.example/log" });
    expect(json().files).not.toContain("who-did-what.jsonl");
  });

  test("tells a spreadsheet nothing to do, and keeps quotes, commas and line ends in their cell", async () => {
    const ledger = testLedger();
    await ledger.seed();
    const text = '=HYPERLINK("http://evil.example","click"),\r\nsaid he';
    await ledger.record({ text, assessments: [], saidAt: "2025-08-19" });
    await ledger.settle();
    const folder = testFolder();
    await commandLine(folder, ledger)("export", "--out", "ex");
    const table = readFileSync(join(folder, "ex", "statements.csv"), "utf8");
    expect(table).toContain(`,"'=HYPERLINK(""http://evil.example"",""click""),\r\nsaid he",`);
    const [, row = ""] = table.split(/\r\n(?=\d+,)/);
    expect((cellsOf(row.trimEnd()) as string[]).slice(7, 10)).toEqual([
      "2025-08-19",
      "day",
      "2025-08-19T00:00:00.000Z",
    ]);
  });

  test("tells what became of each statement", async () => {
    const ledger = await filledLedger(0);
    const [kept, gone, merged] = [await ledger.record(), await ledger.record(), await ledger.record()];
    const third = (await ledger.ask("GET", `/v1/statements/${kept}`)).statement.reports[0].id;
    await ledger.ask("POST", `/v1/statements/${gone}/withdrawal`, { reason: "it was another" });
    await ledger.ask("POST", `/v1/statements/${merged}/merge`, { into: kept });
    await ledger.ask("POST", `/v1/statements/${kept}/reports/${third}/withdrawal`, { reason: "taken back" });
    await ledger.settle();
    const folder = testFolder();
    await commandLine(folder, ledger)("export", "--out", "ex");
    const status = tableIn(join(folder, "ex"), "statements.csv").map((row) => [row["statement"], row["status"]]);
    expect(Object.fromEntries(status)).toEqual({ [kept]: "standing", [gone]: "withdrawn", [merged]: "merged" });
  });

  test("ends where the log stood when it began, whatever is recorded meanwhile", async () => {
    const ledger = await filledLedger(2);
    const folder = testFolder();
    const busy = async (url: string, init: RequestInit) => {
      if (url.includes("/v1/export")) {
        await ledger.record({ text: "Recorded meanwhile." });
        await ledger.settle();
      }
      return ledger.fetch(url, init);
    };
    const { json } = await commandLine(folder, { ...ledger, fetch: busy })("export", "--out", "ex", "--json");
    expect(json().size).toBe(5);
    expect(linesIn(join(folder, "ex"), "events.jsonl")).toHaveLength(5);
  });
});

describe("an export that cannot be made", () => {
  test("leaves no folder of its name, and can be begun anew", async () => {
    const ledger = await filledLedger(3);
    const folder = testFolder();
    const stop = new AbortController();
    const fetch = async (url: string, init: RequestInit) => {
      if (url.includes("/v1/export")) stop.abort(new Error("killed"));
      return ledger.fetch(url, init);
    };
    const broken = await commandLine(folder, { ...ledger, fetch, signal: stop.signal })("export", "--out", "ex");
    expect([broken.code, broken.err]).toEqual([1, "on-record: ended before it was done\n"]);
    expect(existsSync(join(folder, "ex"))).toBe(false);
    writeFileSync(join(folder, "ex.part", "statements.csv"), "left over");
    expect((await commandLine(folder, ledger)("export", "--out", "ex", "--format", "jsonl")).code).toBe(0);
    expect(existsSync(join(folder, "ex.part"))).toBe(false);
    expect(existsSync(join(folder, "ex", "statements.csv"))).toBe(false);
  });

  test("touches no folder that is there", async () => {
    const folder = testFolder();
    mkdirSync(join(folder, "ex"));
    writeFileSync(join(folder, "ex", "letters.txt"), "mine");
    const { code, err } = await commandLine(folder, await filledLedger(1))("export", "--out", "ex");
    expect([code, err]).toEqual([
      1,
      `on-record: ${join(folder, "ex")} is there already: an export makes a folder of its own\n`,
    ]);
    expect(readdirSync(join(folder, "ex"))).toEqual(["letters.txt"]);
  });

  test("names the file that cannot be written", async () => {
    const folder = testFolder();
    writeFileSync(join(folder, "file"), "");
    const { code, err } = await commandLine(folder, await filledLedger(1))("export", "--out", "file/ex");
    expect([code, err]).toEqual([
      1,
      `on-record: cannot make the folder ${join(folder, "file", "ex.part")}: a part of the path is no folder\n`,
    ]);
  });

  test("of an empty ledger says so", async () => {
    const ledger = testLedger();
    const cli = commandLine(testFolder(), ledger);
    expect((await cli("export", "--out", "ex")).err).toContain("nothing has entered the log yet");
    expect((await cli("export", "--out", "ex", "--data", "x")).err).toContain("the log is empty");
  });

  test("for want of a scope says which one it takes", async () => {
    const ledger = await filledLedger(1);
    const { value } = await ledger.ask("POST", "/v1/tokens", {
      principal: "reader",
      scopes: ["read", "record", "edit"],
    });
    const { code, err } = await commandLine(testFolder(), ledger)("export", "--out", "ex", "--token", value);
    expect([code, err]).toEqual([1, "on-record: an export holds everything: it takes a token of scope admin\n"]);
  });

  test("from events that are not those that were signed is refused, and its folder not named", async () => {
    const ledger = await filledLedger(2);
    const folder = testFolder();
    const fetch = async (url: string, init: RequestInit) => {
      const response = await ledger.fetch(url, init);
      if (!url.includes("/v1/export")) return response;
      return new Response(
        (await response.text()).replace('"type":"StatementRecorded"', '"type":"StatementWithdrawn"'),
        response,
      );
    };
    const { code, err } = await commandLine(folder, { ...ledger, fetch })("export", "--out", "ex", "--format", "jsonl");
    expect([code, err]).toEqual([1, expect.stringContaining("do not lead to the root that the ledger signed")]);
    expect(existsSync(join(folder, "ex"))).toBe(false);
  });
});
