import * as z from "zod";

/** What XML 1.0, and so a feed, cannot carry: control characters but tab and line ends, and two noncharacters. */
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;

/**
 * Whether a text can be digested (canonical JSON refuses lone surrogates), stored as UTF-8 without loss, and
 * shown in JSON, HTML and XML alike.
 */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && !UNPRINTABLE.test(text);
}

export const PLAIN_TEXT_MESSAGE = "must be well-formed Unicode without control characters";

/** Words that somebody wrote: trimmed, not empty, at most so long in UTF-16 units. */
export function words(maxChars: number) {
  return z.string().trim().min(1).max(maxChars).refine(isPlainText, { message: PLAIN_TEXT_MESSAGE });
}
