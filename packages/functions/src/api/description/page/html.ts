/** HTML that was made here, so that it is not escaped again. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = Html | string | number | readonly Piece[] | null | undefined | false;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function textOf(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return "";
  if (piece instanceof Html) return piece.text;
  if (typeof piece === "object") return piece.map(textOf).join("");
  return String(piece).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** A template whose values are escaped, but for those that are HTML already. */
export function markup(strings: TemplateStringsArray, ...values: Piece[]): Html {
  return new Html(strings.map((text, index) => text + textOf(values[index])).join(""));
}

/** Words in which what stands between backticks is code, and an empty line parts paragraphs. */
export function prose(text: string): Html {
  const parts = text.split(/`([^`]+)`/);
  const pieces = parts.map((part, at) => (at % 2 === 1 ? markup`<code>${part}</code>` : markup`${part}`));
  return markup`${pieces}`;
}
