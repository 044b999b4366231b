import { LIMITS } from "../../limits.ts";

/** Letters that Unicode does not take apart into a plain one and a mark. */
const PLAIN: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

const NOT_LETTER_BEFORE = String.raw`(?<![\p{L}\p{N}])`;
const NOT_LETTER_BEHIND = String.raw`(?![\p{L}\p{N}])`;
/** "U.S.", "U.N": one word. */
const ABBREVIATION = new RegExp(String.raw`${NOT_LETTER_BEFORE}(?:\p{L}\.)+\p{L}?${NOT_LETTER_BEHIND}`, "gu");

/**
 * The words of a text in the form that they are searched in: lower case, without accents and punctuation; a long one
 * by its beginning. Each once, in their order.
 */
export function searchWords(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    // Lower case takes some letters apart again.
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[ßæœøłđðþı]/gu, (letter) => PLAIN[letter] ?? letter)
    .replaceAll(/['’ʼ`]/gu, "")
    .replaceAll(ABBREVIATION, (letters) => letters.replaceAll(".", ""));
  const words = plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return [...new Set(words.map((word) => Array.from(word).slice(0, LIMITS.searchWordChars).join("")))];
}

/** The words of several texts, up to a bound; of many texts the first come first. */
export function wordsOf(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap(searchWords))].slice(0, LIMITS.searchWordsCount);
}
