import { type StatementCommand, statementDecider } from "@on-record/core/domain/statement/decide";
import { standingReports } from "@on-record/core/domain/statement/state";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { describe, expect, it } from "vitest";
import {
  assessment,
  EDITOR,
  event,
  LATEST,
  LEAVITT,
  live,
  OTHER_EDITOR,
  recorded,
  report,
  rp,
  st,
  statementOf,
  TEXT,
} from "../../fixtures/statements.ts";
import { given } from "../../helpers/given.ts";

const on = (...past: Parameters<typeof statementOf>) => given(statementDecider, ...past);
const withdrawn = event("StatementWithdrawn", { reason: "mistake" });
const merged = event("StatementMerged", { into: st("b") });
const other = (more: Parameters<typeof recorded>[0] = {}) => statementOf(recorded({ statement: st("b"), ...more }));

describe("recording a statement", () => {
  const record = (more: Parameters<typeof recorded>[0] = {}) =>
    ({ type: "RecordStatement", by: EDITOR, data: recorded(more).data, latest: LATEST }) as const;

  it("begins its stream", () => {
    on().when(record()).yields(recorded());
  });

  it("is refused where the statement already is, with its id", () => {
    on(recorded()).when(record()).fails("statement_exists");
  });

  it("is refused when it would have been said later than now", () => {
    on()
      .when(record({ saidAt: saidAtFrom("2025-08-25T12:00:00.001Z") }))
      .fails("said_in_future");
    on()
      .when(record({ saidAt: saidAtFrom("2025-08-25T12:00:00.000Z") }))
      .yields(recorded({ saidAt: saidAtFrom("2025-08-25T12:00:00.000Z") }));
  });

  it("accepts today, though the day is not over", () => {
    const saidAt = saidAtFrom("2025-08-25");
    on().when(record({ saidAt })).yields(recorded({ saidAt }));
  });

  it("is refused when evidence ends behind the text", () => {
    const assessments = (end: number) => [assessment({ evidence: { start: 0, end } })];
    on()
      .when(record({ assessments: assessments(TEXT.length + 1) }))
      .fails("evidence_outside_text");
    on()
      .when(record({ assessments: assessments(TEXT.length) }))
      .yields(recorded({ assessments: assessments(TEXT.length) }));
  });

  it("is refused when evidence cuts a character in two", () => {
    const text = "No 🪖 there";
    const assessments = (start: number, end: number) => [assessment({ evidence: { start, end } })];
    on()
      .when(record({ text, assessments: assessments(0, 4) }))
      .fails("invalid_request");
    on()
      .when(record({ text, assessments: assessments(4, 8) }))
      .fails("invalid_request");
    on()
      .when(record({ text, assessments: assessments(3, 5) }))
      .yields(recorded({ text, assessments: assessments(3, 5) }));
  });

  it("comes before anything else", () => {
    on()
      .when({ type: "WithdrawStatement", by: EDITOR, data: { reason: "none" } })
      .fails("statement_not_found");
    expect(() => statementOf(withdrawn)).toThrow("begins with StatementWithdrawn");
  });
});

