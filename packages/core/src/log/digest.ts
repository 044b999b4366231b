import { createHash, createHmac, hash, timingSafeEqual } from "node:crypto";

/** What JSON writes otherwise than it stands. */
// oxlint-disable-next-line no-control-regex
const ESCAPED = /["\\\u0000-\u001f]/;

/**
 * RFC 8785 canonical JSON: the one text that digests are taken of. As in JSON, keys set to `undefined` are left out.
 * Throws a `TypeError` for what JSON cannot carry: an infinite number, half a surrogate pair, a function.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return stringText(value);
  if (typeof value === "number") return numberText(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return listText(value);
  if (isRecord(value)) return recordText(value);
  throw new TypeError(`${typeof value} is not allowed: it has no JSON form`);
}

function stringText(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("half a surrogate pair is not allowed");
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** ECMAScript's own form of a number is the one that the RFC asks for. */
function numberText(number: number): string {
  if (!Number.isFinite(number)) throw new TypeError(`${number} is not allowed: JSON has no such number`);
  return String(number);
}

function listText(list: readonly unknown[]): string {
  let text = "";
  for (const item of list) text += `${text === "" ? "" : ","}${canonicalJson(item === undefined ? null : item)}`;
  return `[${text}]`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object";
}

function recordText(record: Readonly<Record<string, unknown>>): string {
  if (typeof record["toJSON"] === "function") throw new TypeError("what makes its own JSON is not allowed");
  let text = "";
  // Sorted so, keys stand in the order of their UTF-16 units, as the RFC has it.
  for (const key of Object.keys(record).toSorted()) {
    const value = record[key];
    if (value !== undefined) text += `${text === "" ? "" : ","}${stringText(key)}:${canonicalJson(value)}`;
  }
  return `{${text}}`;
}

/** SHA-256 over the salt's bytes and the canonical JSON of the data, base64url (43 characters). */
export function saltedDigest(salt: string, data: unknown): string {
  return createHash("sha256").update(Buffer.from(salt, "base64url")).update(canonicalJson(data)).digest("base64url");
}

/** A ledger's keyed hash: equal inputs meet, and nobody without the key can confirm a guess. */
export function keyedHash(key: Uint8Array, purpose: string, value: unknown): Buffer {
  return createHmac("sha256", key)
    .update(`${purpose}\0${canonicalJson(value)}`)
    .digest();
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648 base32 in lower case, without padding: the first `chars` characters, of 5 bits each. */
export function base32(bytes: Uint8Array, chars: number): string {
  let bits = 0;
  let held = 0;
  let text = "";
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5 && text.length < chars) {
      bits -= 5;
      text += BASE32.charAt((held >> bits) & 31);
    }
    if (text.length === chars) return text;
    held &= (1 << bits) - 1;
  }
  return bits > 0 && text.length < chars ? text + BASE32.charAt((held << (5 - bits)) & 31) : text;
}

/** Compares two secrets in a time that depends on neither. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => hash("sha256", text, "buffer");
  return timingSafeEqual(digest(a), digest(b));
}
