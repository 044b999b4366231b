import { readFileSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cellsOf } from "@on-record/cli/import/csv";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { TROOPS } from "../http/api-for-tests.ts";
import { readingApi } from "../helpers/reading-api.ts";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { commandLine, filledLedger, testFolder } from "./cli-for-tests.ts";

const NAMES = PROJECTIONS.map(({ name }) => name);

describe("replay", () => {
  test("rebuilds every view, shows it, and leaves what queries answer as it was", async () => {
    const ledger = await filledLedger(70);
    const cli = commandLine(testFolder(), ledger);
    const ask = () => ledger.ask("GET", `/v1/actors/donald-trump/positions/${TROOPS}?knownAt=2025-08-20T12:00:00.001Z`);
    const before = await ask();
    const { code, out } = await cli("replay");
    expect([code, out]).toEqual([
      0,
      [
        "registry: build 1 is shown, through event 72.",
        "positions: build 1 is shown, through event 72.",
        "statements: build 1 is shown, through event 63.",
        "changes: build 1 is shown, through event 63.\n",
      ].join("\n"),
    ]);
    expect(await ask()).toEqual(before);
    expect((await cli("check")).code).toBe(0);
  });

  test("of one view leaves the others alone, and removes what it took the place of where it is told to", async () => {
    const ledger = await filledLedger(2);
    const cli = commandLine(testFolder(), ledger);
    const { json } = await cli("replay", "--projection", "positions", "--remove-old", "--json");
    expect(json().replayed).toEqual([{ name: "positions", build: 1, through: 4, removed: expect.any(Number) }]);
    expect(json().replayed[0].removed).toBeGreaterThan(3);
    expect((await ledger.views.checkpoint("registry")).build).toBeUndefined();
    expect((await cli("check", "--projection", "positions")).out).toMatch(
      /^positions: \d+ rows are what the log says, through event 4\.\n$/,
    );
  });

  test("that is ended switches nothing, and goes on where it was when it is run again", async () => {
    const ledger = await filledLedger(8);
    const stop = new AbortController();
    let steps = 0;
    const views = new Proxy(ledger.views, {
      get(of, name) {
        const value: unknown = Reflect.get(of, name);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (name === "advance" && ++steps === 3) stop.abort(new Error("Ctrl-C"));
          return value.apply(of, args) as unknown;
        };
      },
    });
    const stores = { ...ledger.stores, views };
    const ended = await commandLine(testFolder(), { stores, signal: stop.signal })(
      "replay",
      "--projection",
      "positions",
    );
    expect([ended.code, ended.out]).toEqual([
      1,
      "positions: ended before it was whole. What is shown has not changed; run it again to go on.\n",
    ]);
    expect((await ledger.views.checkpoint("positions")).build).toBeUndefined();
    const reached = (await ledger.views.checkpoint("positions@1")).next;
    expect(reached).toBeGreaterThan(0);
    const { code, out } = await commandLine(testFolder(), ledger)("replay", "--projection", "positions");
    expect([code, out]).toEqual([0, "positions: build 1 is shown, through event 10.\n"]);
  });

  test("of an empty ledger has nothing to show", async () => {
    const ledger = await filledLedger(0);
    const empty = { ...ledger.stores, views: new MemoryViews() };
    const { out } = await commandLine(testFolder(), { stores: empty })("replay", "--projection", "changes");
    expect(out).toBe("changes: build 1 is shown, and holds nothing yet.\n");
  });
});

describe("check", () => {
  test("names the first row that differs, what the log makes of it, and the way out", async () => {
    const ledger = await filledLedger(3);
    const cli = commandLine(testFolder(), ledger);
    let planted: { pk: string; sk: string } | undefined;
    for await (const rows of ledger.views.scan()) {
      for (const row of rows) {
        if (planted !== undefined || !row.pk.startsWith("positions#")) continue;
        planted = row;
        await ledger.views.put([{ ...row, body: { ...row.body, planted: "\u001b[2Jyes" } }]);
      }
    }
    const { code, out } = await cli("check");
    expect(code).toBe(1);
    expect(out).toContain("positions: a row is shown otherwise than the log makes it.");
    expect(out).toContain(`  row       ${planted?.pk} ${planted?.sk}`);
    expect(out).toContain('"planted":"\\u001b[2Jyes"');
    expect(out).toContain("on-record replay --projection positions makes it anew.");
    for (const name of NAMES.filter((name) => name !== "positions"))
      expect(out).toMatch(new RegExp(`^${name}: (\\d+ rows? are|nothing is)`, "m"));
    await cli("replay", "--projection", "positions", "--remove-old");
    expect((await cli("check")).code).toBe(0);
  });

  test("tells programs the difference itself", async () => {
    const ledger = await filledLedger(1);
    await ledger.views.put([{ pk: "registry#planted", sk: "000000000000", body: { planted: true } }]);
    const { code, json } = await commandLine(testFolder(), ledger)("check", "--json", "--projection", "registry");
    expect(code).toBe(1);
    expect(json().checked).toEqual([
      {
        name: "registry",
        through: 3,
        rowsCount: expect.any(Number),
        difference: { kind: "extra", pk: "registry#planted", sk: "000000000000", shown: { planted: true } },
      },
    ]);
  });
});

