import { countingAssessments, waitingAssessments } from "@on-record/core/domain/statement/counting";
import { CONFIDENCE_THRESHOLD } from "@on-record/core/limits";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AIR, assessment, event, recorded, statementOf, TROOPS } from "../../fixtures/statements.ts";

/** A statement read once per line, oldest first. */
const readings = (...lines: Record<string, unknown>[]) =>
  statementOf(
    recorded({ assessments: [] }),
    ...lines.map((line) => event("StatementAssessed", { assessments: [assessment(line)] })),
  );
const stanceOf = (...lines: Record<string, unknown>[]) => countingAssessments(readings(...lines)).get(TROOPS)?.stance;

describe("the assessment that counts", () => {
  it("is the editor's, else the rule's, else the model's, in whatever order they came", () => {
    const editor = { basis: "editor", stance: "ruled_out" };
    const rule = { basis: "rule", stance: "open" };
    const model = { basis: "model", stance: "committed" };
    expect(stanceOf(editor, rule, model)).toBe("ruled_out");
    expect(stanceOf(model, rule, editor)).toBe("ruled_out");
    expect(stanceOf(rule, model)).toBe("open");
    expect(stanceOf(model)).toBe("committed");
    expect(stanceOf()).toBeUndefined();
  });

  it.each(["editor", "rule", "model"])("is the newest of those by %s", (basis) => {
    expect(stanceOf({ basis, stance: "open" }, { basis, stance: "ruled_out" })).toBe("ruled_out");
  });

  it("needs the confidence of the threshold, and falls back to one that has it", () => {
    const model = { basis: "model", stance: "open" };
    expect(stanceOf({ ...model, confidence: CONFIDENCE_THRESHOLD })).toBe("open");
    expect(stanceOf({ ...model, confidence: CONFIDENCE_THRESHOLD - 0.001 })).toBeUndefined();
    expect(stanceOf(model, { basis: "editor", stance: "ruled_out", confidence: 0.1 })).toBe("open");
  });

  it("agrees with a plain sort for any list of readings", () => {
    const reading = fc.record({
      proposition: fc.constantFrom(TROOPS, AIR),
      basis: fc.constantFrom("editor", "rule", "model"),
      stance: fc.constantFrom("open", "ruled_out", "committed", "unclear"),
      confidence: fc.constantFrom(0, 0.59, 0.6, 1),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 12 }), (lines) => {
        const state = readings(...lines);
        const rank = ["model", "rule", "editor"];
        for (const proposition of [TROOPS, AIR]) {
          const mine = state.assessments.filter((a) => a.proposition === proposition);
          const best = mine
            .filter((a) => a.confidence >= 0.6)
            .toSorted((a, b) => rank.indexOf(a.basis) - rank.indexOf(b.basis) || a.version - b.version)
            .at(-1);
          expect(countingAssessments(state).get(proposition)?.id).toBe(best?.id);
          const waits = best === undefined ? mine.at(-1)?.id : undefined;
          expect(waitingAssessments(state).find((a) => a.proposition === proposition)?.id).toBe(waits);
        }
      }),
    );
  });
});

describe("an assessment that waits for an editor", () => {
  it("is the newest unsure one of a proposition that nothing sure stands for", () => {
    const unsure = { basis: "model", confidence: 0.3 };
    const state = readings(
      { ...unsure, stance: "open" },
      { ...unsure, stance: "ruled_out" },
      { ...unsure, proposition: AIR },
    );
    expect(waitingAssessments(state).map((a) => [a.proposition, a.stance])).toEqual([
      [TROOPS, "ruled_out"],
      [AIR, "ruled_out"],
    ]);
    expect(waitingAssessments(readings(unsure, { stance: "open" }))).toEqual([]);
  });
});
