import { grade } from "@on-record/core/domain/change";
import { isPlaced, type PlacedStance, scale, Stance } from "@on-record/core/domain/stance";
import { describe, expect, it } from "vitest";

const STANCES = ["committed", "leaning_for", "open", "leaning_against", "ruled_out"] as const;

/** The table of changes, written out by hand: rows are the earlier stance, columns the later, in the order of STANCES. */
const TABLE = `
committed        reaffirmed/none  softened/partial  opened/partial   reversed/full     reversed/full
leaning_for      hardened/none    reaffirmed/none   opened/none      reversed/partial  reversed/full
open             closed/partial   leaned/none       reaffirmed/none  leaned/none       closed/partial
leaning_against  reversed/full    reversed/partial  opened/none      reaffirmed/none   hardened/none
ruled_out        reversed/full    reversed/full     opened/partial   softened/partial  reaffirmed/none
`;

const CELLS = TABLE.trim()
  .split("\n")
  .flatMap((line) => {
    const [from, ...cells] = line.split(/\s+/);
    return cells.map((cell, column) => [from as PlacedStance, STANCES[column] as PlacedStance, cell] as const);
  });

const DEAL = "if a deal is signed";
const CONDITIONS = [
  [undefined, undefined],
  [undefined, DEAL],
  [DEAL, undefined],
  [DEAL, DEAL],
  [DEAL, "if Kyiv asks"],
] as const;

function named(from: PlacedStance, had: string | undefined, to: PlacedStance, has: string | undefined): string {
  const { change, reversal, replacedCondition } = grade(
    { stance: from, condition: had },
    { stance: to, condition: has },
  );
  return `${change}/${reversal}${replacedCondition ? "/review" : ""}`;
}

describe("the grade of a change", () => {
  it("covers every pair of stances", () => {
    expect(CELLS).toHaveLength(25);
  });

  it.each(STANCES)("is first where nothing stood before %s", (stance) => {
    expect(grade(null, { stance })).toEqual({ change: "first", reversal: "none" });
    expect(grade(null, { stance, condition: DEAL })).toEqual({ change: "first", reversal: "none" });
  });

  it.each(CELLS)("from %s to %s is %s", (from, to, cell) => {
    expect(named(from, undefined, to, undefined)).toBe(cell);
  });

  it.each(CELLS.filter(([from, to]) => from !== to))(
    "from %s to %s is %s, whatever the conditions",
    (from, to, cell) => {
      expect(CONDITIONS.map(([had, has]) => named(from, had, to, has))).toEqual(CONDITIONS.map(() => cell));
    },
  );

  it.each(STANCES.filter((s) => s !== "open"))(
    "of %s follows its condition: added, dropped, kept, replaced",
    (stance) => {
      expect(CONDITIONS.map(([had, has]) => named(stance, had, stance, has))).toEqual([
        "reaffirmed/none",
        "softened/partial",
        "hardened/none",
        "reaffirmed/none",
        "reaffirmed/none/review",
      ]);
    },
  );

  it("of an open stance is not moved by a condition; a replaced one goes to review", () => {
    expect(CONDITIONS.map(([had, has]) => named("open", had, "open", has))).toEqual([
      "reaffirmed/none",
      "reaffirmed/none",
      "reaffirmed/none",
      "reaffirmed/none",
      "reaffirmed/none/review",
    ]);
  });
});

describe("a stance", () => {
  it("takes a place from +2 to -2, but for no_comment and unclear", () => {
    expect(STANCES.map(scale)).toEqual([2, 1, 0, -1, -2]);
    expect(Stance.options.filter((s) => !isPlaced(s))).toEqual(["no_comment", "unclear"]);
  });
});
