import { LIMITS } from "@on-record/core/limits";
import { searchWords, wordsOf } from "@on-record/core/projections/search/words";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("the words of a text", () => {
  it.each([
    ["The United States' ground-troops", ["the", "united", "states", "ground", "troops"]],
    ["Erdoğan, İstanbul", ["erdogan", "istanbul"]],
    ["Łódź; Ørsted & Strauß — Þór", ["lodz", "orsted", "strauss", "thor"]],
    ["U.S. and U.N troops in the E.U.", ["us", "and", "un", "troops", "in", "the", "eu"]],
    ["O’Brien o'brien OBRIEN", ["obrien"]],
    ["Володимир Зеленський", ["володимир", "зеленськии"]],
    ["习近平 2025", ["习近平", "2025"]],
    ["ﬁne ＡＢＣ", ["fine", "abc"]],
    ["!? — …", []],
  ])("of %j are %j", (text, words) => {
    expect(searchWords(text)).toEqual(words);
  });

  it("are the same however it is written: composed or not, in either case, and searched for once more", () => {
    const property = fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (text) => {
      const words = searchWords(text);
      expect(searchWords(text.normalize("NFD"))).toEqual(words);
      expect(searchWords(words.join(" "))).toEqual(words);
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("are bounded, in length and number", () => {
    expect(searchWords("x".repeat(500))).toEqual(["x".repeat(LIMITS.searchWordChars)]);
    expect(wordsOf(Array.from({ length: 900 }, (_, n) => `word${n}`))).toHaveLength(LIMITS.searchWordsCount);
  });
});
