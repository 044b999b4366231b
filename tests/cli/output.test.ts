import { jsonText, oneLine, plain } from "@on-record/cli/text";
import { csvCell } from "@on-record/cli/csv-write";
import { startProgress } from "@on-record/cli/progress";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { commandLine, filledLedger, testFolder, TestSink } from "./cli-for-tests.ts";

/** A colour, a bell, a title for the window, text turned around, a line that looks like another's. */
const HOSTILE = "a\u001b[31mred\u0007\u001b]0;title\u0007\u202eback\u2028next\r\nline\u009b2J";
// oxlint-disable-next-line no-control-regex
const ORDERS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

describe("what users wrote", () => {
  test("reaches a terminal on one line and without orders to it", () => {
    expect(oneLine(HOSTILE)).toBe("a [31mred ]0;title back next line 2J");
    expect(plain(HOSTILE)).not.toMatch(ORDERS);
  });

  test("is the same JSON, escaped, whatever it holds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constant(HOSTILE)), (text) => {
        const written = jsonText({ [text]: [text] });
        expect(written).not.toMatch(ORDERS);
        expect(JSON.parse(written)).toEqual({ [text]: [text] });
      }),
    );
  });

  test.each([
    ["=1+1", "'=1+1"],
    ["+31 20", "'+31 20"],
    ["-2", "'-2"],
    ["@cmd", "'@cmd"],
    ["\tx", "'\tx"],
    ["a,b", '"a,b"'],
    ['say "no"', '"say ""no"""'],
    ["two\r\nlines", '"two\r\nlines"'],
    [" padded", '" padded"'],
    ["plain", "plain"],
  ])("%j is the cell %j: no spreadsheet does what it says", (text, cell) => {
    expect(csvCell(text)).toBe(cell);
  });

  test("comes out of the ledger as text, in the log and in an error", async () => {
    const ledger = await filledLedger(1);
    const cli = commandLine(testFolder(), ledger);
    const { out, err } = await cli("tokens", "revoke", `x${HOSTILE}`);
    expect(out + err).not.toMatch(ORDERS);
    await ledger.ask("POST", "/v1/tokens", { principal: "desk", scopes: ["read"], label: "a\u202eb\u2028c" });
    const listed = await cli("tokens", "list");
    expect(listed.out).toMatch(/desk {2}read {2}a b c\n$/);
  });
});

describe("progress", () => {
  const started = (isTTY: boolean, json = false) => {
    const err = new TestSink();
    err.isTTY = isTTY;
    const time = { now: 0 };
    const progress = startProgress({ err, clock: () => time.now }, "reading", { total: 1_000, unit: "events", json });
    return { err, progress, time };
  };

  test("is a bar on a terminal, drawn anew at most ten times a second and gone at the end", () => {
    const { err, progress, time } = started(true);
    progress.at(1);
    time.now = 50;
    progress.at(250);
    time.now = 100;
    progress.at(500);
    progress.end();
    const drawn = err.text.split("\r\u001b[K");
    expect(drawn).toEqual([
      "",
      "reading [------------------------]   0 % 1 of 1,000 events",
      "reading [############------------]  50 % 500 of 1,000 events",
      "",
    ]);
  });

  test("is a line now and then where there is no terminal, and nothing for what is quickly done", () => {
    const { err, progress, time } = started(false);
    progress.at(1);
    time.now = 4_999;
    progress.at(2);
    expect(err.text).toBe("");
    time.now = 5_000;
    progress.at(3);
    progress.at(1_000);
    progress.end();
    expect(err.text).toBe("reading: 3 of 1,000 events\nreading: 1,000 of 1,000 events\n");
  });

  test("is not there for programs", () => {
    const { err, progress } = started(true, true);
    progress.at(500);
    progress.end();
    expect(err.text).toBe("");
  });

  test("makes room for an error", async () => {
    const ledger = await filledLedger(1);
    const err = new TestSink();
    err.isTTY = true;
    vi.spyOn(ledger.views, "scan").mockImplementation(() => {
      throw new Error("the disk is gone");
    });
    const { code } = await commandLine(testFolder(), { ...ledger, err })("check");
    expect(code).toBe(1);
    expect(err.text.split("\r\u001b[K").at(-1)).toBe("on-record: the disk is gone\n");
  });

  test("goes to standard error alone", async () => {
    const ledger = await filledLedger(3);
    const err = new TestSink();
    err.isTTY = true;
    const { code, out } = await commandLine(testFolder(), { ...ledger, err })("check", "--json");
    expect([code, err.text]).toEqual([0, ""]);
    expect(JSON.parse(out).checked).toHaveLength(4);
    const plainRun = await commandLine(testFolder(), { ...ledger, err })("check");
    expect(plainRun.out).not.toContain("#");
    expect(err.text).toContain("checking positions [");
  });
});

describe("a reader that goes away", () => {
  test("ends what would go on for ever, without an error", async () => {
    const ledger = await filledLedger(3);
    const out = new TestSink();
    out.closesAfter = 2;
    const { code, err } = await commandLine(testFolder(), { ...ledger, out })("tail", "--follow", "--since", "0");
    expect([code, err]).toEqual([0, ""]);
    expect(out.text.split("\n")).toHaveLength(2);
  });

  test("changes nothing of what is found out", async () => {
    const ledger = await filledLedger(1);
    const out = new TestSink();
    out.closesAfter = 0;
    await ledger.views.put([{ pk: "positions#planted", sk: "000000000000", body: { planted: true } }]);
    const { code, err } = await commandLine(testFolder(), { ...ledger, out })("check");
    expect([code, err, out.text]).toEqual([1, "", ""]);
  });
});
