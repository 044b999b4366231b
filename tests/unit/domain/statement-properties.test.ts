import { type StatementCommand, statementDecider } from "@on-record/core/domain/statement/decide";
import { StatementEvent } from "@on-record/core/domain/statement/events";
import type { StatementState } from "@on-record/core/domain/statement/state";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { LedgerError } from "@on-record/core/errors";
import { saltedDigest } from "@on-record/core/log/digest";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  AIR,
  assessment,
  EDITOR,
  LATEST,
  LEAVITT,
  MACRON,
  OTHER_EDITOR,
  recorded,
  report,
  rp,
  st,
  statementOf,
  TEXT,
  TROOPS,
  TRUMP,
} from "../../fixtures/statements.ts";

const times = fc
  .constantFrom("2025-08-19", "2025-08-19T14:05Z", "2025-08-19T14:05:30Z", "2025-08-18", "2026-01-01")
  .map((t) => saidAtFrom(t));
const reason = fc.constantFrom("mistake", "second look");
const proposition = fc.constantFrom(TROOPS, AIR);
const speaker = fc.constantFrom(TRUMP, LEAVITT, MACRON);
const text = fc.constantFrom(TEXT, `Look: ${TEXT}`, "We will not. We will not send troops.", "No 🪖.");
const readings = fc.uniqueArray(
  fc
    .record(
      {
        proposition,
        stance: fc.constantFrom("open", "ruled_out", "unclear"),
        basis: fc.constantFrom("editor", "model"),
        condition: fc.constantFrom("if a deal is signed", "if Kyiv asks"),
        confidence: fc.constantFrom(0.2, 1),
        evidence: fc.record({ start: fc.nat(5), end: fc.integer({ min: 6, max: 30 }) }),
      },
      { requiredKeys: ["proposition", "stance"] },
    )
    .map((more) => assessment(more)),
  { selector: (a) => a.proposition, minLength: 1, maxLength: 2 },
);
const others = fc
  .record({ letter: fc.constantFrom("a", "b", "c"), saidAt: times, speaker, closed: fc.boolean() })
  .map(({ letter, saidAt, speaker: who, closed }) =>
    statementOf(
      recorded({ statement: st(letter), saidAt, speaker: who }),
      ...(closed ? [{ type: "StatementWithdrawn" as const, data: { reason: "mistake" } }] : []),
    ),
  );
const letter = fc.constantFrom("a", "b", "c");

const wishes = fc.oneof(
  fc.record({ letter, headline: fc.constantFrom("One", "Two") }).map(({ letter: l, headline }) => ({
    type: "AddReport" as const,
    data: { report: report(l, { headline }) },
  })),
  fc
    .tuple(letter, reason)
    .map(([l, why]) => ({ type: "WithdrawReport" as const, data: { report: rp(l), reason: why } })),
  readings.map((assessments) => ({ type: "AssessStatement" as const, data: { assessments } })),
  fc
    .record(
      {
        reason,
        text,
        speaker,
        onBehalfOf: fc.option(speaker),
        language: fc.constantFrom("en", "fr"),
        saidAt: times,
        assessments: readings,
      },
      { requiredKeys: ["reason"] },
    )
    .map((data) => ({ type: "CorrectStatement" as const, data, latest: LATEST })),
  reason.map((why) => ({ type: "DisputeStatement" as const, data: { reason: why } })),
  fc.record({ proposition, metAt: times }).map((data) => ({ type: "MeetCondition" as const, data, latest: LATEST })),
  fc.option(others).map((other) => ({ type: "SettleOrder" as const, data: { after: other?.id ?? st("z") }, other })),
  fc.record({ proposition, accepted: fc.boolean() }).map((data) => ({ type: "SettleDelegation" as const, data })),
  fc.option(others).map((other) => ({ type: "MergeStatement" as const, data: { into: other?.id ?? st("z") }, other })),
  reason.map((why) => ({ type: "WithdrawStatement" as const, data: { reason: why } })),
  reason.map((why) => ({ type: "ReinstateStatement" as const, data: { reason: why } })),
);
const commands = fc.array(
  fc.tuple(wishes, fc.constantFrom(EDITOR, OTHER_EDITOR)).map(([wish, by]): StatementCommand => ({ ...wish, by })),
  { maxLength: 25 },
);

