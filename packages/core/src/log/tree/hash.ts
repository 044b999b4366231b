import { sha256 } from "./crypto.ts";
import { ProofError } from "./errors.ts";
import { base64 } from "./text.ts";

export const HASH_BYTES = 32;

/** What a checkpoint says of a tree: how many leaves it has, and the hash over all of them. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/** The root of the tree without leaves (RFC 6962, section 2.1). */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array(0));
}

/** The hash of an entry. Leaves and nodes are hashed apart, so that no node can be passed off as an entry. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + entry.length);
  bytes.set(entry, 1);
  return sha256(bytes);
}

const pair = new Uint8Array(1 + 2 * HASH_BYTES);

/** The hash of a node, over those of its children. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  checkHash(left, "a left child");
  checkHash(right, "a right child");
  pair[0] = 1;
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

export function checkHash(hash: Uint8Array, what: string): void {
  if (hash.length !== HASH_BYTES) {
    throw new ProofError("malformed", `${what} has ${hash.length} bytes, not the ${HASH_BYTES} of a hash`);
  }
}

export function checkSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 0) throw new ProofError("malformed", `${size} is no tree size`);
}

export function checkIndex(index: number, size: number): void {
  checkSize(size);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
    throw new ProofError("malformed", `a tree of ${size} entries has no entry ${index}`);
  }
}

/** A hash as messages and notes show it. */
export const shown = base64;
