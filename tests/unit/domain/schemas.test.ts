import { ActorEvent, ActorProfile } from "@on-record/core/domain/actor";
import { ActorId, PrincipalId, PropositionId, ReportId, StatementId } from "@on-record/core/domain/ids";
import { PropositionEvent, PropositionProfile } from "@on-record/core/domain/proposition";
import { StatementEvent } from "@on-record/core/domain/statement/events";
import {
  AssessmentInput,
  AssessmentInputs,
  Evidence,
  Language,
  publisherKey,
  Reason,
  ReportInput,
  StatementText,
  WebUrl,
} from "@on-record/core/domain/statement/parts";
import { LIMITS } from "@on-record/core/limits";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { ACTOR_EXAMPLES, PROPOSITION_EXAMPLES, recorded, STATEMENT_EXAMPLES } from "../../fixtures/statements.ts";

const x = (count: number) => "x".repeat(count);
const NOT_STRINGS = [undefined, null, 7, true, [], {}];
/** What no text may hold: it could not be digested, stored without loss, or shown in a feed. */
const UNPLAIN = ["\u0000", "a\u0000b", "a\u0008b", "a\u001Fb", "\ud800", "a\udc00b", "a\uFFFF"];

/** Field by field: an object that fits, and what each field may and may not be. */
function fields(
  schema: z.ZodType,
  fits: Record<string, unknown>,
  table: Record<string, [good: unknown[], bad: unknown[]]>,
) {
  const accepts = (value: unknown) => schema.safeParse(value).success;
  it("accepts the example, and no field that it does not know", () => {
    expect(accepts(fits)).toBe(true);
    expect(accepts({ ...fits, extra: 1 })).toBe(false);
    for (const no of [undefined, null, "text", 1, []]) expect(accepts(no)).toBe(false);
  });
  const rows = Object.entries(table).flatMap(([field, [good, bad]]) => [
    ...good.map((value) => [field, "takes", value, true] as const),
    ...bad.map((value) => [field, "refuses", value, false] as const),
  ]);
  it.each(rows)("%s %s %j", (field, _verb, value, expected) => {
    expect(accepts({ ...fits, [field]: value })).toBe(expected);
  });
}

/** A required text of so many characters. */
const required = (max: number): [unknown[], unknown[]] => [
  ["x", x(max), "tab\tand\nline", "🪖 ünïcode"],
  ["", " ", "\n", x(max + 1), ...NOT_STRINGS, ...UNPLAIN],
];
const optional = (max: number): [unknown[], unknown[]] => {
  const [good, bad] = required(max);
  return [[...good, undefined], bad.filter((value) => value !== undefined)];
};
const list = (max: number, item: unknown, bad: unknown[]): [unknown[], unknown[]] => [
  [[], [item], Array.from({ length: max }, () => item), undefined],
  [Array.from({ length: max + 1 }, () => item), null, "x", {}, ...bad.map((value) => [value])],
];

describe("an id", () => {
  const cases: [string, z.ZodType, string[], unknown[]][] = [
    ["actor", ActorId, ["a", "donald-trump", "g7", x(LIMITS.idChars)], ["A", "-a", "a-", "a--b", "a_b", "a b", "é"]],
    ["proposition", PropositionId, ["us-troops"], ["US", "a/b", "a@1"]],
    [
      "statement",
      StatementId,
      [`st_${x(26)}`],
      [`st_${x(25)}`, `st_${x(27)}`, `st_${"1".repeat(26)}`, x(26), `ST_${x(26)}`],
    ],
    ["report", ReportId, [`rp_${x(16)}`], [`rp_${x(15)}`, `rp_${x(17)}`, `rp_${"0".repeat(16)}`]],
    ["principal", PrincipalId, ["editor-a", "desk.one", "a_b", x(LIMITS.idChars)], ["-a", "a-", "a..b", "a@b", "A"]],
  ];
  it.each(cases)("of a %s has its form and length", (_kind, schema, good, bad) => {
    for (const id of good) expect([id, schema.safeParse(id).success]).toEqual([id, true]);
    for (const id of [...bad, "", x(65), `${good[0]}\n`, ...NOT_STRINGS, ...UNPLAIN]) {
      expect([id, schema.safeParse(id).success]).toEqual([id, false]);
    }
  });
});

