import type { Entry } from "@on-record/core/domain/position/entry";
import { foldPosition, isProvisional, type FoldState } from "@on-record/core/domain/position/fold";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { st, TRUMP } from "../../fixtures/statements.ts";
import { runs } from "./histories.ts";

const TIMES = [
  "2025-08-18",
  "2025-08-18T09:00Z",
  "2025-08-18T10:00Z",
  "2025-08-18T10:00:30Z",
  "2025-08-18T15:00Z",
  "2025-08-19",
];

/** The actor's own words, recorded in the order of the list. */
const utterances = fc
  .array(fc.record({ time: fc.constantFrom(...TIMES), stance: fc.constantFrom("committed", "open", "ruled_out") }), {
    minLength: 1,
    maxLength: 8,
  })
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
        entries.some(
          (other) => other.sequence < entry.sequence && other.stance !== entry.stance && overlap(entry, other),
        );
      const moved = foldPosition(entries).filter(({ step }) => step.outcome.kind === "moved");
      const wanted = entries.filter((entry) => !doubted(entry));
      expect(moved.map(({ entry }) => entry.statement).toSorted()).toEqual(
        wanted.map(({ statement }) => statement).toSorted(),
      );
    });
  });

  it("shows after each entry what was said by then, whatever is said later: that only tells what is beyond doubt", () => {
    forAll((entries) => {
      const folded = foldPosition(entries);
      for (const [index, { step }] of folded.entries()) {
        const byThen = folded.slice(0, index + 1).map(({ entry }) => entry);
        const alone = foldPosition(byThen).at(-1)?.step.state;
        // `firm` and `direct`, and with them `since` and whether the position is provisional, may also depend on
        // words that begin later within the same spans: see the next property.
        expect(shownIn(step.state)).toEqual(shownIn(alone));
      }
    });
  });

  it("keeps the whole state after each entry from all that begins when the spans before it are over", () => {
    const property = fc.property(
      utterances,
      fc.infiniteStream(fc.constantFrom("direct", "delegated", "accepted")),
      (direct, voices) => {
        const entries = direct.map((entry): Entry => {
          const voice = voices.next().value;
          return { ...entry, voice, key: entry.key.replace("|0|", voice === "direct" ? "|0|" : "|1|") };
        });
        const folded = foldPosition(entries);
        for (const [index, { step }] of folded.entries()) {
          const over = folded
            .slice(0, index + 1)
            .map(({ entry }) => entry.until)
            .reduce((a, b) => (a > b ? a : b));
          const within = entries.filter((entry) => entry.from < over);
          expect(foldPosition(within)[index]?.step).toEqual(step);
        }
      },
    );
    fc.assert(property, { numRuns: runs(300) });
  });
});

function shownIn(state: FoldState | undefined) {
  return state && [state.held?.statement, state.rivals.map(({ statement }) => statement), state.contests];
}
