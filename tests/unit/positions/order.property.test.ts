import type { Entry } from "@on-record/core/domain/position/entry";
import { foldPosition, isProvisional } from "@on-record/core/domain/position/fold";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { st, TRUMP } from "../../fixtures/statements.ts";
import { runs } from "./histories.ts";

const TIMES = ["2025-08-18", "2025-08-18T09:00Z", "2025-08-18T10:00Z", "2025-08-18T10:00:30Z", "2025-08-18T15:00Z", "2025-08-19"];

/** The actor's own words, recorded in the order of the list. */
const utterances = fc
  .array(fc.record({ time: fc.constantFrom(...TIMES), stance: fc.constantFrom("committed", "open", "ruled_out") }), { minLength: 1, maxLength: 8 })
  .map((list) =>
    list.map(({ time, stance }, sequence): Entry => {
      const { from, until } = saidAtFrom(time);
      return {
        key: `${from}|0|${String(sequence).padStart(12, "0")}`,
        kind: "words",
        statement: st("abcdefgh".charAt(sequence)),
        sequence,
        speaker: TRUMP,
        voice: "direct",
        from,
        until,
        stance,
        force: "commissive",
        assessment: "1.0",
        settledAfter: [],
      };
    }),
  );

const overlap = (a: Entry, b: Entry) => a.from < b.until && b.from < a.until;
const forAll = (check: (entries: Entry[]) => void) => fc.assert(fc.property(utterances, check), { numRuns: runs(300) });

describe("the fold of an actor's own words, whatever is known of their times", () => {
  it("shows the latest recorded of those that nothing is known to have followed, provisional while they disagree", () => {
    forAll((entries) => {
      const unfollowed = entries.filter((entry) => !entries.some((other) => other.from >= entry.until));
      const shown = unfollowed.at(-1);
      const state = foldPosition(entries).at(-1)?.step.state;
      expect(state?.held?.stance).toBe(shown?.stance);
      expect(state && isProvisional(state)).toBe(unfollowed.some(({ stance }) => stance !== shown?.stance));
    });
  });

  it("announces exactly those that no earlier record contradicts at a time that may be the same", () => {
    forAll((entries) => {
      const doubted = (entry: Entry) =>
        entries.some((other) => other.sequence < entry.sequence && other.stance !== entry.stance && overlap(entry, other));
      const moved = foldPosition(entries).filter(({ step }) => step.outcome.kind === "moved");
      const wanted = entries.filter((entry) => !doubted(entry));
      expect(moved.map(({ entry }) => entry.statement).toSorted()).toEqual(wanted.map(({ statement }) => statement).toSorted());
    });
  });

  it("gives after each entry a state that later ones change only in what is beyond doubt", () => {
    forAll((entries) => {
      const folded = foldPosition(entries);
      for (const [index, { step }] of folded.entries()) {
        const alone = foldPosition(folded.slice(0, index + 1).map(({ entry }) => entry)).at(-1)?.step.state;
        // What is shown and what rivals it follow from what was said by then. `firm`, and with it `since` and
        // whether the position is provisional, may also depend on words that begin later within the same spans.
        const shown = (state: typeof alone) => state && [state.held?.statement, state.rivals.map(({ statement }) => statement), state.direct?.statement, state.contests];
        expect(shown(step.state)).toEqual(shown(alone));
      }
    });
  });
});
