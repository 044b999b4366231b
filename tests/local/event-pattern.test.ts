import { compilePattern } from "@on-record/local/event-pattern/compile-pattern";
import { InvalidPatternError } from "@on-record/local/event-pattern/errors";
import { compileWildcard } from "@on-record/local/event-pattern/wildcard";
import fc from "fast-check";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const matches = (pattern: unknown, event: unknown): boolean => compilePattern(pattern)(event);

describe("an event pattern", () => {
  const change = {
    source: "on-record.positions",
    "detail-type": "PositionChanged",
    time: "2025-08-19T14:00:00Z",
    resources: [],
    detail: {
      actor: "trump",
      change: "closed",
      reversal: "partial",
      number: 2,
      publishers: ["Fox News", "AP"],
      condition: null,
      from: "10.2.3.4",
    },
  };

  it.each([
    ["an exact value", { detail: { reversal: ["full", "partial"] } }, true],
    ["an exact value that differs in case", { detail: { reversal: ["Partial"] } }, false],
    ["exactly, spelt out", { detail: { reversal: [{ exactly: "partial" }] } }, true],
    ["a number, not its text", { detail: { number: ["2"] } }, false],
    ["null", { detail: { condition: [null] } }, true],
    ["one element of an array", { detail: { publishers: ["AP"] } }, true],
    ["a prefix", { source: [{ prefix: "on-record." }] }, true],
    ["a prefix in any case", { source: [{ prefix: { "equals-ignore-case": "ON-RECORD." } }] }, true],
    ["a suffix in any case", { source: [{ suffix: { "equals-ignore-case": ".POSITIONS" } }] }, true],
    ["a suffix", { source: [{ suffix: ".ledger" }] }, false],
    ["equals-ignore-case", { detail: { actor: [{ "equals-ignore-case": "TRUMP" }] } }, true],
    ["a wildcard", { "detail-type": [{ wildcard: "Position*ed" }] }, true],
    ["anything but a value", { detail: { change: [{ "anything-but": "reaffirmed" }] } }, true],
    ["anything but a list", { detail: { change: [{ "anything-but": ["closed", "first"] }] } }, false],
    ["anything but a number", { detail: { number: [{ "anything-but": [1, 3] }] } }, true],
    ["anything but a prefix", { source: [{ "anything-but": { prefix: ["on-", "off-"] } }] }, false],
    ["anything but a suffix", { source: [{ "anything-but": { suffix: ".ledger" } }] }, true],
    [
      "anything but a text in any case",
      { detail: { actor: [{ "anything-but": { "equals-ignore-case": ["TRUMP"] } }] } },
      false,
    ],
    ["anything but a wildcard", { source: [{ "anything-but": { wildcard: "*.led*" } }] }, true],
    ["anything but, of a missing field", { detail: { missing: [{ "anything-but": "x" }] } }, false],
    ["a numeric range", { detail: { number: [{ numeric: [">", 1, "<=", 2] }] } }, true],
    ["a numeric comparison", { detail: { number: [{ numeric: ["<", 2] }] } }, false],
    ["an address range", { detail: { from: [{ cidr: "10.0.0.0/8" }] } }, true],
    ["an address range of the other family", { detail: { from: [{ cidr: "::/0" }] } }, false],
    ["a field that exists", { detail: { reversal: [{ exists: true }] } }, true],
    ["a field that does not", { detail: { withdrawn: [{ exists: false }] } }, true],
    ["absence of a field that is there", { detail: { reversal: [{ exists: false }] } }, false],
    ["existence of an object, which is no value", { detail: [{ exists: true }] }, false],
    ["existence of an empty array", { resources: [{ exists: true }] }, false],
    ["either branch of $or", { $or: [{ source: ["elsewhere"] }, { detail: { change: ["closed"] } }] }, true],
    ["no branch of $or", { $or: [{ source: ["elsewhere"] }, { detail: { change: ["opened"] } }] }, false],
    ["a path with dots", { "detail.change": ["closed"] }, true],
    ["all of several fields", { source: ["on-record.positions"], detail: { change: ["opened"] } }, false],
  ])("decides on %s", (_, pattern, expected) => {
    expect(matches(pattern, change)).toBe(expected);
  });

  it("never combines fields of two elements of one array", () => {
    const event = {
      reports: [
        { publisher: "AP", stance: "open" },
        { publisher: "Fox", stance: "ruled_out" },
      ],
    };
    expect(matches({ reports: { publisher: ["AP"], stance: ["open"] } }, event)).toBe(true);
    expect(matches({ reports: { publisher: ["AP"], stance: ["ruled_out"] } }, event)).toBe(false);
  });

  it("finds a field absent from an array only when no element has it", () => {
    expect(matches({ reports: { url: [{ exists: false }] } }, { reports: [{ url: "x" }, {}] })).toBe(false);
    expect(matches({ reports: { url: [{ exists: false }] } }, { reports: [{}, {}] })).toBe(true);
  });

  it("filters DynamoDB records as Lambda does", () => {
    const pattern = { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "derived#" }] } } } };
    expect(matches(pattern, { eventName: "INSERT", dynamodb: { Keys: { pk: { S: "derived#1" } } } })).toBe(true);
    expect(matches(pattern, { eventName: "INSERT", dynamodb: { Keys: { pk: { S: "position#1" } } } })).toBe(false);
    expect(matches(pattern, { eventName: "REMOVE", dynamodb: { Keys: { pk: { S: "derived#1" } } } })).toBe(false);
  });

  it.each([
    [["source"]],
    [{}],
    [{ source: "x" }],
    [{ source: [] }],
    [{ source: [["x"]] }],
    [{ detail: {} }],
    [{ a: [{ prefix: 1 }] }],
    [{ a: [{ prefix: "x", suffix: "y" }] }],
    [{ a: [{ anything: "x" }] }],
    [{ a: [{ "anything-but": [] }] }],
    [{ a: [{ "anything-but": ["x", 1] }] }],
    [{ a: [{ "anything-but": { prefix: "" } }] }],
    [{ a: [{ numeric: [] }] }],
    [{ a: [{ numeric: [">", 2, "<", 1] }] }],
    [{ a: [{ cidr: "10.0.0.0/33" }] }],
    [{ a: [{ cidr: "10/8" }] }],
    [{ a: [{ wildcard: "x**y" }] }],
    [{ a: [{ wildcard: "x\\y" }] }],
    [{ $or: [{ a: ["x"] }] }],
    [{ $or: [{ a: ["x"] }, { prefix: ["y"] }] }],
    [{ $or: Array.from({ length: 1001 }, (_, i) => ({ a: [i] })) }],
  ])("refuses %j with a code", (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(InvalidPatternError);
    expect(() => compilePattern(pattern)).toThrow(expect.objectContaining({ code: "invalid_pattern" }));
  });

  it("is not fooled by names that every object inherits", () => {
    expect(matches({ constructor: [{ exists: true }] }, {})).toBe(false);
    expect(matches({ toString: { name: [{ exists: true }] } }, {})).toBe(false);
    expect(() => compilePattern({ a: [{ constructor: "x" }] })).toThrow(InvalidPatternError);
  });

  it("never throws on an event, whatever it is", () => {
    const matcher = compilePattern({
      a: { b: [{ "anything-but": "x" }] },
      $or: [{ c: [1] }, { d: [{ exists: false }] }],
    });
    fc.assert(
      fc.property(fc.jsonValue(), (event) => {
        expect(typeof matcher(event)).toBe("boolean");
      }),
    );
  });
});

