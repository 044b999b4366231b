import type { Evidence } from "./parts.ts";

/**
 * Carries an assessment's evidence into a corrected text: the same words where they stood, or where
 * they now stand once and only once. `null` when the words are lost or stand in more than one place.
 */
export function relocate<A extends { evidence?: Evidence | undefined }>(
  assessment: A,
  before: string,
  after: string,
): A | null {
  const span = assessment.evidence;
  if (span === undefined) return assessment;
  const words = before.slice(span.start, span.end);
  if (after.slice(span.start, span.end) === words) return assessment;
  const start = after.indexOf(words);
  if (start < 0 || after.indexOf(words, start + 1) >= 0) return null;
  return { ...assessment, evidence: { start, end: start + words.length } };
}
