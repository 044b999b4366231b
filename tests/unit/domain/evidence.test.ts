import { relocate } from "@on-record/core/domain/statement/evidence";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const at = (start: number, end: number) => ({ evidence: { start, end } });

describe("evidence in a corrected text", () => {
  it("stays where its words stand where they stood", () => {
    const held = at(0, 2);
    expect(relocate(held, "no no", "no, no")).toBe(held);
  });

  it("moves to the one place where its words now stand", () => {
    expect(relocate(at(0, 5), "never ever", "I said never ever")).toEqual(at(7, 12));
  });

  it("is lost when its words are gone, or stand twice elsewhere, also overlapping", () => {
    expect(relocate(at(0, 5), "never", "hardly")).toBeNull();
    expect(relocate(at(0, 2), "no", "I no, no")).toBeNull();
    expect(relocate(at(0, 2), "aa", "baaa")).toBeNull();
  });

  it("needs no place when there is none", () => {
    const held = { evidence: undefined };
    expect(relocate(held, "a", "b")).toBe(held);
  });

  it("keeps its words, whatever the texts", () => {
    const text = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom("n", "o", " ", "🪖") });
    fc.assert(
      fc.property(text, text, text, fc.nat(), fc.nat(), (before, prefix, suffix, a, b) => {
        const start = a % before.length;
        const end = start + 1 + (b % (before.length - start));
        for (const after of [prefix + before, before + suffix, prefix, prefix + before + suffix]) {
          const moved = relocate(at(start, end), before, after);
          if (moved !== null)
            expect(after.slice(moved.evidence.start, moved.evidence.end)).toBe(before.slice(start, end));
          if (after.split(before.slice(start, end)).length === 1) expect(moved).toBeNull();
        }
        expect(relocate(at(start, end), before, before + suffix)).toEqual(at(start, end));
      }),
    );
  });
});
