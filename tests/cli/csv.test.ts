import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { csvLine } from "@on-record/cli/csv-write";
import { csvRecords, type CsvRecord } from "@on-record/cli/import/csv";
import { linesOf, type Line } from "@on-record/cli/lines";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { testFolder } from "./cli-for-tests.ts";

const MAX_BYTES = 200;

async function recordsIn(content: string | Uint8Array, maxBytes = 100_000): Promise<CsvRecord[]> {
  const path = join(testFolder(), "table.csv");
  writeFileSync(path, content);
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(path, { maxBytes })) records.push(record);
  return records;
}

const cells = (records: readonly CsvRecord[]) => records.map((record) => record.cells ?? record.flaw);

describe("a CSV file", () => {
  test("is read as RFC 4180 has it: quotes, commas and line ends within cells, CRLF or LF, with a byte order mark or none", async () => {
    const text = '\uFEFFa,b,c\r\n"one, two","say ""so""",\r\n"three\r\nlines\nlong",x,y\n\n,,\r\nlast,"",""';
    const records = await recordsIn(text);
    expect(cells(records)).toEqual([
      ["a", "b", "c"],
      ["one, two", 'say "so"', ""],
      ["three\r\nlines\nlong", "x", "y"],
      ["", "", ""],
      ["last", "", ""],
    ]);
    expect(records.map(({ line }) => line)).toEqual([1, 2, 3, 7, 8]);
  });

  test("is read back as it was written, whatever it holds", async () => {
    // A cell that begins like a formula is written with an apostrophe, which stays.
    const cell = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "ä", "😀", ";") });
    const row = fc
      .array(cell, { minLength: 2, maxLength: 4 })
      .filter((list) => list.some((text) => text.trim() !== ""));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 6 }), async (rows) => {
        const written = rows.map((list) => csvLine(list)).join("");
        const wanted = rows.map((list) => list.map((text) => (/^[\r]/.test(text) ? `'${text}` : text)));
        expect(cells(await recordsIn(written))).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['a,b\n1,2"3\n4,5\n', "a quote stands within a cell that does not begin with one"],
    ['a,b\n1,"2"3\n4,5\n', "something stands behind a closing quote"],
    ['a,b\n1,"2\n4,5\n', "a quote is opened and not closed"],
  ])("with a flaw in %j goes on behind it", async (text, flaw) => {
    expect(cells(await recordsIn(text))).toEqual([["a", "b"], flaw, ["4", "5"]]);
  });

  test("with a quote that is never closed loses that line alone, however much comes behind it", async () => {
    const rows = Array.from({ length: 50 }, (_, n) => `${n},row\n`);
    const records = await recordsIn(`a,b\n"open,x\n${rows.join("")}`, MAX_BYTES);
    expect(records[1]).toEqual({ line: 2, cells: null, flaw: "a quote is opened and not closed" });
    expect(cells(records.slice(2))).toEqual(rows.map((row) => row.trim().split(",")));
    expect(records.at(-1)?.line).toBe(52);
  });

  test("with stray quotes loses the rows that have them, and none between", async () => {
    const text = 'a,b\n5" tall,x\ngood,"quoted, cell"\n"open,y\nfine,z\n"also open,w\n"two\nlines",v\n';
    const records = await recordsIn(text);
    expect(cells(records.filter((record) => record.cells !== null))).toEqual([
      ["a", "b"],
      ["good", "quoted, cell"],
      ["fine", "z"],
      ["two\nlines", "v"],
    ]);
    expect(records.filter((record) => record.cells === null).map(({ line }) => line)).toEqual([2, 4, 6]);
  });

  test("with bytes that are no text, or a line without an end, loses those lines alone", async () => {
    const bytes = Buffer.concat([
      Buffer.from("a\n"),
      Buffer.from([0x62, 0xff, 0x0a]),
      Buffer.from(`${"x".repeat(300)}\nc\n`),
    ]);
    expect(cells(await recordsIn(bytes, MAX_BYTES))).toEqual([
      ["a"],
      "is not UTF-8",
      "is longer than 200 bytes",
      ["c"],
    ]);
  });
});

describe("lines", () => {
  test("are the same wherever the file's chunks happen to end", async () => {
    const path = join(testFolder(), "long");
    const texts = Array.from({ length: 400 }, (_, n) => "ü".repeat((n * 37) % 900));
    writeFileSync(path, texts.join("\n"));
    const lines: Line[] = [];
    for await (const line of linesOf(path, { maxBytes: 10_000 })) lines.push(line);
    expect(lines.map(({ text }) => text)).toEqual(texts);
    expect(lines.map(({ ended }) => ended)).toEqual(texts.map((_, index) => index < 399));
  });
});