describe("reports", () => {
  const add = (letter = "b", more = {}) =>
    ({ type: "AddReport", by: EDITOR, data: { report: report(letter, more) } }) as const;
  const take = (reason = "retracted", by = EDITOR) =>
    ({ type: "WithdrawReport", by, data: { report: rp("b"), reason } }) as const;
  const added = event("ReportAdded", { report: report("b") });
  const gone = { ...event("ReportWithdrawn", { report: rp("b"), reason: "retracted" }), recordedBy: EDITOR };

  it("are added and, the same again, not", () => {
    on(recorded()).when(add()).yields(added);
    on(recorded(), added).when(add()).yieldsNothing();
    on(recorded()).when(add("a")).yieldsNothing();
  });

  it("of one address with other details are refused", () => {
    on(recorded(), added)
      .when(add("b", { headline: "Other" }))
      .fails("report_exists");
  });

  it("are withdrawn once; the same withdrawal again is nothing, another is refused", () => {
    on(recorded(), added)
      .when(take())
      .yields(event("ReportWithdrawn", { report: rp("b"), reason: "retracted" }));
    on(recorded(), added, gone).when(take()).yieldsNothing();
    on(recorded(), added, gone).when(take("other reason")).fails("report_already_withdrawn");
    on(recorded(), added, gone).when(take("retracted", OTHER_EDITOR)).fails("report_already_withdrawn");
    on(recorded()).when(take()).fails("report_not_found");
  });

  it("can be added, withdrawn and added again, also with other details", () => {
    on(recorded(), added, gone).when(add()).yields(added);
    const again = event("ReportAdded", { report: report("b", { headline: "Corrected" }) });
    on(recorded(), added, gone)
      .when(add("b", { headline: "Corrected" }))
      .yields(again);
    const state = statementOf(recorded(), added, gone, again);
    expect(standingReports(state).map((r) => [r.id, r.headline, r.version])).toEqual([
      [rp("a"), undefined, 1],
      [rp("b"), "Corrected", 4],
    ]);
  });

  it("that were withdrawn stay on record with who and why", () => {
    const state = statementOf(recorded(), added, gone);
    expect(standingReports(state)).toHaveLength(1);
    expect(state.reports[1]?.withdrawn).toEqual({ version: 3, by: EDITOR, reason: "retracted" });
  });
});

describe("disputes", () => {
  const deny = (more = {}) =>
    ({ type: "DisputeStatement", by: EDITOR, data: { by: LEAVITT, reason: "denied", ...more } }) as const;
  const denied = event("StatementDisputed", { by: LEAVITT, reason: "denied" });

  it("are kept, and once only", () => {
    on(recorded()).when(deny()).yields(denied);
    on(recorded(), denied).when(deny()).yieldsNothing();
    on(recorded(), denied)
      .when(deny({ url: undefined }))
      .yieldsNothing();
    on(recorded(), denied)
      .when(deny({ url: "https://a.example/" }))
      .yields(event("StatementDisputed", { by: LEAVITT, reason: "denied", url: "https://a.example/" }));
  });

  it("delete nothing", () => {
    const { disputes, version, ...rest } = statementOf(recorded(), denied);
    const { disputes: none, version: _first, ...before } = statementOf(recorded());
    expect(rest).toEqual(before);
    expect([none, disputes, version]).toEqual([[], [{ version: 2, by: LEAVITT, reason: "denied" }], 2]);
  });
});

describe("merging", () => {
  const merge = (into = other(), by = EDITOR) =>
    ({ type: "MergeStatement", by, data: { into: into.id }, other: into }) as const;

  it("closes the statement, and once only", () => {
    on(recorded()).when(merge()).yields(merged);
    on(recorded(), merged).when(merge()).yieldsNothing();
    on(recorded(), merged)
      .when(merge(other({ statement: st("c") })))
      .fails("already_merged");
  });

  it("needs another statement that stands, with the same speaker and actor", () => {
    on(recorded())
      .when({ type: "MergeStatement", by: EDITOR, data: { into: st("b") }, other: null })
      .fails("unknown_statement");
    on(recorded())
      .when(merge(statementOf(recorded())))
      .fails("cannot_merge");
    on(recorded())
      .when(merge(other({ speaker: LEAVITT })))
      .fails("cannot_merge");
    on(recorded())
      .when(merge(other({ onBehalfOf: LEAVITT })))
      .fails("cannot_merge");
    on(recorded())
      .when(merge(statementOf(recorded({ statement: st("b") }), withdrawn)))
      .fails("cannot_merge");
    const away = event("StatementMerged", { into: st("c") });
    on(recorded())
      .when(merge(statementOf(recorded({ statement: st("b") }), away)))
      .fails("cannot_merge");
  });

  it("takes a statement on its own behalf as its speaker's own", () => {
    const own = other({ onBehalfOf: recorded().data.speaker });
    on(recorded()).when(merge(own)).yields(merged);
  });

  it("is refused for a withdrawn statement", () => {
    on(recorded(), withdrawn).when(merge()).fails("statement_closed");
  });

  it("can be undone, and done again with another", () => {
    const back = event("StatementReinstated", { reason: "two utterances after all" });
    const state = statementOf(recorded(), merged, back);
    expect(state.merged).toBeUndefined();
    on(recorded(), merged, back)
      .when(merge(other({ statement: st("c") })))
      .yields(event("StatementMerged", { into: st("c") }));
  });
});