describe("state", () => {
  type Api = Awaited<ReturnType<typeof readingApi>>;
  let api: Api;
  const sequences: number[] = [];
  beforeAll(async () => {
    api = await readingApi();
    const record = async (...args: Parameters<Api["say"]>) => {
      await api.say(...args);
      await api.settle();
      sequences.push((await api.log.head()).size - 1);
    };
    await record("2025-08-18T20:00:00Z", "2025-08-18T15:00:00Z", "open");
    await record("2025-08-19T20:00:00Z", "2025-08-19T15:00:00Z", "ruled_out");
    await record("2025-08-20T20:00:00Z", "2025-08-18T10:00:00Z", "leaning_for");
  });
  const stateOf = (...argv: string[]) => {
    const stores = { streams: api.streams, log: api.log, views: api.views, places: new MemoryViews() };
    return commandLine(testFolder(), { stores })("state", ...argv);
  };
  const stances = async (...argv: string[]): Promise<string[]> => {
    const { out } = await stateOf(...argv);
    return out
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line).stance);
  };

  test("is what had been recorded by an event, or by a moment", async () => {
    expect(await stances("--at", "2")).toEqual([]);
    for (const [index, stance] of ["open", "ruled_out", "ruled_out"].entries()) {
      expect(await stances("--at", String(sequences[index]))).toEqual([stance]);
    }
    expect(await stances("--at", "2025-08-18T19:59:59Z")).toEqual([]);
    expect(await stances("--at", "2025-08-19T19:59:59.999Z")).toEqual(["open"]);
    expect(await stances("--at", "2025-08-19T22:00:00.000+02:00")).toEqual(["ruled_out"]);
  });

  test("is, with --as-of, what had been said by a moment of what was known then", async () => {
    expect(await stances("--at", "2025-08-21T00:00:00Z", "--as-of", "2025-08-18T12:00:00Z")).toEqual(["leaning_for"]);
    expect(await stances("--at", "2025-08-19T21:00:00Z", "--as-of", "2025-08-18T12:00:00Z")).toEqual([]);
    expect(await stances("--at", "2025-08-21T00:00:00Z", "--as-of", "2025-08-19T12:00:00Z")).toEqual(["open"]);
  });

  test("says the same as the views say of that moment", async () => {
    for (const [at, asOf] of [
      ["2025-08-21T00:00:00.000Z", "2025-08-18T12:00:00.000Z"],
      ["2025-08-20T00:00:00.000Z", "2025-08-20T00:00:00.000Z"],
    ] as const) {
      const { body } = await api.get(`/v1/actors/donald-trump/positions/${TROOPS}?knownAt=${at}&asOf=${asOf}`);
      const row = JSON.parse((await stateOf("--at", at, "--as-of", asOf)).out);
      const { stance, since, force, basis, provisional } = body.position;
      expect(row).toMatchObject({
        stance,
        since,
        force,
        provisional,
        statement: basis.statement,
        corroboration: basis.corroboration,
      });
    }
  });

  test("of before anything was recorded is empty, and says so", async () => {
    const { code, out, err } = await stateOf("--at", "2020-01-01T00:00:00Z");
    expect([code, out, err]).toEqual([0, "", "Nothing had been recorded by then.\n"]);
  });

  test("of an event that there is not, or as of later than what was known, is refused", async () => {
    const { code, out, err } = await stateOf("--at", "99");
    expect([code, out, err]).toEqual([
      1,
      "",
      `on-record: there is no event 99: the log holds the events 0 to ${sequences.at(-1)}\n`,
    ]);
    const late = await stateOf("--at", String(sequences[0]), "--as-of", "2025-08-19T00:00:00Z");
    expect([late.code, late.err]).toEqual([
      2,
      expect.stringContaining("is later than what was known then, at 2025-08-18T20:00:00.000Z"),
    ]);
  });

  test("is a table in a file, there as a whole or not at all", async () => {
    const stores = { streams: api.streams, log: api.log, views: api.views, places: new MemoryViews() };
    const folder = testFolder();
    const cli = commandLine(folder, { stores });
    const at = String(sequences[1]);
    const { code, out } = await cli("state", "--at", at, "--format", "csv", "--out", "wednesday.csv");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          `^1 position in ${join(folder, "wednesday.csv")}, as of 2025-08-19T20:00:00.000Z, as known through event ${at}`,
        ),
      ),
    ]);
    const [header, row] = readFileSync(join(folder, "wednesday.csv"), "utf8").split("\r\n");
    expect(header).toBe(
      "actor,proposition,stance,condition,force,since,statement,saidFrom,speaker,direct,contested,provisional,corroboration",
    );
    expect((cellsOf(row ?? "") as string[]).slice(0, 5)).toEqual([
      "donald-trump",
      TROOPS,
      "ruled_out",
      "",
      "commissive",
    ]);
    writeFileSync(join(folder, "bar"), "");
    const barred = await cli("state", "--at", at, "--out", "bar/x.csv");
    expect([barred.code, barred.err]).toEqual([
      1,
      `on-record: cannot write ${join(folder, "bar", "x.csv.part")}: a part of the path is no folder\n`,
    ]);
    expect(existsSync(join(folder, "wednesday.csv.part"))).toBe(false);
  });
});
