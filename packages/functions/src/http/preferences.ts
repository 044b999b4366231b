/** What stands between the commas of a list whose items may hold quoted text. */
const ITEMS = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
/** A preference's name and value; its parameters are none that is known here. RFC 7240, 2. */
const PREFERENCE = /^[ \t]*([!#$%&'*+.^`|~\w-]+)[ \t]*(?:=[ \t]*"?([!#$%&'*+.^`|~\w-]*)"?[ \t]*)?(?:;|$)/;

/** The header that says that the answer was made so. */
export const MINIMAL = { "preference-applied": "return=minimal" } as const;

/**
 * Whether the caller asks for a minimal answer: `Prefer: return=minimal`. A preference that is not known, or cannot be
 * read, is passed over, as RFC 7240 has it; of one that is given twice the first counts.
 */
export function prefersMinimal({ headers }: Request): boolean {
  const preferences = (headers.get("prefer")?.match(ITEMS) ?? []).map((item) => PREFERENCE.exec(item));
  const wanted = preferences.find((preference) => preference?.[1]?.toLowerCase() === "return");
  return wanted?.[2]?.toLowerCase() === "minimal";
}
