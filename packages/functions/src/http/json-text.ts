/** How deep a request may nest: the deepest that any schema has is four. */
const DEPTH = 32;
const ESCAPES = /\\u/;

/** Why a JSON text that parses is refused all the same. */
export interface JsonFlaw {
  path: string;
  message: string;
}

/**
 * Finds what `JSON.parse` passes over: a key given twice (two readers would see two different requests) and nesting
 * without end (whatever walks the value later may run out of stack).
 *
 * @param text is valid JSON: it was parsed before.
 */
export function flawOfText(text: string): JsonFlaw | null {
  // One entry a level: the keys seen of an object, null for an array.
  const levels: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "{" || char === "[") {
      if (levels.length === DEPTH) return { path: "", message: `nests deeper than ${DEPTH} levels` };
      levels.push(char === "{" ? new Set() : null);
    } else if (char === "}" || char === "]") {
      levels.pop();
    } else if (char === '"') {
      const end = endOfString(text, at);
      const keys = levels.at(-1);
      if (keys && isKey(text, end)) {
        const key = String(JSON.parse(text.slice(at, end + 1)));
        if (keys.has(key)) return { path: key.slice(0, 100), message: "is given twice" };
        keys.add(key);
      }
      at = end;
    }
  }
  return null;
}

/** The place of the closing quote of the string that opens at `open`. */
function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); ; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charAt(at - 1 - slashes) === "\\") slashes += 1;
    if (slashes % 2 === 0) return at;
  }
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (" \t\n\r".includes(text.charAt(at))) at += 1;
  return text.charAt(at) === ":";
}

/**
 * Finds a string that no store keeps as it is: with half a surrogate pair, which UTF-8 cannot write, or with NUL, which
 * XML and many databases refuse. Both can only come from an escape.
 */
export function flawOfStrings(text: string, value: unknown): JsonFlaw | null {
  return ESCAPES.test(text) ? search(value, []) : null;
}

/** As `flawOfStrings`, of a value whose text is not at hand. */
export function flawOfValue(value: unknown): JsonFlaw | null {
  return search(value, []);
}

function search(value: unknown, path: readonly string[]): JsonFlaw | null {
  if (typeof value === "string") return stringFlaw(value, path);
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const flaw = stringFlaw(key, path) ?? search(inner, [...path, key]);
    if (flaw !== null) return flaw;
  }
  return null;
}

function stringFlaw(text: string, path: readonly string[]): JsonFlaw | null {
  if (!text.isWellFormed()) return { path: path.join("."), message: "holds half a surrogate pair" };
  if (text.includes("\0")) return { path: path.join("."), message: "holds a NUL character" };
  return null;
}
