import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { saltedDigest } from "@on-record/core/log/digest";
import { entryBytes } from "@on-record/core/log/tree/entry";
import { EMPTY_FRONTIER, grow, rootOf } from "@on-record/core/log/tree/frontier";
import { leafHash } from "@on-record/core/log/tree/hash";
import { formatSignerKey, formatVerifierKey, signerOf } from "@on-record/core/log/tree/keys";
import { signCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ORIGIN, SIGNER, VERIFIER_KEY } from "../helpers/log-keys.ts";
import { commandLine, filledLedger, testFolder, type Json } from "./cli-for-tests.ts";
import { Tampered } from "./tampering.ts";

const OTHER = signerOf("other.example/log", new Uint8Array(32).fill(1));
const NEWER = signerOf(ORIGIN, new Uint8Array(32).fill(2));

const made = mkdtempSync(join(tmpdir(), "on-record-cli-"));
beforeAll(async () => {
  await commandLine(made, await filledLedger(7))("export", "--out", "ex");
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

/** An export of the ledger of these tests, and a command line beside it that has no network. */
function exported() {
  const folder = testFolder();
  cpSync(join(made, "ex"), join(folder, "ex"), { recursive: true });
  const cli = commandLine(folder);
  const tampered = (name = "tampered") => Tampered.of(join(folder, "ex"), name);
  const verified = async (name = "tampered", ...more: string[]): Promise<Json> => {
    const { code, json, err } = await cli("verify", name, "--json", ...more);
    expect(err).toBe("");
    expect(code).toBe(json().verified ? 0 : 1);
    return json().finding ?? json();
  };
  return { folder, cli, tampered, verified };
}

/** The checkpoint that signers would make of what an export holds now. */
function signedAnew(export_: Tampered, signers = [SIGNER], origin = signers[0]?.name ?? ""): string {
  const lines = export_.read("events.jsonl").split("\n").slice(0, -1);
  const leaves = lines.map((line) => leafHash(entryBytes(JSON.parse(line).entry)));
  const frontier = grow(EMPTY_FRONTIER, leaves);
  return signCheckpoint({ origin, extensions: [], size: frontier.size, root: rootOf(frontier) }, signers);
}

describe("an export as it was made", () => {
  test("is proved, and what was not checked is said", async () => {
    const { cli, folder } = exported();
    const { code, out, err } = await cli("verify", "ex");
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(
      /^Good\. 10 events of ledger\.example\/log, root \S{44}, signed by ledger\.example\/log\+ddac4a01\./,
    );
    expect(out).toContain("What 10 events said is what was recorded");
    expect(out).toContain("The key was taken on trust");
    expect(out).toContain(VERIFIER_KEY);
    expect(out).toContain("Not checked: request digests, which are in no proof.");
    expect(out).toContain(`Remembered in ${join(folder, ".on-record", "verified.json")}`);
    const again = await cli("verify", "ex");
    expect(again.out).toContain("It continues what was seen at 2025-08-20T12:00:00.000Z: the same first 10 events.");
    expect(again.out).toContain("The key is the one that was trusted before.");
  });

  test("is proved by a key that is given, and by no other", async () => {
    const { cli, verified } = exported();
    expect((await cli("verify", "ex", "--key", VERIFIER_KEY)).out).toContain("The key is the one that you gave.");
    expect(await verified("ex", "--key", formatVerifierKey(NEWER))).toMatchObject({ kind: "unsigned" });
    expect(await verified("ex", "--key", formatVerifierKey(OTHER))).toMatchObject({
      kind: "other_log",
      message: "the checkpoint is of the log ledger.example/log, not of other.example/log",
    });
  });
});

describe("found in an export, and named, even where the sums were made to fit", () => {
  const STATEMENT = 4;
  test.each<[string, (export_: Tampered) => Tampered, object]>([
    [
      "one byte of what an event says",
      (it) => it.event(STATEMENT, ({ data }) => (data.text = data.text.replace("we", "ve"))),
      { kind: "altered", sequence: STATEMENT, message: expect.stringContaining("its digest does not match") },
    ],
    [
      "a number that only looks the same",
      (it) => it.event(STATEMENT, ({ data }) => (data.assessments[0].confidence = 0.99)),
      { kind: "altered", sequence: STATEMENT },
    ],
    [
      "one byte of a salt",
      (it) => it.event(STATEMENT, (line) => (line.salt = `A${line.salt.slice(1)}`)),
      { kind: "altered", sequence: STATEMENT },
    ],
    [
      "who recorded it",
      (it) => it.event(STATEMENT, ({ entry }) => (entry.recordedBy = "somebody")),
      { kind: "altered", sequence: STATEMENT },
    ],
    [
      "when it was recorded",
      (it) => it.event(0, ({ entry }) => (entry.recordedAt = "2025-08-19T00:00:00.000Z")),
      { kind: "altered", sequence: 0 },
    ],
    [
      "what it says, with a digest to match",
      (it) =>
        it.event(STATEMENT, (line) => {
          line.data.text = "We will.";
          line.entry.digest = saltedDigest(line.salt, line.data);
        }),
      { kind: "altered", sequence: STATEMENT },
    ],
    [
      "an event that was dropped",
      (it) => it.lines("events.jsonl", (lines) => lines.toSpliced(STATEMENT, 1)),
      { kind: "missing", sequence: STATEMENT },
    ],
    [
      "the first event dropped",
      (it) => it.lines("events.jsonl", (lines) => lines.slice(1)),
      { kind: "missing", sequence: 0 },
    ],
    [
      "the last event dropped",
      (it) => it.lines("events.jsonl", (lines) => lines.slice(0, -1)),
      { kind: "missing", sequence: 9 },
    ],
    [
      "two events that were swapped",
      (it) => it.lines("events.jsonl", (lines) => lines.with(4, lines[6] ?? "").with(6, lines[4] ?? "")),
      { kind: "moved", sequence: 4 },
    ],
    [
      "an event that was inserted",
      (it) =>
        it.lines("events.jsonl", (lines) => {
          const line = JSON.parse(lines[STATEMENT] ?? "");
          line.entry.recordedBy = "somebody";
          return lines.toSpliced(STATEMENT, 0, JSON.stringify(line));
        }),
      { kind: "inserted", sequence: STATEMENT },
    ],
    [
      "an event more at the end",
      (it) => it.lines("events.jsonl", (lines) => [...lines, lines[3] ?? ""]),
      { kind: "inserted", sequence: 10 },
    ],
    [
      "what it says taken away",
      (it) => it.event(STATEMENT, (line) => delete line.data),
      { kind: "missing", sequence: STATEMENT },
    ],
    [
      "an event passed off as erased",
      (it) =>
        it.event(STATEMENT, (line) => {
          delete line.salt;
          delete line.requestDigest;
          line.data = null;
          line.erased = true;
        }),
      { kind: "not_erased", sequence: STATEMENT },
    ],
    [
      "a file that breaks off within a line",
      (it) => it.edit("events.jsonl", (text) => text.slice(0, -200)),
      { kind: "cut_off", sequence: 9 },
    ],
    [
      "a line that is no JSON",
      (it) => it.edit("events.jsonl", (text) => text.replace('"entry"', '"entry')),
      { kind: "altered", sequence: 0 },
    ],
    ["a line that is no event", (it) => it.event(2, (line) => (line.surprise = 1)), { kind: "altered", sequence: 2 }],
    ["bytes that are no text", (it) => it.edit("events.jsonl", (text) => text), { kind: "altered", sequence: 3 }],
  ])("%s", async (title, alter, expected) => {
    const { tampered, verified, folder } = exported();
    const it = tampered();
    if (title === "bytes that are no text") {
      const path = join(folder, "tampered", "events.jsonl");
      const bytes = readFileSync(path);
      const third = it.read("events.jsonl").split("\n", 3).join("\n").length + 60;
      bytes[third] = 0xff;
      writeFileSync(path, bytes);
    } else alter(it);
    it.sumsAnew();
    const finding = await verified();
    expect(finding).toMatchObject(expected);
    const ids = it
      .read("leaves.txt")
      .split("\n")
      .map((line) => line.split(" ")[1]);
    if (finding.kind !== "inserted") expect(finding.event).toBe(ids[finding.sequence]);
    expect(finding.message).toContain(`event ${finding.sequence}`);
  });

  test("a checkpoint of another log", async () => {
    const { tampered, verified } = exported();
    const it = tampered();
    it.write("checkpoint", signedAnew(it, [OTHER])).write("log-keys", `${formatVerifierKey(OTHER)}\n`);
    it.event(5, ({ data }) => (data.text = "We will.")).sumsAnew();
    expect(await verified("tampered", "--key", VERIFIER_KEY)).toMatchObject({ kind: "other_log" });
    expect(await verified()).toMatchObject({ kind: "altered", sequence: 5 });
  });

  test("another log's checkpoint over these events, by its own size and root", async () => {
    const { tampered, verified } = exported();
    const other = Tampered.of(tampered().folder, "other").lines("events.jsonl", (lines) => lines.slice(0, 5));
    tampered().write("checkpoint", signedAnew(other)).sumsAnew();
    expect(await verified()).toMatchObject({ kind: "inserted", sequence: 5 });
  });

  test("a checkpoint whose signature, size or root was altered", async () => {
    const { tampered, verified } = exported();
    const original = tampered().read("checkpoint");
    for (const altered of [
      original.replace(/.{6}\n$/, "AAAA=\n"),
      original.replace("\n10\n", "\n11\n"),
      `${original}x`,
      "",
    ]) {
      tampered().write("checkpoint", altered).sumsAnew();
      const finding = await verified();
      expect(["unsigned", "damaged"]).toContain(finding.kind);
    }
  });
});

describe("where the leaves were altered too", () => {
  test("what lacks its number is named, and what cannot be told is not told", async () => {
    const { tampered, verified } = exported();
    tampered()
      .lines("events.jsonl", (lines) => lines.toSpliced(4, 1))
      .leavesAnew()
      .sumsAnew();
    expect(await verified()).toMatchObject({ kind: "missing", sequence: 4 });
    tampered()
      .lines("events.jsonl", (lines) => lines.with(4, lines[6] ?? "").with(6, lines[4] ?? ""))
      .leavesAnew()
      .sumsAnew();
    expect(await verified()).toMatchObject({ kind: "missing", sequence: 4 });
    tampered()
      .lines("events.jsonl", (lines) => lines.slice(0, 7))
      .leavesAnew()
      .sumsAnew();
    expect(await verified()).toMatchObject({ kind: "missing", sequence: 7 });
    tampered()
      .event(4, ({ entry }) => (entry.recordedBy = "somebody"))
      .leavesAnew()
      .sumsAnew();
    expect(await verified()).toMatchObject({
      kind: "altered",
      file: "events.jsonl",
      message: expect.stringContaining("cannot be told"),
    });
  });

  test("and the events are as they were, that is told", async () => {
    const { tampered, verified } = exported();
    tampered()
      .lines("leaves.txt", (lines) => lines.with(2, lines[3] ?? ""))
      .sumsAnew();
    expect(await verified()).toMatchObject({ kind: "damaged", file: "leaves.txt" });
    tampered()
      .lines("leaves.txt", (lines) => lines.with(2, "not base64"))
      .sumsAnew();
    expect(await verified()).toMatchObject({ kind: "damaged", file: "leaves.txt" });
  });
});

describe("damage to a file that no proof is of", () => {
  test.each(["statements.csv", "who-did-what.csv", "who-did-what.jsonl", "README.txt", "log-keys"])(
    "%s is told by its sum",
    async (name) => {
      const { tampered, verified } = exported();
      tampered().edit(name, (text) => `${text}\n`);
      expect(await verified()).toMatchObject({ kind: "damaged", file: name });
    },
  );

  test("a request digest is told by the sum of its file", async () => {
    const { tampered, verified } = exported();
    tampered().event(3, (line) => (line.requestDigest = `A${line.requestDigest.slice(1)}`));
    expect(await verified()).toMatchObject({ kind: "damaged", file: "events.jsonl" });
  });

  test("a file that is not there is named", async () => {
    const { cli, folder } = exported();
    const { code, err } = await cli("verify", "nowhere");
    expect([code, err]).toEqual([
      1,
      `on-record: cannot read ${join(folder, "nowhere", "checkpoint")}: there is no such file or folder\n`,
    ]);
  });
});

describe("what was seen before", () => {
  /** A later export of a log that went on from the first `size` events of this one otherwise, or not at all. */
  function continued(it: Tampered, alter: (lines: string[]) => string[]): Tampered {
    it.lines("events.jsonl", alter).leavesAnew();
    return it.write("checkpoint", signedAnew(it)).sumsAnew();
  }
  const withOther = (line: string) => {
    const altered = JSON.parse(line);
    altered.data.text = "We will.";
    altered.entry.digest = saltedDigest(altered.salt, altered.data);
    return JSON.stringify(altered);
  };

  test("is forked by two checkpoints of one size, both signed", async () => {
    const { tampered, verified } = exported();
    continued(tampered("fork"), (lines) => lines.with(5, withOther(lines[5] ?? "")));
    expect(await verified("ex")).toMatchObject({ verified: true });
    expect(await verified("fork")).toMatchObject({ kind: "forked" });
    expect(await verified("ex")).toMatchObject({ verified: true });
  });

  test("is forked by a longer log that does not begin with it, and not by one that does", async () => {
    const { tampered, verified } = exported();
    continued(tampered("early"), (lines) => lines.slice(0, 6));
    continued(tampered("fork"), (lines) => lines.with(3, withOther(lines[3] ?? "")));
    expect(await verified("early")).toMatchObject({ verified: true, size: 6 });
    expect(await verified("fork")).toMatchObject({ kind: "forked", message: expect.stringContaining("size 6") });
    expect(await verified("ex")).toMatchObject({ verified: true, continues: { size: 6 } });
  });

  test("is more than a log that was cut off and signed anew, or than an older export", async () => {
    const { tampered, verified, cli } = exported();
    continued(tampered("short"), (lines) => lines.slice(0, 8));
    await verified("ex");
    expect(await verified("short")).toMatchObject({
      kind: "shrunk",
      message: expect.stringMatching(/8 events, and had 10/),
    });
    expect((await cli("verify", "short", "--no-keep")).code).toBe(0);
  });

  test("trusts no new key until it is told to", async () => {
    const { tampered, verified } = exported();
    await verified("ex");
    const it = tampered("rotated");
    it.write("checkpoint", signedAnew(it, [NEWER]))
      .write("log-keys", `${formatVerifierKey(NEWER)}\n`)
      .sumsAnew();
    expect(await verified("rotated")).toMatchObject({ kind: "unsigned", message: expect.stringContaining("--key") });
    expect(await verified("rotated", "--key", formatVerifierKey(NEWER))).toMatchObject({ keysFrom: "given" });
    expect(await verified("rotated")).toMatchObject({ keysFrom: "kept", keys: [formatVerifierKey(NEWER)] });
  });

  test("goes on under both keys while one takes the other's place", async () => {
    const { tampered, verified } = exported();
    await verified("ex");
    const it = tampered("both");
    it.write("checkpoint", signedAnew(it, [NEWER, SIGNER])).sumsAnew();
    expect(await verified("both")).toMatchObject({ keysFrom: "kept", keys: [VERIFIER_KEY] });
  });

  test("is kept log by log, in the file that is named", async () => {
    const { verified, cli, folder } = exported();
    mkdirSync(join(folder, "deep"));
    await verified("ex", "--keep", "deep/er/seen.json");
    const kept = JSON.parse(readFileSync(join(folder, "deep", "er", "seen.json"), "utf8"));
    expect(kept.logs[ORIGIN]).toMatchObject({
      size: 10,
      keys: [VERIFIER_KEY],
      checkpoint: expect.stringContaining(ORIGIN),
    });
    expect((await cli("verify", "ex")).out).toContain("It was not seen before");
  });

  test("that cannot be read is no reason to forget it, and that cannot be written is named", async () => {
    const { cli, folder } = exported();
    writeFileSync(join(folder, "seen.json"), "{");
    const broken = await cli("verify", "ex", "--keep", "seen.json");
    expect([broken.code, broken.err]).toEqual([
      1,
      expect.stringContaining(`${join(folder, "seen.json")} is not what on-record verify wrote`),
    ]);
    const barred = await cli("verify", "ex", "--keep", "seen.json/deeper");
    expect([barred.code, barred.err]).toEqual([1, expect.stringContaining(join(folder, "seen.json", "deeper"))]);
  });
});

test("a key's secret half is in no export", async () => {
  const { folder } = exported();
  cpSync(join(folder, "ex"), join(folder, "copy"), { recursive: true });
  const it = new Tampered(join(folder, "copy"));
  const secret = formatSignerKey(ORIGIN, new Uint8Array(32).fill(7)).split("+").at(-1) ?? "";
  for (const name of ["checkpoint", "log-keys", "events.jsonl", "README.txt"])
    expect(it.read(name)).not.toContain(secret);
});