describe("withdrawal and reinstatement", () => {
  const withdraw = (reason = "mistake", by = EDITOR) => ({ type: "WithdrawStatement", by, data: { reason } }) as const;
  const reinstate = (reason = "right after all", by = EDITOR) =>
    ({ type: "ReinstateStatement", by, data: { reason } }) as const;
  const gone = { ...withdrawn, recordedBy: EDITOR };
  const back = { ...event("StatementReinstated", { reason: "right after all" }), recordedBy: EDITOR };

  it("withdraws once; the same again is nothing, by another or for another reason it is refused", () => {
    on(recorded()).when(withdraw()).yields(withdrawn);
    on(recorded(), gone).when(withdraw()).yieldsNothing();
    on(recorded(), gone).when(withdraw("other reason")).fails("already_withdrawn");
    on(recorded(), gone).when(withdraw("mistake", OTHER_EDITOR)).fails("already_withdrawn");
    on(recorded(), merged).when(withdraw()).fails("statement_closed");
  });

  it("reinstates what was withdrawn or merged, and nothing else", () => {
    on(recorded(), gone)
      .when(reinstate())
      .yields(event("StatementReinstated", { reason: "right after all" }));
    on(recorded(), merged)
      .when(reinstate())
      .yields(event("StatementReinstated", { reason: "right after all" }));
    on(recorded()).when(reinstate()).fails("not_withdrawn");
  });

  it("takes the same reinstatement again as a retry", () => {
    on(recorded(), gone, back).when(reinstate()).yieldsNothing();
    on(recorded(), gone, back).when(reinstate("another reason")).fails("not_withdrawn");
    on(recorded(), gone, back).when(reinstate("right after all", OTHER_EDITOR)).fails("not_withdrawn");
  });

  it("can withdraw, reinstate and withdraw again", () => {
    const { state, events } = live(
      { type: "RecordStatement", by: EDITOR, data: recorded().data, latest: LATEST },
      withdraw(),
      withdraw(),
      reinstate(),
      reinstate(),
      withdraw(),
      reinstate(),
    );
    expect(events.map((e) => e?.type ?? null)).toEqual([
      "StatementRecorded",
      "StatementWithdrawn",
      null,
      "StatementReinstated",
      null,
      "StatementWithdrawn",
      "StatementReinstated",
    ]);
    expect(state?.withdrawn).toBeUndefined();
    expect(state?.version).toBe(5);
  });

  it("leaves words, reports and assessments as they were", () => {
    const { version: _a, reinstated: _b, ...after } = statementOf(recorded(), gone, back);
    const { version: _c, ...before } = statementOf(recorded());
    expect(after).toEqual(before);
  });
});

describe("a closed statement", () => {
  const commands: StatementCommand[] = [
    { type: "AddReport", by: EDITOR, data: { report: report("c") } },
    { type: "AssessStatement", by: EDITOR, data: { assessments: [assessment()] } },
    { type: "CorrectStatement", by: EDITOR, data: { reason: "typo", language: "en" }, latest: LATEST },
    {
      type: "MeetCondition",
      by: EDITOR,
      data: { proposition: assessment().proposition, metAt: saidAtFrom("2025-08-20") },
      latest: LATEST,
    },
    { type: "SettleOrder", by: EDITOR, data: { after: st("b") }, other: other() },
    { type: "SettleDelegation", by: EDITOR, data: { proposition: assessment().proposition, accepted: true } },
  ];

  it.each(commands)("refuses $type, withdrawn or merged", (command) => {
    on(recorded(), withdrawn).when(command).fails("statement_closed");
    on(recorded(), merged).when(command).fails("statement_closed");
  });

  it.each([withdrawn, merged])("still takes a denial and the withdrawal of a report after $type", (closing) => {
    on(recorded(), closing)
      .when({ type: "DisputeStatement", by: EDITOR, data: { reason: "denied" } })
      .yields(event("StatementDisputed", { reason: "denied" }));
    on(recorded(), closing)
      .when({ type: "WithdrawReport", by: EDITOR, data: { report: rp("a"), reason: "retracted" } })
      .yields(event("ReportWithdrawn", { report: rp("a"), reason: "retracted" }));
  });
});
