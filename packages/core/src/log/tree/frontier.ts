import { ProofError } from "./errors.ts";
import { checkHash, checkSize, emptyRoot, HASH_BYTES, nodeHash } from "./hash.ts";
import { base64, fromBase64 } from "./text.ts";

/**
 * All that a tree needs to grow and to tell its root: the hashes of the largest perfect subtrees that it falls into,
 * from left to right. There is one for each 1 in the binary form of the size.
 */
export interface Frontier {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

export const EMPTY_FRONTIER: Frontier = { size: 0, hashes: [] };

/** The frontier with these leaves (their hashes) added behind it. */
export function grow(frontier: Frontier, leaves: Iterable<Uint8Array>): Frontier {
  const hashes = [...frontier.hashes];
  let { size } = frontier;
  for (const leaf of leaves) {
    checkHash(leaf, "a leaf");
    let node = leaf;
    // As in a binary counter: each 1 at the end of the size is a subtree that now has its right sibling.
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(pop(hashes), node);
    hashes.push(node);
    size += 1;
  }
  return { size, hashes };
}

function pop(hashes: Uint8Array[]): Uint8Array {
  const last = hashes.pop();
  if (!last) throw new ProofError("malformed", "a frontier has fewer hashes than its size asks for");
  return last;
}

/** The root of the tree (RFC 6962, section 2.1). */
export function rootOf(frontier: Frontier): Uint8Array {
  return frontier.size === 0 ? emptyRoot() : joined(frontier.hashes);
}

/** The hash over neighbouring subtrees of falling size, from left to right. */
export function joined(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) throw new ProofError("malformed", "there are no hashes to join");
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

/** How many hashes the frontier of a tree of this size has. */
function ones(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** The hashes as the head of the log keeps them, beside the size. */
export function formatFrontier(frontier: Frontier): string[] {
  return frontier.hashes.map(base64);
}

export function parseFrontier(size: number, texts: readonly string[]): Frontier {
  checkSize(size);
  if (texts.length !== ones(size)) {
    throw new ProofError("malformed", `the frontier of ${size} entries has ${ones(size)} hashes, not ${texts.length}`);
  }
  const hashes = texts.map((text, i) => {
    const hash = fromBase64(text);
    if (hash?.length !== HASH_BYTES) throw new ProofError("malformed", `hash ${i} of the frontier is not a hash`);
    return hash;
  });
  return { size, hashes };
}
