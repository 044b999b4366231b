import { countingAssessments } from "@on-record/core/domain/statement/counting";
import { statementDecider } from "@on-record/core/domain/statement/decide";
import { actorOf, isDirect } from "@on-record/core/domain/statement/state";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { describe, expect, it } from "vitest";
import {
  AIR,
  assessment,
  CONDITIONAL,
  delegated,
  EDITOR,
  event,
  LATEST,
  LEAVITT,
  MACRON,
  OTHER_EDITOR,
  recorded,
  spanOf,
  st,
  statementOf,
  TEXT,
  TROOPS,
  TRUMP,
} from "../../fixtures/statements.ts";
import { given, refusal } from "../../helpers/given.ts";

const on = (...past: Parameters<typeof statementOf>) => given(statementDecider, ...past);

describe("assessing", () => {
  const assess = (list = [assessment({ stance: "open" })], by = EDITOR) =>
    ({ type: "AssessStatement", by, data: { assessments: list } }) as const;
  const assessed = (list = [assessment({ stance: "open" })]) => ({
    ...event("StatementAssessed", { assessments: list }),
    recordedBy: EDITOR,
  });

  it("reads the words again, and the same reading again is nothing", () => {
    on(recorded()).when(assess()).yields(event("StatementAssessed", assessed().data));
    on(recorded(), assessed()).when(assess()).yieldsNothing();
  });

  it("by another editor is an event: it confirms", () => {
    on(recorded(), assessed())
      .when(assess(undefined, OTHER_EDITOR))
      .yields(event("StatementAssessed", assessed().data));
  });

  it("back to an earlier reading is an event", () => {
    const first = assessed([assessment()]);
    on(recorded(), first, assessed())
      .when(assess([assessment()]))
      .yields(event("StatementAssessed", first.data));
  });

  it("of a second proposition beside a repeated one is an event", () => {
    const both = [assessment({ stance: "open" }), CONDITIONAL];
    on(recorded(), assessed())
      .when(assess(both))
      .yields(event("StatementAssessed", { assessments: both }));
  });

  it("is refused when the evidence lies outside the text, and names the field", () => {
    const command = assess([assessment(), { ...CONDITIONAL, evidence: { start: 0, end: 5_000 } }]);
    on(recorded()).when(command).fails("evidence_outside_text");
    const { fields } = refusal(() => statementDecider.decide(command, statementOf(recorded())));
    expect(fields.map((f) => f.path)).toEqual(["assessments.1.evidence.end"]);
  });
});

describe("correcting", () => {
  const correct = (data: object, by = EDITOR) =>
    ({ type: "CorrectStatement", by, data: { reason: "typing error", ...data }, latest: LATEST }) as const;
  const corrected = (data: object) => ({
    ...event("StatementCorrected", { reason: "typing error", ...data }),
    recordedBy: EDITOR,
  });
  const shifted = `Look: ${TEXT}`;

  it.each([
    { text: shifted },
    { language: "en" },
    { speaker: LEAVITT },
    { onBehalfOf: MACRON },
    { saidAt: saidAtFrom("2025-08-18") },
    { assessments: [assessment({ stance: "open" })] },
  ])("changes the record by %o, and the same again is nothing", (data) => {
    on(recorded())
      .when(correct(data))
      .yields(event("StatementCorrected", { reason: "typing error", ...data }));
    on(recorded(), corrected(data)).when(correct(data)).yieldsNothing();
  });

  it.each([
    {},
    { text: TEXT },
    { speaker: TRUMP },
    { onBehalfOf: null },
    { saidAt: recorded().data.saidAt },
    { assessments: [] },
    { text: undefined, language: undefined },
  ])("to what stands already is nothing: %o", (data) => {
    on(recorded()).when(correct(data)).yieldsNothing();
  });

  it("keeps, in the event, only what changes", () => {
    on(recorded())
      .when(correct({ speaker: TRUMP, language: "en", saidAt: recorded().data.saidAt }))
      .yields(event("StatementCorrected", { reason: "typing error", language: "en" }));
  });

  it("moves evidence with its words", () => {
    const state = statementOf(recorded(), corrected({ text: shifted }));
    expect(state.assessments.map((a) => a.evidence)).toEqual([spanOf("will not send troops", shifted)]);
    expect(state.assessments[0]?.id).toBe("1.0");
  });

  it("is refused when evidence would be lost or stand twice, and names the propositions", () => {
    on(recorded())
      .when(correct({ text: "We won't send troops." }))
      .fails("evidence_lost");
    const twice = "Yes: we will not send troops. I say: will not send troops.";
    const error = refusal(() => statementDecider.decide(correct({ text: twice }), statementOf(recorded())));
    expect([error.code, error.details["propositions"]]).toEqual(["evidence_lost", [TROOPS]]);
  });

  it("passes when the lost reading is restated, and then only the new one is left", () => {
    const data = {
      text: "We won't send troops.",
      assessments: [assessment({ evidence: spanOf("won't", "We won't send troops.") })],
    };
    on(recorded())
      .when(correct(data))
      .yields(event("StatementCorrected", { reason: "typing error", ...data }));
    on(recorded(), corrected(data)).when(correct(data)).yieldsNothing();
    expect(statementOf(recorded(), corrected(data)).assessments.map((a) => [a.id, a.assessedBy])).toEqual([
      ["2.0", EDITOR],
    ]);
  });

  it("judges restated evidence against the corrected text", () => {
    const data = { text: "No.", assessments: [assessment({ evidence: { start: 0, end: 4 } })] };
    on(recorded()).when(correct(data)).fails("evidence_outside_text");
  });

  it("is refused into the future", () => {
    on(recorded())
      .when(correct({ saidAt: saidAtFrom("2026-01-01") }))
      .fails("said_in_future");
  });

  it("with onBehalfOf null makes the words the speaker's own", () => {
    on(delegated())
      .when(correct({ onBehalfOf: null }))
      .yields(event("StatementCorrected", { reason: "typing error", onBehalfOf: null }));
    const state = statementOf(delegated(), corrected({ onBehalfOf: null }));
    expect([actorOf(state), isDirect(state), "onBehalfOf" in state]).toEqual([LEAVITT, true, false]);
    on(delegated(), corrected({ onBehalfOf: null }))
      .when(correct({ onBehalfOf: null }))
      .yieldsNothing();
  });

  const settled = event("OrderSettled", { after: st("b"), placedAt: "2025-08-19T04:00:00.000Z~" });

  it("of saidAt drops the place that an editor settled", () => {
    const state = statementOf(recorded(), settled, corrected({ saidAt: saidAtFrom("2025-08-18T20:00:00Z") }));
    expect([state.place, state.settledAfter]).toEqual(["2025-08-18T20:00:00.000Z", []]);
  });

  it("of anything else keeps the settled place", () => {
    const state = statementOf(recorded(), settled, corrected({ language: "en" }));
    expect([state.place, state.settledAfter]).toEqual([settled.data.placedAt, [st("b")]]);
  });

  it("of who spoke, or for whom, drops the settlement of the delegation", () => {
    const accepted = event("DelegationSettled", { proposition: TROOPS, accepted: true });
    expect(statementOf(delegated(), accepted, corrected({ onBehalfOf: MACRON })).delegations).toEqual([]);
    expect(statementOf(delegated(), accepted, corrected({ speaker: MACRON })).delegations).toEqual([]);
    expect(statementOf(delegated(), accepted, corrected({ language: "en" })).delegations).toHaveLength(1);
  });
});

