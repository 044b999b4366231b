import { type StatementCommand, statementDecider } from "@on-record/core/domain/statement/decide";
import { conditionNumbers, isRedacted, placeholderOf, redact } from "@on-record/core/domain/statement/erasure";
import { countingAssessments } from "@on-record/core/domain/statement/counting";
import { mergedInto, Remains } from "@on-record/core/domain/statement/erased-event";
import type { StatementEvent } from "@on-record/core/domain/statement/events";
import { evolveStatement, type Statement } from "@on-record/core/domain/statement/state";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { Instant } from "@on-record/core/domain/time";
import { describe, expect, it } from "vitest";
import {
  AIR,
  assessment,
  CONDITIONAL,
  EDITOR,
  event,
  LATEST,
  OTHER_EDITOR,
  recorded,
  report,
  rp,
  st,
  statementOf,
  STATEMENT_EXAMPLES,
  TROOPS,
} from "../../fixtures/statements.ts";
import { given, refusal } from "../../helpers/given.ts";

const AT = Instant.parse("2025-08-21T10:00:00.000Z");
const LATER = Instant.parse("2025-08-22T10:00:00.000Z");
const REASON = { reason: "a court ordered it" };

const on = (...past: Parameters<typeof statementOf>) => given(statementDecider, ...past);
const erase = (more: Partial<Extract<StatementCommand, { type: "EraseStatement" }>> = {}) =>
  ({ type: "EraseStatement", by: EDITOR, data: REASON, at: AT, conditions: {}, ...more }) as const;
const tombstone = event("StatementErased", { ...REASON, at: AT, conditions: {} });

describe("erasing a statement", () => {
  it("leaves a tombstone that says who, when and why", () => {
    on(recorded())
      .when(erase({ data: { ...REASON, reference: "3 O 1/25" }, conditions: { "1.0": 1 } }))
      .yields(event("StatementErased", { ...REASON, reference: "3 O 1/25", at: AT, conditions: { "1.0": 1 } }));
    expect(statementOf(recorded(), { ...tombstone, recordedBy: OTHER_EDITOR }).erased).toEqual({
      version: 2,
      by: OTHER_EDITOR,
      at: AT,
      ...REASON,
    });
  });

  it("is done whatever became of the statement, but to one that is there", () => {
    on(recorded(), event("StatementWithdrawn", { reason: "mistake" }))
      .when(erase())
      .yields(tombstone);
    on(recorded(), event("StatementMerged", { into: st("b") }))
      .when(erase())
      .yields(tombstone);
    on().when(erase()).fails("statement_not_found");
  });

  it("again, by the same for the same reason, leaves nothing to do; otherwise it says that it was done", () => {
    const erased = on(recorded(), { ...tombstone, recordedBy: EDITOR });
    erased.when(erase({ at: LATER, conditions: { "9.9": 3 } })).yieldsNothing();
    erased.when(erase({ by: OTHER_EDITOR })).fails("statement_erased");
    erased.when(erase({ data: { reason: "another" } })).fails("statement_erased");
    erased.when(erase({ data: { ...REASON, reference: "3 O 1/25" } })).fails("statement_erased");
  });

  const by = EDITOR;
  const commands: StatementCommand[] = [
    { type: "RecordStatement", by, data: recorded().data, latest: LATEST },
    { type: "AddReport", by, data: { report: report("b") } },
    { type: "WithdrawReport", by, data: { report: rp("a"), reason: "x" } },
    { type: "AssessStatement", by, data: { assessments: [assessment()] } },
    { type: "CorrectStatement", by, latest: LATEST, data: { reason: "x", text: "y" } },
    { type: "DisputeStatement", by, data: { reason: "x" } },
    { type: "MeetCondition", by, latest: LATEST, data: { proposition: AIR, metAt: saidAtFrom("2025-08-20") } },
    { type: "SettleOrder", by, data: { after: st("b") }, other: statementOf(recorded({ statement: st("b") })) },
    { type: "SettleDelegation", by, data: { proposition: TROOPS, accepted: true } },
    { type: "MergeStatement", by, data: { into: st("b") }, other: statementOf(recorded({ statement: st("b") })) },
    { type: "WithdrawStatement", by, data: { reason: "x" } },
    { type: "ReinstateStatement", by, data: { reason: "x" } },
  ];
  it.each(commands.map((command) => [command.type, command] as const))("leaves no place for %s", (_type, command) => {
    const state = statementOf(recorded(), { ...tombstone, recordedBy: EDITOR });
    const error = refusal(() => statementDecider.decide(command, state));
    expect(error.code).toBe("statement_erased");
    expect(error.details).toEqual({ statement: st("a"), erased: { version: 2, by: EDITOR, at: AT, ...REASON } });
  });

  it("keeps others from being merged into it, but not from being placed behind it", () => {
    const erased = statementOf(recorded(), tombstone);
    const other = recorded({ statement: st("b") });
    on(other)
      .when({ type: "MergeStatement", by, data: { into: st("a") }, other: erased })
      .fails("cannot_merge");
    on(other)
      .when({ type: "SettleOrder", by, data: { after: st("a") }, other: erased })
      .yields(event("OrderSettled", { after: st("a"), placedAt: "2025-08-19T04:00:00.000Z~" }));
  });
});

