import { statementDecider } from "@on-record/core/domain/statement/decide";
import type { StatementEvent } from "@on-record/core/domain/statement/events";
import type { Statement } from "@on-record/core/domain/statement/state";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EDITOR, recorded, st, statementOf } from "../../fixtures/statements.ts";
import { refusal } from "../../helpers/given.ts";

const said = (letter: string, given: string) =>
  statementOf(recorded({ statement: st(letter), saidAt: saidAtFrom(given) }));
const behind = (other: Statement) => ({ type: "SettleOrder", by: EDITOR, data: { after: other.id }, other }) as const;
const decide = (state: Statement, other: Statement) => statementDecider.decide(behind(other), state);

function moved(state: Statement, event: StatementEvent | null): Statement {
  const next = event && statementDecider.evolve(state, { ...event, version: state.version + 1, recordedBy: EDITOR });
  return next ?? state;
}
const settle = (state: Statement, other: Statement) => moved(state, decide(state, other));

/** One of each precision, sharing a moment. */
const PAIRS = [
  ["2025-08-19", "2025-08-19"],
  ["2025-08-19", "2025-08-19T14:05Z"],
  ["2025-08-19", "2025-08-19T14:05:30Z"],
  ["2025-08-19T14:05Z", "2025-08-19T14:05Z"],
  ["2025-08-19T14:05Z", "2025-08-19T14:05:30Z"],
  ["2025-08-19T14:05:30Z", "2025-08-19T14:05:30Z"],
] as const;
const BOTH_WAYS = PAIRS.flatMap(([x, y]) => [
  [x, y],
  [y, x],
]) as [string, string][];

describe("settling the order of two overlapping times", () => {
  it.each(BOTH_WAYS)("places %s behind %s, once", (mine, others) => {
    const [a, b] = [said("a", mine), said("b", others)];
    const placed = settle(a, b);
    expect(placed.place > b.place).toBe(true);
    expect(placed.settledAfter).toEqual([b.id]);
    expect(decide(placed, b)).toBeNull();
  });

  it.each(BOTH_WAYS)("of %s and %s can be turned round, again and again", (mine, others) => {
    let [a, b] = [said("a", mine), said("b", others)];
    for (let round = 0; round < 5; round += 1) {
      a = settle(a, b);
      expect(a.place > b.place).toBe(true);
      b = settle(b, a);
      expect(b.place > a.place).toBe(true);
    }
  });

  it("keeps each in its own span", () => {
    const day = said("a", "2025-08-19");
    const early = said("b", "2025-08-19T08:00:00Z");
    const late = said("c", "2025-08-19T20:00:00Z");
    const behindLate = settle(day, late);
    expect(behindLate.place).toBe("2025-08-19T20:00:00.000Z~");
    expect(refusal(() => decide(early, behindLate)).code).toBe("order_impossible");
  });

  it("does not bring a statement forward that already stands behind the other", () => {
    const day = said("a", "2025-08-19");
    const early = said("b", "2025-08-19T08:00Z");
    const late = said("c", "2025-08-19T20:00Z");
    const behindLate = settle(day, late);
    const behindBoth = settle(behindLate, early);
    expect(behindBoth.place).toBe(behindLate.place);
    expect(behindBoth.settledAfter).toEqual([late.id, early.id]);
    expect(decide(behindBoth, late)).toBeNull();
    expect(decide(behindBoth, early)).toBeNull();
  });

  it("is refused where there is nothing to settle", () => {
    const a = said("a", "2025-08-19");
    expect(refusal(() => decide(a, said("b", "2025-08-20"))).code).toBe("not_overlapping");
    expect(refusal(() => decide(a, a)).code).toBe("not_overlapping");
    const missing = { type: "SettleOrder", by: EDITOR, data: { after: st("b") }, other: null } as const;
    expect(refusal(() => statementDecider.decide(missing, a)).code).toBe("unknown_statement");
  });

  it("takes the next-after-last moment of a span as outside it", () => {
    const minute = said("a", "2025-08-19T14:05Z");
    expect(refusal(() => decide(minute, said("b", "2025-08-19T14:06:00Z"))).code).toBe("not_overlapping");
    expect(decide(minute, said("b", "2025-08-19T14:05:59.999Z"))).not.toBeNull();
  });

  it("of several, one behind the other, makes the chain that was meant", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(["a", "b", "c", "d"], { minLength: 2 }), (letters) => {
        const chain = letters.map((letter) => said(letter, "2025-08-19"));
        const placed: Statement[] = [];
        for (const statement of chain) {
          const before = placed.at(-1);
          placed.push(before === undefined ? statement : settle(statement, before));
        }
        expect(placed.map((s) => s.place).toSorted()).toEqual(placed.map((s) => s.place));
        expect(new Set(placed.map((s) => s.place)).size).toBe(placed.length);
      }),
    );
  });
});