describe("a condition", () => {
  const meet = (given = "2025-08-20", proposition = AIR, latest = LATEST) =>
    ({ type: "MeetCondition", by: EDITOR, data: { proposition, metAt: saidAtFrom(given) }, latest }) as const;
  const conditional = recorded({ assessments: [CONDITIONAL, assessment()] });
  const met = event("ConditionMet", {
    proposition: AIR,
    condition: "if a deal is signed",
    metAt: saidAtFrom("2025-08-20"),
  });

  it("is met once, in the assessment's own words", () => {
    on(conditional).when(meet()).yields(met);
    on(conditional, met).when(meet()).yieldsNothing();
    on(conditional, met).when(meet("2025-08-21")).fails("condition_already_met");
  });

  it("cannot be met where no counting assessment has one", () => {
    on(conditional).when(meet("2025-08-20", TROOPS)).fails("no_condition");
    on(recorded()).when(meet()).fails("no_condition");
    const unsure = { ...CONDITIONAL, confidence: 0.2 };
    on(recorded({ assessments: [unsure] }))
      .when(meet())
      .fails("no_condition");
  });

  it("is met neither in the future nor before the words were said", () => {
    on(conditional).when(meet("2025-08-26")).fails("said_in_future");
    on(conditional).when(meet("2025-08-18")).fails("order_impossible");
  });

  it("may be met on the day of the words, when only the day is known", () => {
    const afternoon = recorded({ assessments: [CONDITIONAL], saidAt: saidAtFrom("2025-08-19T14:00:00Z") });
    on(afternoon)
      .when(meet("2025-08-19"))
      .yields(event("ConditionMet", { ...met.data, metAt: saidAtFrom("2025-08-19") }));
    on(afternoon).when(meet("2025-08-19T13:59:59.999Z")).fails("order_impossible");
  });

  it("that replaced a met one can be met in its turn", () => {
    const stricter = { ...CONDITIONAL, condition: "if Kyiv asks" };
    const again = event("StatementAssessed", { assessments: [stricter] });
    on(conditional, met, again)
      .when(meet("2025-08-21"))
      .yields(event("ConditionMet", { proposition: AIR, condition: "if Kyiv asks", metAt: saidAtFrom("2025-08-21") }));
    expect(statementOf(conditional, met, again).conditionsMet).toHaveLength(1);
  });
});

describe("delegation", () => {
  const settle = (accepted: boolean, proposition = TROOPS) =>
    ({ type: "SettleDelegation", by: EDITOR, data: { proposition, accepted } }) as const;
  const yes = event("DelegationSettled", { proposition: TROOPS, accepted: true });
  const no = event("DelegationSettled", { proposition: TROOPS, accepted: false });

  it("is settled, once, and can be settled the other way", () => {
    on(delegated()).when(settle(true)).yields(yes);
    on(delegated(), yes).when(settle(true)).yieldsNothing();
    on(delegated(), yes).when(settle(false)).yields(no);
    on(delegated(), yes, no).when(settle(false)).yieldsNothing();
    on(delegated(), yes, no).when(settle(true)).yields(yes);
    expect(statementOf(delegated(), yes, no).delegations).toEqual([
      { proposition: TROOPS, accepted: false, version: 3 },
    ]);
  });

  it("needs words spoken for another, with an assessment that counts", () => {
    on(recorded()).when(settle(true)).fails("not_delegated");
    on(recorded({ onBehalfOf: TRUMP }))
      .when(settle(true))
      .fails("not_delegated");
    on(delegated()).when(settle(true, AIR)).fails("unknown_proposition");
  });
});

it("counts the restated reading after a correction", () => {
  const data = { reason: "typing error", assessments: [assessment({ stance: "open" })] };
  const state = statementOf(recorded(), event("StatementCorrected", data));
  expect(countingAssessments(state).get(TROOPS)?.stance).toBe("open");
});
