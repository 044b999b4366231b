// The command as it is typed: a process of its own, against ledgers of this machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TABLE_NAMES } from "@on-record/local/tables";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { until } from "../helpers/engine-for-tests.ts";
import { cleanEnvironment, startLocalLedger, temporaryFolder } from "../helpers/local-ledger.ts";
import { TROOPS } from "../http/api-for-tests.ts";
import { commandLine, type Ran } from "./cli-for-tests.ts";

const BIN = fileURLToPath(new URL("../../packages/cli/bin/on-record.mjs", import.meta.url));

interface Done {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the command as a process; its reader may go before the end. */
async function onRecord(argv: readonly string[], { readsBytes = Infinity } = {}): Promise<Done> {
  const child = spawn(process.execPath, [BIN, ...argv], { env: cleanEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
    if (out.length >= readsBytes) child.stdout.destroy();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

describe("the process", () => {
  test("ends with the command's exit code, results on one output and errors on the other", async () => {
    const { code, out, err } = await onRecord(["frobnicate"]);
    expect([code, out, err]).toEqual([2, "", 'on-record: "frobnicate" is not a command: see on-record --help\n']);
  }, 60_000);

  test("goes on when nobody reads it any more, without a word", async () => {
    const { code, err } = await onRecord(["--help"], { readsBytes: 1 });
    expect([code, err]).toEqual([0, ""]);
  }, 60_000);
});

/** Commands within this process, for the ledger in a folder of this machine. */
function machineOf(folder: string, data: string) {
  const env = { ON_RECORD_URL: "", ON_RECORD_TOKEN: "", ON_RECORD_DATA: data };
  return commandLine(folder, { env, fetch: (url, init) => fetch(url, init) });
}

/** The same, by the names of its tables, as if it were deployed. */
function byTables(folder: string, data: string) {
  const { endpoint } = JSON.parse(readFileSync(join(data, "running.json"), "utf8"));
  vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", endpoint);
  const { events, log, views, control } = TABLE_NAMES;
  const env = { ON_RECORD_EVENTS_TABLE: events, ON_RECORD_LOG_TABLE: log };
  return commandLine(folder, { env: { ...env, ON_RECORD_VIEWS_TABLE: views, ON_RECORD_CONTROL_TABLE: control } });
}

describe("a ledger of this machine", () => {
  test("that is not there, or not running, is named", async () => {
    const { folder, remove } = temporaryFolder();
    onTestFinished(remove);
    const cli = machineOf(folder, "none");
    const none = join(folder, "none");
    expect((await cli("check")).err).toBe(`on-record: there is no ledger in ${none}: name its folder with --data\n`);
    expect((await cli("tail")).err).toBe(
      `on-record: no ledger is running on ${none}: start it with npm start, or name one with --url or --data\n`,
    );
  });

  test("is found by its folder, taken out whole, and brought back in another", async () => {
    const { folder, remove } = temporaryFolder();
    onTestFinished(remove);
    const [data, moved] = [join(folder, "old"), join(folder, "new")];
    const ledger = await startLocalLedger(data, { ON_RECORD_TOKEN: "" });
    onTestFinished(() => ledger.kill());
    const cli = machineOf(folder, data);
    await imported(folder, cli);
    await until("everything is in the log", async () => (await cli("tail")).out.split("\n").length > 5, 20_000);
    expect((await cli("verify")).out).toMatch(/^Good\. 5 events of on-record\.local\//);
    expect((await cli("export", "--out", "ex")).code).toBe(0);
    // Beside the running ledger, through its engine.
    const replayed = await cli("replay", "--projection", "positions");
    expect(replayed.out).toBe("positions: build 1 is shown, through event 4.\n");
    expect((await cli("check")).code).toBe(0);
    expect((await byTables(folder, data)("check", "--aws")).out).toBe((await cli("check")).out);
    const taken = await cli("restore", "--from", "ex", "--data", "old");
    expect([taken.code, taken.err]).toEqual([1, `on-record: a ledger is running on ${data}: stop it first\n`]);
    await ledger.stop();

    const keys = ["--log-keys", "old/log-signing-keys", "--ledger-key", "old/ledger-key"];
    const restored = await cli("restore", "--from", "ex", "--data", "new", ...keys);
    expect([restored.code, restored.err]).toEqual([0, ""]);
    expect((await cli("export", "--out", "again", "--data", "new")).code).toBe(0);
    for (const name of ["events.jsonl", "checkpoint", "SHA256SUMS"]) {
      expect(readFileSync(join(folder, "again", name), "utf8")).toBe(readFileSync(join(folder, "ex", name), "utf8"));
    }

    const second = await startLocalLedger(moved, { ON_RECORD_TOKEN: "" });
    onTestFinished(() => second.kill());
    const over = machineOf(folder, moved);
    expect((await imported(folder, over)).out).toContain("0 statements recorded; 2 recorded before");
    expect((await over("verify")).out).toContain("It continues what was seen at");
    await second.stop();
    expect(existsSync(join(moved, "running.json"))).toBe(false);
  }, 60_000);
});

async function imported(folder: string, cli: ReturnType<typeof commandLine>): Promise<Ran> {
  const rows = [
    { actor: { id: "donald-trump", name: "Donald Trump", kind: "person" } },
    { actor: { id: "karoline-leavitt", name: "Karoline Leavitt", kind: "person" } },
    { proposition: { id: TROOPS, wording: "The United States deploys ground troops in Ukraine" } },
    ...[1, 2].map((n) => ({
      speaker: "donald-trump",
      text: `We will not, said ${n}.`,
      saidAt: `2025-08-19T12:0${n}:00Z`,
      report: { publisher: "Wire", url: `https://wire.example/${n}` },
      assessments: [{ proposition: TROOPS, stance: "ruled_out" }],
    })),
  ];
  writeFileSync(join(folder, "in.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const done = await cli("import", "in.jsonl");
  expect([done.code, done.err]).toEqual([0, ""]);
  return done;
}
