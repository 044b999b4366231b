import { ed25519Key, ed25519Verify, sha256 } from "./crypto.ts";
import { NoteError } from "./errors.ts";
import { base64, fromBase64, hex, utf8 } from "./text.ts";

/** The signature type of plain Ed25519 notes (C2SP signed-note). */
const ED25519 = 1;
const KEY_BYTES = 32;
const PRIVATE = "PRIVATE+KEY+";

/** Name and id of a key, as they stand before its signatures. */
export interface KeyName {
  readonly name: string;
  /** Eight hexadecimal digits. Tells the keys of one name apart; no proof of anything. */
  readonly id: string;
}

/** A key that signatures are checked with. */
export interface Verifier extends KeyName {
  readonly publicKey: Uint8Array;
  readonly verifies: (message: Uint8Array, signature: Uint8Array) => boolean;
}

/** A key that notes are signed with. The secret is held by `sign` alone, so that no log line can show it. */
export interface Signer extends KeyName {
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

export function verifierOf(name: string, publicKey: Uint8Array): Verifier {
  const id = keyId(name, publicKey);
  return { name, id, publicKey, verifies: (message, signature) => ed25519Verify(publicKey, message, signature) };
}

/** A signer from 32 random bytes, which are its secret. */
export function signerOf(name: string, seed: Uint8Array): Signer {
  const { publicKey, sign } = ed25519Key(checkedKey(seed, "a signer's seed"));
  return { name, id: keyId(name, publicKey), publicKey, sign };
}

/** `<name>+<id>+<base64 of type and public key>`: what verifiers are given. */
export function formatVerifierKey(key: Pick<Verifier, "name" | "publicKey">): string {
  const { name, publicKey } = key;
  return `${name}+${keyId(name, publicKey)}+${typed(publicKey)}`;
}

export function parseVerifierKey(text: string): Verifier {
  const { name, id, key } = parts(text, "a verifier key");
  const verifier = verifierOf(name, key);
  if (verifier.id !== id) throw new NoteError("malformed", `the verifier key of ${name} does not have the id ${id}`);
  return verifier;
}

/** `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`, as Go's note package writes it. A secret. */
export function formatSignerKey(name: string, seed: Uint8Array): string {
  const { id } = signerOf(name, seed);
  return `${PRIVATE}${name}+${id}+${typed(seed)}`;
}

export function parseSignerKey(text: string): Signer {
  if (!text.startsWith(PRIVATE)) throw new NoteError("malformed", `a signer key begins with ${PRIVATE}`);
  const { name, id, key } = parts(text.slice(PRIVATE.length), "a signer key");
  const signer = signerOf(name, key);
  if (signer.id !== id) throw new NoteError("malformed", `the signer key of ${name} does not have the id ${id}`);
  return signer;
}

/** The first four bytes of SHA-256 over name, newline, type and public key. */
function keyId(name: string, publicKey: Uint8Array): string {
  if (!isKeyName(name)) {
    throw new NoteError("malformed", "the name of a key is not empty and has no space, no plus and no control");
  }
  checkedKey(publicKey, "a public key");
  return hex(sha256(new Uint8Array([...utf8(name), 0x0a, ED25519, ...publicKey])).subarray(0, 4));
}

export function isKeyName(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- a note may hold none
  return name.isWellFormed() && /^[^\p{White_Space}\0-\x1f+]+$/u.test(name);
}

/** Splits a key's text. Its own messages hold nothing of it: the last part may be a secret. */
function parts(text: string, what: string): { name: string; id: string; key: Uint8Array } {
  const [, name, id, body] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const bytes = body === undefined ? undefined : fromBase64(body);
  if (name === undefined || id === undefined || !bytes) {
    throw new NoteError("malformed", `${what} has a name, an id of eight hexadecimal digits and base64, joined by +`);
  }
  if (bytes[0] !== ED25519) throw new NoteError("malformed", `${what} of ${name} is not for Ed25519 notes (type 1)`);
  return { name, id, key: checkedKey(bytes.subarray(1), `${what} of ${name}`) };
}

function checkedKey(key: Uint8Array, what: string): Uint8Array {
  if (key.length === KEY_BYTES) return key;
  throw new NoteError("malformed", `${what} has ${key.length} bytes, not ${KEY_BYTES}`);
}

const typed = (key: Uint8Array) => base64(new Uint8Array([ED25519, ...key]));
