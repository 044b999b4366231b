import { stripVTControlCharacters } from "node:util";

const MOST_COLUMNS = 110;
const FEWEST_COLUMNS = 60;

export type Style = "plain" | "bold" | "dim" | "red" | "green" | "yellow" | "marked";
const CODES = { plain: "0", bold: "1", dim: "2", red: "31", green: "32", yellow: "33", marked: "1;4" } as const;

/** How many columns a text takes on a screen. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** A row whose cells have several lines, as rows whose cells have one. */
function linesOf(row: readonly string[]): string[][] {
  const cells = row.map((cell) => cell.split("\n"));
  const height = Math.max(...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, at) => cells.map((lines) => lines[at] ?? ""));
}

/** Plain text for a person: as wide as the screen allows, in colour where that is wanted. */
export class Page {
  readonly #write: (line: string) => void;
  readonly #colours: boolean;
  readonly columns: number;

  constructor(
    stream: { isTTY?: boolean; columns?: number },
    environment: NodeJS.ProcessEnv,
    write: (line: string) => void,
  ) {
    this.#write = write;
    this.#colours = stream.isTTY === true && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
    this.columns = Math.max(FEWEST_COLUMNS, Math.min(MOST_COLUMNS, stream.columns ?? MOST_COLUMNS));
  }

  style(style: Style, text: string): string {
    return this.#colours && style !== "plain" ? `\u001B[${CODES[style]}m${text}\u001B[0m` : text;
  }

  line(text = ""): void {
    this.#write(text);
  }

  /** A numbered section's title. */
  section(title: string): void {
    this.#write("");
    this.#write(this.style("bold", title));
    this.#write(this.style("dim", "─".repeat(Math.min(this.columns, title.length))));
  }

  /** A text broken at spaces, each line behind `indent`, the first behind `first`. */
  paragraph(text: string, indent = "", first = indent): void {
    let line = first;
    let empty = true;
    for (const word of text.split(" ")) {
      if (!empty && widthOf(line) + 1 + widthOf(word) > this.columns) {
        this.#write(line);
        line = indent;
        empty = true;
      }
      line += empty ? word : ` ${word}`;
      empty = false;
    }
    this.#write(line.trimEnd());
  }

  /** Rows in aligned columns. A cell may have several lines; a long last one is broken where the screen ends. */
  table(rows: readonly (readonly string[])[], indent = "  "): void {
    const lines = rows.flatMap(linesOf);
    const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => widthOf(line[at] ?? ""))));
    for (const line of lines) {
      const last = line.length - 1;
      const cells = line.slice(0, last).map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - widthOf(cell)));
      const first = `${indent}${cells.map((cell) => `${cell}  `).join("")}`;
      this.paragraph(line[last] ?? "", " ".repeat(widthOf(first)), first);
    }
  }

  /** Words with the evidence in them marked: between asterisks, or underlined where there are colours. */
  marked(text: string, spans: readonly { start: number; end: number }[]): string {
    let marked = "";
    let at = 0;
    for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
      if (start < at) continue;
      marked += text.slice(at, start) + this.#mark(text.slice(start, end));
      at = end;
    }
    return marked + text.slice(at);
  }

  #mark(words: string): string {
    if (!this.#colours) return `*${words}*`;
    // Word by word, so that a line break does not underline the margin.
    return words
      .split(" ")
      .map((word) => this.style("marked", word))
      .join(" ");
  }
}
