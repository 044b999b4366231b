import { InvalidPatternError } from "./errors.ts";

/**
 * Compiles EventBridge's `wildcard`: `*` stands for any run of characters, `\*` and `\\` for themselves.
 * Taking the leftmost place for each piece never needs a second try, so a match costs one pass over the text.
 */
export function compileWildcard(pattern: string): (text: string) => boolean {
  const pieces = splitAtStars(pattern);
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return (text) => text === first;
  const middle = pieces.slice(1, -1);
  return (text) => {
    const end = text.length - last.length;
    if (first.length > end || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}

function splitAtStars(pattern: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern.charAt(i);
    if (char === "\\") {
      const escaped = pattern.charAt(++i);
      if (escaped !== "*" && escaped !== "\\")
        throw new InvalidPatternError(`Invalid escape character at pos ${i - 1}`);
      piece += escaped;
    } else if (char === "*") {
      if (pattern.charAt(i + 1) === "*") throw new InvalidPatternError(`Consecutive wildcard characters at pos ${i}`);
      pieces.push(piece);
      piece = "";
    } else {
      piece += char;
    }
  }
  return [...pieces, piece];
}
