import { parseSignerKey, parseVerifierKey } from "@on-record/core/log/tree/keys";
import { describe, expect, test } from "vitest";
import { commandLine, filledLedger, testFolder, testLedger, TestSink } from "./cli-for-tests.ts";

describe("tail", () => {
  test("prints the last twenty entries of the log, a line each", async () => {
    const ledger = await filledLedger(30);
    const { code, out } = await commandLine(testFolder(), ledger)("tail");
    const lines = out.trimEnd().split("\n");
    expect([code, lines.length]).toEqual([0, 20]);
    expect(lines.at(-1)).toMatch(
      /^ *32 {2}2025-08-20T12:00:00\.\d{3}Z {2}StatementRecorded {5}statement\/st_\w{26}@1 {2}by admin$/,
    );
  });

  test("begins behind an event, over as many pages as it takes", async () => {
    const ledger = await filledLedger(120);
    const { out } = await commandLine(testFolder(), ledger)("tail", "--since", "1", "--json");
    const entries = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { sequence: number });
    expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 121 }, (_, n) => n + 2));
  });

  test("of a ledger without events prints nothing", async () => {
    for (const what of ["--log", "--changes"]) {
      const { code, out } = await commandLine(testFolder(), testLedger())("tail", what);
      expect([code, out]).toEqual([0, ""]);
    }
  });

  test.each(["--log", "--changes"])(
    "%s goes on with what comes, in order and once, until it is ended",
    async (what) => {
      const ledger = await filledLedger(2);
      const stop = new AbortController();
      let polls = 0;
      const sleep = async () => {
        polls += 1;
        if (polls === 4) stop.abort();
        stop.signal.throwIfAborted();
        // Between two looks nothing, one, or more than a page.
        for (let n = 0; n < (polls - 1) * 60; n += 1)
          await ledger.record({ text: `Poll ${polls} says ${n}, and we will not.`, saidAt: "2025-08-19T12:00:00Z" });
        await ledger.settle();
      };
      const { code, out, err } = await commandLine(testFolder(), { ...ledger, sleep, signal: stop.signal })(
        "tail",
        what,
        "--follow",
        "--since",
        "2",
        "--json",
      );
      expect([code, err]).toEqual([0, ""]);
      const sequences = out
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { sequence: number }).sequence);
      expect(sequences).toEqual(Array.from({ length: 182 }, (_, n) => n + 3));
    },
    30_000,
  );

  test("--changes prints what moved since an event, and nothing of before", async () => {
    const ledger = await filledLedger(3);
    const cli = commandLine(testFolder(), ledger);
    const all = (await cli("tail", "--changes", "--since", "0")).out.trimEnd().split("\n");
    expect(all[0]).toMatch(
      /^ {5}3 {2}\S+ {2}donald-trump {2}us-ground-troops-in-ukraine {2}first, reversal none: ruled_out$/,
    );
    expect(all).toHaveLength(3);
    expect((await cli("tail", "--changes", "--since", "4")).out.trimEnd().split("\n")).toEqual(all.slice(2));
    expect((await cli("tail", "--changes", "--since", "5")).out).toBe("");
  });

  test("says why it ends when the ledger refuses", async () => {
    const ledger = await filledLedger(1);
    const { code, err } = await commandLine(testFolder(), ledger)("tail", "--token", "wrong", "--follow");
    expect([code, err]).toEqual([1, expect.stringContaining("401 unauthenticated")]);
  });
});

describe("tokens", () => {
  test("are made, listed, rotated and revoked, and their values shown once", async () => {
    const ledger = await filledLedger(1);
    const cli = commandLine(testFolder(), ledger);
    const made = await cli(
      "tokens",
      "create",
      "news.desk",
      "--scope",
      "read,record",
      "--scope",
      "edit",
      "--label",
      "Desk",
      "--expires-in",
      "3600",
    );
    const [value = "", , row = ""] = made.out.split("\n");
    const id = value.split("_")[1] ?? "";
    expect(row).toBe(`${id}  active   news.desk  read,record,edit  until 2025-08-20T13:00:00.000Z  Desk`);
    expect((await cli("tail", "--token", value)).code).toBe(0);

    const rotated = await cli("tokens", "rotate", id, "--overlap", "600", "--json");
    const { token, replaced } = rotated.json();
    expect(rotated.json().value).toMatch(new RegExp(`^or_${token.id}_`));
    expect(replaced).toMatchObject({ id, expiresAt: "2025-08-20T12:10:00.000Z" });
    const listed = await cli("tokens", "list");
    expect(listed.out.trimEnd().split("\n")).toHaveLength(2);
    expect(listed.out).toContain(`replaced by ${token.id}`);
    expect(listed.out).not.toContain(value);

    expect((await cli("tokens", "revoke", token.id)).out).toContain(`${token.id}  revoked`);
    expect(
      (await cli("tokens", "list", "--json"))
        .json()
        .tokens.map(({ status }: { status: string }) => status)
        .toSorted(),
    ).toEqual(["active", "revoked"]);
    expect((await cli("tail", "--token", rotated.json().value)).code).toBe(1);
  });

  test("that there are not are named, and take the scope admin", async () => {
    const ledger = await filledLedger(0);
    const cli = commandLine(testFolder(), ledger);
    expect((await cli("tokens", "list")).out).toBe("There are no tokens but the configured one.\n");
    expect((await cli("tokens", "revoke", "abcdefghij234567")).err).toContain("404 token_not_found");
    const { value } = await ledger.ask("POST", "/v1/tokens", { principal: "reader", scopes: ["read"] });
    expect((await cli("tokens", "list", "--token", value)).err).toContain("403 forbidden");
  });
});

describe("log-keys new", () => {
  test("makes a pair that belongs together, and says how to put it in the old one's place", async () => {
    const { code, out } = await commandLine(testFolder())("log-keys", "new", "ledger.example/log");
    expect(code).toBe(0);
    const [, signer = ""] = /^signer {4}(\S+)$/m.exec(out) ?? [];
    const [, verifier = ""] = /^verifier {2}(\S+)$/m.exec(out) ?? [];
    const message = new TextEncoder().encode("note\n");
    expect(parseVerifierKey(verifier).verifies(message, parseSignerKey(signer).sign(message))).toBe(true);
    expect(parseSignerKey(signer).name).toBe("ledger.example/log");
    expect(out).toMatch(/log-signing-keys[\s\S]*ON_RECORD_LOG_SIGNING_KEYS[\s\S]*log-verifier-keys/);
    const { json } = await commandLine(testFolder())("log-keys", "new", "ledger.example/log", "--json");
    expect(json()).toEqual({ signer, verifier });
  });
});

test("an interrupted command says that it was, and is a failure", async () => {
  const ledger = await filledLedger(1);
  const err = new TestSink();
  const { code } = await commandLine(testFolder(), { ...ledger, err, signal: AbortSignal.abort(new Error("Ctrl-C")) })(
    "check",
  );
  expect([code, err.text]).toEqual([1, "on-record: ended before it was done\n"]);
});