/** A statement with words wherever words can be. */
const PAST: StatementEvent[] = [
  recorded({
    text: "secret text, if secretly paid",
    language: "en",
    report: report("a", { url: "https://a.example/secret", headline: "secret headline", publishedAt: "2025-08-17" }),
    assessments: [{ ...CONDITIONAL, condition: "if secretly paid", cue: "secret cue", evidence: { start: 0, end: 6 } }],
  }),
  event("ReportAdded", { report: report("b", { contentHash: `sha256:${"5ec4e7".padEnd(64, "0")}` }) }),
  event("ReportWithdrawn", { report: rp("b"), reason: "secret reason" }),
  event("StatementAssessed", {
    assessments: [
      { ...CONDITIONAL, condition: "if secretly asked" },
      { ...CONDITIONAL, proposition: TROOPS, condition: "if secretly paid" },
    ],
    reason: "secret reason",
  }),
  event("ConditionMet", { proposition: AIR, condition: "if secretly asked", metAt: saidAtFrom("2025-08-20") }),
  event("StatementDisputed", { reason: "secret reason", url: "https://a.example/secret" }),
  event("StatementWithdrawn", { reason: "secret reason" }),
];
const facts = (past: readonly StatementEvent[]) =>
  past.map((each, index) => ({ ...each, version: index + 1, recordedBy: EDITOR }));
const NUMBERS = { "1.0": 1, "4.0": 2, "4.1": 1, "5": 2 };

describe("what is left of a statement", () => {
  const whole = statementOf(...PAST);
  const left = redact(whole, { numbers: NUMBERS, unlike: { "4.0": ["st_x:1.0"] } });

  it("holds no words, no addresses, and no digest of what somebody may guess", () => {
    expect(JSON.stringify(whole)).toMatch(/secret/);
    expect(JSON.stringify(left)).not.toMatch(/secret|5ec4e7|example|"en"|2025-08-17/);
    expect([isRedacted(whole), isRedacted(left)]).toEqual([false, true]);
  });

  it("is made of what positions are made of", () => {
    const { speaker, saidAt, place, reports, assessments, conditionsMet, withdrawn } = left;
    expect({ speaker, saidAt, place }).toEqual({ speaker: whole.speaker, saidAt: whole.saidAt, place: whole.place });
    expect(reports.map(({ publisher }) => publisher)).toEqual(whole.reports.map(({ publisher }) => publisher));
    expect(reports[1]?.withdrawn).toEqual({ version: 3, by: whole.reports[1]?.withdrawn?.by, reason: "[erased]" });
    expect(assessments.map(({ id, stance, condition }) => [id, stance, condition])).toEqual([
      ["1.0", "leaning_for", "[erased 1]"],
      ["4.0", "leaning_for", "[erased 2]"],
      ["4.1", "leaning_for", "[erased 1]"],
    ]);
    expect(assessments[0]?.evidence).toEqual({ start: 0, end: 6 });
    expect(conditionsMet.map(({ condition }) => condition)).toEqual(["[erased 2]"]);
    expect(withdrawn).toMatchObject({ version: 7, reason: "[erased]" });
    expect([...countingAssessments(left)].map(([on, { id }]) => [on, id])).toEqual(
      [...countingAssessments(whole)].map(([on, { id }]) => [on, id]),
    );
  });

  it("is the same when it is taken again", () => {
    expect(redact(left, { numbers: NUMBERS, unlike: { "4.0": ["st_x:1.0"] } })).toEqual(left);
  });

  it("is what the event that is left of each of its events folds to, and can be stored", () => {
    let state: Statement | null = null;
    for (const each of facts(PAST)) {
      state = evolveStatement(state, each);
      if (state === null) throw new Error("an event leaves a state");
      const redacted = redact(state, { numbers: NUMBERS, unlike: {} });
      const data = Remains.parse({ form: 1, of: each.type, state: redacted, numbers: NUMBERS });
      const { version, recordedBy } = each;
      expect(evolveStatement(null, { type: "Erased", data, version, recordedBy })).toEqual(redacted);
      expect(Remains.parse(JSON.parse(JSON.stringify(data)))).toEqual(data);
    }
  });

  it("is left by the tombstone as well, whether the words have gone by then or not", () => {
    const conditions = NUMBERS;
    const buried = { ...event("StatementErased", { ...REASON, at: AT, conditions }), version: 8, recordedBy: EDITOR };
    const fromWhole = evolveStatement(whole, buried);
    const fromLeft = evolveStatement(redact(whole, { numbers: NUMBERS, unlike: {} }), buried);
    expect(fromWhole).toEqual(fromLeft);
    expect(JSON.stringify(fromWhole)).not.toMatch(/secret/);
  });
});

describe("conditions", () => {
  it("are numbered in the order in which their words first appear, equal words alike", () => {
    expect(conditionNumbers(facts(PAST))).toEqual(NUMBERS);
    expect(conditionNumbers([])).toEqual({});
  });

  it("are numbered however many events there are of whatever type", () => {
    expect(() => conditionNumbers(facts(STATEMENT_EXAMPLES))).not.toThrow();
  });

  it("that nobody numbered are said to be erased all the same", () => {
    expect(placeholderOf({ numbers: {} }, "1.0")).toBe("[erased]");
  });
});

describe("an erased merge", () => {
  it("still says where the reports went", () => {
    const [past] = [recorded()];
    const merged = statementOf(past, event("StatementMerged", { into: st("b"), reason: "secret" }));
    const state = redact(merged, { numbers: {}, unlike: {} });
    const data = Remains.parse({ form: 1, of: "StatementMerged", state, numbers: {} });
    expect(mergedInto({ type: "Erased", data })).toBe(st("b"));
    expect(mergedInto({ type: "Erased", data: { ...data, of: "StatementDisputed" } })).toBeUndefined();
  });
});