describe("an actor's profile", () => {
  fields(
    ActorProfile,
    { name: "Donald Trump", kind: "person" },
    {
      name: required(LIMITS.nameChars),
      kind: [
        ["person", "office", "organisation"],
        ["state", "Person", "", ...NOT_STRINGS],
      ],
      aliases: list(LIMITS.aliasesCount, "x", ["", " ", x(LIMITS.nameChars + 1), 7, ...UNPLAIN]),
      wikidata: [
        ["Q1", "Q22686", undefined],
        ["Q0", "q1", "22686", "Q", "", `Q${"1".repeat(13)}`, "Q1\n", null, 1],
      ],
      description: optional(LIMITS.descriptionChars),
      speaksFor: list(LIMITS.aliasesCount, "x", ["X", "", 7, x(LIMITS.idChars + 1)]),
    },
  );
});

describe("a proposition's profile", () => {
  fields(
    PropositionProfile,
    { wording: "Troops are sent" },
    {
      wording: required(LIMITS.wordingChars),
      topics: list(LIMITS.keywordsCount, "x", ["", x(LIMITS.idChars + 1), 7, ...UNPLAIN]),
      keywords: list(LIMITS.keywordsCount, "x", ["", x(LIMITS.idChars + 1), 7, ...UNPLAIN]),
      broader: list(LIMITS.broaderCount, "x", ["X", "", 7]),
      description: optional(LIMITS.descriptionChars),
    },
  );
});

describe("an assessment", () => {
  fields(
    AssessmentInput,
    { proposition: "us-troops", stance: "open" },
    {
      proposition: [["x"], ["X", "", ...NOT_STRINGS]],
      stance: [
        ["committed", "leaning_for", "open", "leaning_against", "ruled_out", "no_comment", "unclear"],
        ["Committed", "for", "", ...NOT_STRINGS],
      ],
      condition: optional(LIMITS.conditionChars),
      force: [
        ["commissive", "assertive", undefined],
        ["directive", "", null, 1],
      ],
      basis: [
        ["editor", "rule", "model", undefined],
        ["human", "", null, 1],
      ],
      evidence: [
        [{ start: 0, end: 1 }, undefined],
        [{}, { start: 0 }, { start: 0, end: 1, text: "x" }, null, [0, 1], "0-1"],
      ],
      cue: optional(LIMITS.cueChars),
      confidence: [
        [0, 1, 0.5, undefined],
        [-0.01, 1.01, Number.NaN, Number.POSITIVE_INFINITY, "1", null],
      ],
    },
  );

  it("is an editor's, commissive and certain unless it says otherwise", () => {
    expect(AssessmentInput.parse({ proposition: "x", stance: "open" })).toEqual({
      proposition: "x",
      stance: "open",
      force: "commissive",
      basis: "editor",
      confidence: 1,
    });
  });

  it("stands in a list of at most so many, one a proposition, and the second is named", () => {
    const of = (count: number) => Array.from({ length: count }, (_, n) => ({ proposition: `p${n}`, stance: "open" }));
    expect(AssessmentInputs.safeParse(of(LIMITS.assessmentsPerRequestCount)).success).toBe(true);
    expect(AssessmentInputs.safeParse(of(LIMITS.assessmentsPerRequestCount + 1)).success).toBe(false);
    const twice = AssessmentInputs.safeParse([...of(2), { proposition: "p0", stance: "ruled_out" }]);
    expect(twice.error?.issues.map((issue) => issue.path.join("."))).toEqual(["2.proposition"]);
  });
});

describe("evidence", () => {
  it.each([
    [0, 1, true],
    [10, 20, true],
    [0, 0, false],
    [1, 1, false],
    [2, 1, false],
    [-1, 1, false],
    [0, 1.5, false],
    [0.5, 1, false],
    [0, Number.MAX_SAFE_INTEGER + 1, false],
    ["0", 1, false],
    [0, null, false],
  ])("from %s to %s: %s", (start, end, expected) => {
    expect(Evidence.safeParse({ start, end }).success).toBe(expected);
  });
});

