/** What a spreadsheet would take for a formula, were it not told otherwise. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A cell as RFC 4180 has it. What a spreadsheet would take for a formula gets an apostrophe in front: the words are
 * somebody's, and the reader's machine shall not do what they say.
 */
export function csvCell(value: string | number | boolean | undefined): string {
  if (value === undefined) return "";
  const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A line of cells, with its end. */
export function csvLine(cells: readonly (string | number | boolean | undefined)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}