/** What a command comes to: an event, nothing, or a refusal with its code. Any other error is a bug and passes through. */
function outcome(command: StatementCommand, state: StatementState) {
  try {
    return { event: statementDecider.decide(command, state) };
  } catch (error) {
    if (error instanceof LedgerError) return { code: error.code };
    throw error;
  }
}

/** Runs the commands, and shows each step to `look`. */
function run(
  list: StatementCommand[],
  look: (step: { before: StatementState; after: StatementState; command: StatementCommand }) => void,
) {
  let state: StatementState = statementOf(recorded({ onBehalfOf: TRUMP }));
  for (const command of list) {
    const { event } = outcome(command, state);
    if (!event) continue;
    const before: StatementState = state;
    state = statementDecider.evolve(before, { ...event, version: (before?.version ?? 0) + 1, recordedBy: command.by });
    look({ before, after: state, command });
  }
}

const RUNS = { numRuns: 120 };

it("any sequence of commands ends in events that the schemas accept and that have a digest", () => {
  fc.assert(
    fc.property(commands, (list) => {
      let state: StatementState = null;
      let version = 0;
      for (const command of [
        { type: "RecordStatement" as const, by: EDITOR, data: recorded().data, latest: LATEST },
        ...list,
      ]) {
        const { event } = outcome(command, state);
        if (!event) continue;
        expect(StatementEvent.parse(event)).toEqual(event);
        expect(saltedDigest("AAAA", event.data)).toHaveLength(43);
        version += 1;
        state = statementDecider.evolve(state, { ...event, version, recordedBy: command.by });
        expect(state?.version).toBe(version);
      }
    }),
    RUNS,
  );
});

it("a command asked twice in a row makes one event", () => {
  fc.assert(
    fc.property(commands, (list) => {
      run(list, ({ after, command }) => {
        const { event } = outcome(command, after);
        expect([command.type, event ?? null]).toEqual([command.type, null]);
      });
    }),
    RUNS,
  );
});

it("a statement survives JSON, and goes on living as it would have", () => {
  fc.assert(
    fc.property(commands, (list) => {
      run(list, ({ before, after, command }) => {
        expect(JSON.parse(JSON.stringify(after))).toEqual(after);
        const copy = JSON.parse(JSON.stringify(before)) as StatementState;
        expect(outcome(command, copy)).toEqual(outcome(command, before));
      });
    }),
    RUNS,
  );
});

it("folding never alters the state it began with", () => {
  fc.assert(
    fc.property(commands, (list) => {
      const seen: { state: StatementState; text: string }[] = [];
      run(list, ({ before }) => seen.push({ state: before, text: JSON.stringify(before) }));
      for (const { state, text: was } of seen) expect(JSON.stringify(state)).toBe(was);
    }),
    RUNS,
  );
});

it("a statement always stands inside its span, with its evidence inside its text, open or closed once", () => {
  fc.assert(
    fc.property(commands, (list) => {
      run(list, ({ after }) => {
        if (after === null) throw new Error("a statement never ends in nothing");
        const at = after.place.slice(0, after.saidAt.from.length);
        expect(after.saidAt.from <= at && at < after.saidAt.until).toBe(true);
        for (const { evidence } of after.assessments) {
          if (evidence)
            expect(after.text.slice(evidence.start, evidence.end)).toHaveLength(evidence.end - evidence.start);
        }
        expect([after.withdrawn, after.merged, after.reinstated].filter(Boolean).length).toBeLessThanOrEqual(1);
        expect(new Set(after.assessments.map((a) => a.id)).size).toBe(after.assessments.length);
        expect(new Set(after.reports.map((r) => r.id)).size).toBe(after.reports.length);
      });
    }),
    RUNS,
  );
});
