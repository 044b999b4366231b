import { Failure } from "../io.ts";
import { linesOf, type Line } from "../lines.ts";

/** One record of a CSV file: its cells, or why it has none. */
export interface CsvRecord {
  /** The line that it begins in, from 1. */
  line: number;
  cells: string[] | null;
  flaw?: string;
}

const OPEN = "a quote is opened and not closed";

/** The cells of a record, as RFC 4180 has them; a text says what is wrong with it. */
export function cellsOf(text: string): string[] | string {
  const cells: string[] = [];
  for (let at = 0; ;) {
    const quoted = text[at] === '"';
    const end = quoted ? closingQuote(text, at + 1) + 1 : endOfPlain(text, at);
    if (quoted && end === 0) return OPEN;
    const cell = text.slice(at, end);
    if (!quoted && cell.includes('"')) return "a quote stands within a cell that does not begin with one";
    if (quoted && end < text.length && text[end] !== ",") return "something stands behind a closing quote";
    cells.push(quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end >= text.length) return cells;
    at = end + 1;
  }
}

/** Where the quote stands that closes a cell; −1 where none does. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

function endOfPlain(text: string, from: number): number {
  const comma = text.indexOf(",", from);
  return comma === -1 ? text.length : comma;
}

function quotesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count += 1;
  return count;
}

/** Physical lines, some of which may be handed back to be read again. */
class LineSource {
  readonly #lines: AsyncIterator<Line>;
  readonly #again: Line[] = [];

  constructor(lines: AsyncIterator<Line>) {
    this.#lines = lines;
  }

  async next(): Promise<Line | null> {
    const again = this.#again.shift();
    if (again !== undefined) return again;
    const next = await this.#lines.next();
    return next.done === true ? null : next.value;
  }

  giveBack(lines: readonly Line[]): void {
    this.#again.unshift(...lines);
  }
}

/**
 * The record that begins with a line. Where a quoted cell is open at its end, it goes on; from there on the number of
 * quotes says whether it still is. What is no record then is one flawed line: all behind it is read for itself, so that
 * a stray quote swallows no good row.
 */
async function recordFrom(first: Line, source: LineSource, maxBytes: number): Promise<CsvRecord> {
  const { number: line, text, flaw = "cannot be read" } = first;
  if (text === null) return { line, cells: null, flaw };
  const alone = cellsOf(text.replace(/\r$/, ""));
  if (alone !== OPEN) return recordOf(line, alone);
  const behind: Line[] = [];
  let whole = text;
  for (let quotes = quotesIn(text); quotes % 2 === 1;) {
    const next = await source.next();
    if (next !== null) behind.push(next);
    if (next === null || next.text === null || whole.length + next.text.length > maxBytes) {
      source.giveBack(behind);
      return recordOf(line, OPEN);
    }
    whole += `\n${next.text}`;
    quotes += quotesIn(next.text);
  }
  const cells = cellsOf(whole.replace(/\r$/, ""));
  if (typeof cells === "string") source.giveBack(behind);
  return recordOf(line, cells);
}

function recordOf(line: number, cells: string[] | string): CsvRecord {
  return typeof cells === "string" ? { line, cells: null, flaw: cells } : { line, cells };
}

/** The records of a CSV file, its header first. Empty lines are passed over, and a byte order mark is. */
export async function* csvRecords(path: string, { maxBytes }: { maxBytes: number }): AsyncGenerator<CsvRecord> {
  const source = new LineSource(linesOf(path, { maxBytes }));
  for (let line = await source.next(); line !== null; line = await source.next()) {
    const start = line.number === 1 && line.text !== null ? { ...line, text: line.text.replace(/^\uFEFF/, "") } : line;
    if (start.text !== null && start.text.trim() === "") continue;
    yield await recordFrom(start, source, maxBytes);
  }
}

/** The header of a file, each column once. */
export function headerOf(record: CsvRecord | undefined): string[] {
  if (record === undefined) throw new Failure("the file is empty: its first line names the columns");
  if (record.cells === null)
    throw new Failure(`line ${record.line}, which names the columns, cannot be read: ${record.flaw ?? ""}`);
  const names = record.cells.map((name) => name.trim());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Failure(`two columns are named "${twice}"`);
  return names;
}
