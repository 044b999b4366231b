import { COMMANDS } from "@on-record/cli/commands/all";
import { describe, expect, test } from "vitest";
import { commandLine, testFolder } from "./cli-for-tests.ts";

const NAMES = COMMANDS.map(({ name }) => name);

/** The page of the command line, made of what it says itself. `npx vitest run tests/cli/help.test.ts -u` writes it anew. */
async function page(): Promise<string> {
  const cli = commandLine(testFolder());
  const shown = async (...argv: string[]) => `\`\`\`text\n${(await cli(...argv, "--help")).out}\`\`\`\n`;
  const parts = [
    "# The command line\n",
    "`npx on-record <command>`, from this repository. This page is what the commands say of themselves; a test compares the two.\n",
    await shown(),
  ];
  for (const name of NAMES) parts.push(`## ${name}\n`, await shown(...name.split(" ")));
  return parts.join("\n");
}

describe("help", () => {
  test("lists every command when nothing is asked for", async () => {
    const { code, out, err } = await commandLine(testFolder())();
    expect([code, err]).toEqual([0, ""]);
    for (const name of NAMES) expect(out).toContain(`  ${name} `);
  });

  test.each(NAMES)("of %s has a usage, every option, an example and the exit codes", async (name) => {
    const cli = commandLine(testFolder());
    const { code, out } = await cli(...name.split(" "), "--help");
    expect(code).toBe(0);
    expect(out.startsWith(`on-record ${name} `)).toBe(true);
    expect(out).toMatch(/Examples:\n {2}# .+(\n {2} .+)*\n {2}on-record /);
    expect(out).toMatch(/Exit code: 0 done; 1 failed.*; 2 not understood\.\n$/);
    expect(out).toContain("--json");
    for (const line of out.split("\n"))
      expect(line.startsWith("  on-record") ? 0 : line.length).toBeLessThanOrEqual(96);
  });

  test("is the page in the documents, word for word", async () => {
    await expect(await page()).toMatchFileSnapshot("../../docs/cli.md");
  });

  test("of a group of commands shows them all", async () => {
    const { out } = await commandLine(testFolder())("tokens", "--help");
    for (const verb of ["create", "list", "rotate", "revoke"]) expect(out).toContain(`on-record tokens ${verb}`);
  });

  test("behind -- is no question for help", async () => {
    const { code, err } = await commandLine(testFolder())("verify", "--", "--help");
    expect([code, err]).toEqual([1, expect.stringContaining("cannot read")]);
  });
});

describe("what is not understood ends with 2 and says why", () => {
  test.each([
    [["frobnicate"], /"frobnicate" is not a command: see on-record --help/],
    [["tokens"], /"tokens" is not a command, but tokens create, .* are/],
    [["tokens", "destroy"], /"tokens destroy" is not a command/],
    [["replay", "--speed", "9"], /on-record replay: Unknown option '--speed'/],
    [["replay", "now"], /on-record replay does not know what to do with "now"/],
    [["replay", "--projection", "dreams"], /no projection "dreams", but registry, positions/],
    [["import"], /on-record import needs <file>/],
    [["import", "a.txt"], /is a\.txt JSON Lines or CSV\?/],
    [["import", "a.csv", "--batch", "101"], /--batch must be a whole number, 1 to 100/],
    [["import", "a.csv", "--map", "speaker"], /--map takes <column>=<field>/],
    [["import", "a.jsonl", "--map", "a=b"], /--map and --kind are for CSV/],
    [["export"], /on-record export needs --out/],
    [["export", "--out", "x", "--format", "xml"], /--format must be jsonl or csv, not "xml"/],
    [["export", "--out", "x", "--url", "http://a.test", "--aws"], /name different ledgers/],
    [["restore", "--data", "x"], /on-record restore needs --from/],
    [["state"], /on-record state needs --at/],
    [["state", "--at", "yesterday"], /--at must be a date-time with its offset/],
    [["state", "--at", "2025-08-19T12:00:00"], /--at must be a date-time with its offset/],
    [["state", "--at", "2025-08-19"], /--at must be a date-time with its offset/],
    [["state", "--at", "1", "--as-of", "2025-08-19T12:00"], /--as-of must be a date-time with its offset/],
    [["state", "--at", "2025-08-19T12:00:00Z", "--as-of", "2025-08-20T12:00:00Z"], /--as-of is later than --at/],
    [["tail", "--changes", "--log"], /are two things/],
    [["tail", "--url", "ftp://a.test"], /"ftp:\/\/a\.test" is not the address of a ledger/],
    [["verify", "x", "--keep", "a", "--no-keep"], /exclude each other/],
    [["verify", "x", "--key", "nonsense"], /--key: a verifier key has a name/],
    [["tokens", "create", "desk", "--scope", "fly"], /--scope takes read, record, .*not "fly"/],
    [["log-keys", "new", "a name"], /is no name of a log/],
    [["check", "--aws"], /--aws needs ON_RECORD_EVENTS_TABLE, ON_RECORD_LOG_TABLE/],
  ])("%j", async (argv, message) => {
    const { code, out, err } = await commandLine(testFolder())(...argv);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });
});