describe("a report", () => {
  fields(
    ReportInput,
    { publisher: "AP", url: "https://ap.example/1" },
    {
      publisher: required(LIMITS.publisherChars),
      headline: optional(LIMITS.headlineChars),
      publishedAt: [
        ["2025-08-19", "2025-08-19T10:00Z", undefined],
        ["2025-02-30", "2025-08-19T10:00", "", null, 1],
      ],
      contentHash: [
        [`sha256:${"a".repeat(64)}`, undefined],
        [
          "a".repeat(64),
          `sha256:${"A".repeat(64)}`,
          `sha256:${"a".repeat(63)}`,
          `sha256:${"a".repeat(65)}`,
          `md5:${"a".repeat(32)}`,
          "",
          null,
        ],
      ],
      url: [
        [
          "http://a.example",
          "https://a.example/b?c=d#e",
          "https://a.example:8443/",
          `https://a.example/${x(LIMITS.urlChars - 18)}`,
        ],
        [
          `https://a.example/${x(LIMITS.urlChars - 17)}`,
          "ftp://a.example",
          "javascript:alert(1)",
          "data:text/html,x",
          "//a.example",
          "a.example",
          ...NOT_STRINGS,
        ],
      ],
    },
  );

  it.each([
    "https://a.example/a b",
    "https://a.example/\u0000",
    "https://a.example/\ud800",
    "https://a.example/\ttab x",
    "",
    "https://",
  ])("has no address such as %j", (url) => {
    expect(WebUrl.safeParse(url).success).toBe(false);
  });

  it("counts for one publisher whatever the letter case and spacing", () => {
    expect(new Set(["AP  News", " ap news", "ＡＰ news"].map(publisherKey))).toEqual(new Set(["ap news"]));
    expect(publisherKey("AP")).not.toBe(publisherKey("AFP"));
  });
});

describe("the words of a statement", () => {
  it.each(["x", " x ", "line\nline", "🪖", x(LIMITS.textChars)])("may be %j, and are not trimmed", (text) => {
    expect(StatementText.parse(text)).toBe(text);
  });

  it.each(["", " ", "\n\t", x(LIMITS.textChars + 1), ...NOT_STRINGS, ...UNPLAIN])("are never %j", (text) => {
    expect(StatementText.safeParse(text).success).toBe(false);
  });
});

it("a language is a BCP 47 tag", () => {
  for (const tag of ["en", "pt-BR", "zh-Hant-TW", "es-419"]) expect(Language.safeParse(tag).success).toBe(true);
  for (const tag of [
    "",
    "e",
    "en_US",
    "en-",
    "english language",
    `en-${x(9)}`,
    `en${"-x".repeat(20)}`,
    "en\n",
    ...NOT_STRINGS,
  ]) {
    expect([tag, Language.safeParse(tag).success]).toEqual([tag, false]);
  }
});

it("a reason is trimmed and bounded", () => {
  expect(Reason.parse(`  ${x(LIMITS.reasonChars)} `)).toBe(x(LIMITS.reasonChars));
  const [, bad] = required(LIMITS.reasonChars);
  for (const reason of bad) expect([reason, Reason.safeParse(reason).success]).toEqual([reason, false]);
});

describe("an event", () => {
  const unions: [z.ZodType, { type: string; data: object }[]][] = [
    [ActorEvent, ACTOR_EXAMPLES],
    [PropositionEvent, PROPOSITION_EXAMPLES],
    [StatementEvent, STATEMENT_EXAMPLES],
  ];
  const all = unions.flatMap(([schema, examples]) =>
    examples.map((example) => [example.type, schema, example] as const),
  );

  it.each(all)("%s takes its example, and refuses a field it does not know", (_type, schema, example) => {
    expect(schema.parse(example)).toEqual(example);
    expect(schema.safeParse({ ...example, extra: 1 }).success).toBe(false);
    expect(schema.safeParse({ ...example, data: { ...example.data, extra: 1 } }).success).toBe(false);
    expect(schema.safeParse({ ...example, type: `${example.type}2` }).success).toBe(false);
  });

  /** Fields without which an event says nothing. */
  const REQUIRED: Record<string, string[]> = {
    StatementRecorded: ["statement", "speaker", "text", "saidAt", "report", "assessments"],
    ReportAdded: ["report"],
    ReportWithdrawn: ["report", "reason"],
    StatementAssessed: ["assessments"],
    StatementCorrected: ["reason"],
    StatementDisputed: ["reason"],
    ConditionMet: ["proposition", "condition", "metAt"],
    OrderSettled: ["after", "placedAt"],
    DelegationSettled: ["proposition", "accepted"],
    StatementMerged: ["into"],
    StatementWithdrawn: ["reason"],
    StatementReinstated: ["reason"],
    StatementErased: ["reason", "at", "conditions"],
  };
  it.each(STATEMENT_EXAMPLES.map((e) => [e.type, e] as const))("%s names each field that it lacks", (type, example) => {
    const bare = StatementEvent.safeParse({ type: example.type, data: {} });
    expect(bare.error?.issues.map((issue) => issue.path.at(-1))).toEqual(REQUIRED[type]);
  });

  it("StatementAssessed holds at least one assessment, StatementRecorded may hold none", () => {
    expect(StatementEvent.safeParse({ type: "StatementAssessed", data: { assessments: [] } }).success).toBe(false);
    expect(StatementEvent.safeParse(recorded({ assessments: [] })).success).toBe(true);
  });
});
