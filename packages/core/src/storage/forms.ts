/** How keys and bodies are written; shared by all adapters, so that each orders and copies alike. */

/** A number as a sort key: zero-padded, so that its text order is its numeric order. Throws when it does not fit. */
export function padded(value: number, digits: number): string {
  const text = String(value);
  // One digit too many would silently sort before its predecessors.
  if (text.length > digits || !/^\d+$/.test(text)) throw new RangeError(`${text} does not fit ${digits} digits`);
  return text.padStart(digits, "0");
}

const VERSION_DIGITS = 6;

/** An event's version as a sort key. */
export function versionKey(version: number): string {
  return padded(version, VERSION_DIGITS);
}

/** Orders texts as DynamoDB orders string keys. JavaScript's own `<` differs beyond the basic plane. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The object that a JSON text holds. Throws on any other value. */
export function parseObject(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new TypeError("a stored body is a JSON object");
  return value;
}

/** Consecutive parts of at most `size` items. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}
