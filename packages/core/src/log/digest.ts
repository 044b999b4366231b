import { createHash, createHmac, hash, timingSafeEqual } from "node:crypto";
import canonicalize from "canonicalize";

/** RFC 8785 canonical JSON: the one text that digests are taken of. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("a value without a JSON form has no digest");
  return text;
}

/** SHA-256 over the salt's bytes and the canonical JSON of the data, base64url (43 characters). */
export function saltedDigest(salt: string, data: unknown): string {
  return createHash("sha256").update(Buffer.from(salt, "base64url")).update(canonicalJson(data)).digest("base64url");
}

/** A ledger's keyed hash: equal inputs meet, and nobody without the key can confirm a guess. */
export function keyedHash(key: Uint8Array, purpose: string, value: unknown): Buffer {
  return createHmac("sha256", key).update(purpose).update("\0").update(canonicalJson(value)).digest();
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