describe("a wildcard", () => {
  const piece = fc.constantFrom("a", "b", "ab", "*", "\\*", "\\\\", ".");
  const pattern = fc
    .array(piece, { maxLength: 8 })
    .map((pieces) => pieces.filter((it, i) => it !== "*" || pieces[i - 1] !== "*").join(""));
  const text = fc.array(fc.constantFrom("a", "b", "*", "\\", "."), { maxLength: 12 }).map((chars) => chars.join(""));

  it("matches what the plain regular expression matches", () => {
    fc.assert(
      fc.property(pattern, text, (wildcard, candidate) => {
        const source = wildcard.replace(/\\[*\\]|\*|[^*\\]/g, (it) =>
          it === "*" ? ".*" : it.startsWith("\\") ? it : it.replace(/[.]/, "\\."),
        );
        expect(compileWildcard(wildcard)(candidate)).toBe(new RegExp(`^${source}$`, "s").test(candidate));
      }),
      { numRuns: 2_000 },
    );
  });

  it("does not try again and again where a regular expression would", () => {
    const matcher = compileWildcard(`${"a*".repeat(200)}b*a`);
    // A backtracking matcher would not end in the lifetime of the machine.
    expect(matcher("a".repeat(100_000))).toBe(false);
  });
});

/**
 * 950 recorded cases, asked where they lie beside the project, of which they are no part. Left out, as quirks of the
 * engine that they were recorded with:
 * - 733: a pattern with the number 1E-325, which JSON.parse turns into 0 before we see it;
 * - 910: a wildcard that AWS finds too complex. The limit is one of its automaton; ours has no automaton.
 */
const QUIRKS = new Set([733, 910]);
interface Case {
  id: number;
  pattern?: unknown;
  patternText?: string;
  event?: unknown;
  eventText?: string;
  expected: boolean | "valid-pattern" | "invalid-pattern";
}
const CASES = join(import.meta.dirname, "..", "..", "..", "shared", "eventbridge-patterns", "cases.json");

describe.skipIf(!existsSync(CASES))(
  `the recorded cases${existsSync(CASES) ? "" : " (left out: they are not beside the project)"}`,
  () => {
    it("are decided as AWS decides them", () => {
      const { cases }: { cases: Case[] } = JSON.parse(existsSync(CASES) ? readFileSync(CASES, "utf8") : '{"cases":[]}');
      const asked = cases.filter(({ id }) => !QUIRKS.has(id));
      const wrong = asked.filter((it) => decide(it) !== it.expected).map(({ id }) => id);
      expect(asked).toHaveLength(948);
      expect(wrong).toEqual([]);
    });
  },
);

function decide({ pattern, patternText, event, eventText, expected }: Case): Case["expected"] {
  try {
    const matcher = compilePattern(patternText === undefined ? pattern : JSON.parse(patternText));
    if (typeof expected !== "boolean") return "valid-pattern";
    return matcher(eventText === undefined ? event : JSON.parse(eventText));
  } catch {
    return "invalid-pattern";
  }
}
