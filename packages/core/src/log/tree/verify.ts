import { ProofError } from "./errors.ts";
import { checkHash, checkIndex, checkSize, emptyRoot, nodeHash, shown, type TreeHead } from "./hash.ts";
import { sameBytes } from "./text.ts";

/*
 * The verifier's side, after the letter of RFC 9162. It shares nothing with the side that makes proofs but the hash.
 */

/** An entry, by its leaf hash, and what is said to prove that it is in the tree. */
export interface InclusionClaim extends TreeHead {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Throws unless the proof leads from the leaf at this index to the root (RFC 9162, section 2.1.3.2). */
export function checkInclusion(claim: InclusionClaim): void {
  const { index, size, root, leaf, proof } = claim;
  checkIndex(index, size);
  checkHash(root, "the root");
  checkHash(leaf, "the leaf");
  let place = index;
  let last = size - 1;
  let hash = leaf;
  for (const step of proof) {
    if (last === 0) throw tooLong(proof);
    if (odd(place) || place === last) {
      hash = nodeHash(step, hash);
      while (!odd(place) && place > 0) [place, last] = [half(place), half(last)];
    } else {
      hash = nodeHash(hash, step);
    }
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw tooShort(proof);
  if (!sameBytes(hash, root)) {
    throw new ProofError(
      "disproved",
      `entry ${index} is not in this tree of ${size}: its proof leads to ${shown(hash)}, the root is ${shown(root)}`,
    );
  }
}

/** Two heads and what is said to prove that the newer tree begins with the older one. */
export interface ConsistencyClaim {
  readonly old: TreeHead;
  readonly head: TreeHead;
  readonly proof: readonly Uint8Array[];
}

/**
 * Throws unless the tree of `head` begins with that of `old` (RFC 9162, section 2.1.4.2).
 * The RFC leaves the empty tree out. Every tree begins with it, so it needs no hashes; its root has to be its own.
 */
export function checkConsistency(claim: ConsistencyClaim): void {
  const { old, head, proof } = claim;
  for (const { size, root } of [old, head]) {
    checkSize(size);
    checkHash(root, `the root of size ${size}`);
    if (size === 0 && !sameBytes(root, emptyRoot())) {
      throw new ProofError("disproved", `the empty tree does not have the root ${shown(root)}`);
    }
  }
  if (old.size > head.size) {
    throw new ProofError("disproved", `the log had ${old.size} entries and now has ${head.size}: some were dropped`);
  }
  if (old.size === 0 || old.size === head.size) {
    if (proof.length > 0) throw tooLong(proof);
    if (old.size > 0 && !sameBytes(old.root, head.root)) {
      throw new ProofError("disproved", `the log forked: size ${old.size} has the roots ${rootsOf(old, head)}`);
    }
    return;
  }
  const [oldRoot, root] = rootsProved(old, head, proof);
  if (!sameBytes(oldRoot, old.root)) throw forked(old, head, "old", oldRoot);
  if (!sameBytes(root, head.root)) throw forked(old, head, "new", root);
}

/** The roots of both trees that a proof leads to, between sizes that differ and are not 0. */
function rootsProved(old: TreeHead, head: TreeHead, proof: readonly Uint8Array[]): [Uint8Array, Uint8Array] {
  let place = old.size - 1;
  let last = head.size - 1;
  while (odd(place)) [place, last] = [half(place), half(last)];
  // Where the old tree is one perfect subtree, its own root is where the way to the new one begins.
  const [first, ...steps] = place === 0 ? [old.root, ...proof] : proof;
  if (!first) throw tooShort(proof);
  let before = first;
  let now = first;
  for (const step of steps) {
    if (last === 0) throw tooLong(proof);
    if (odd(place) || place === last) {
      before = nodeHash(step, before);
      now = nodeHash(step, now);
      while (!odd(place) && place > 0) [place, last] = [half(place), half(last)];
    } else {
      now = nodeHash(now, step);
    }
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw tooShort(proof);
  return [before, now];
}

// Sizes go beyond 32 bits, where shifts would cut them.
const odd = (n: number) => n % 2 === 1;
const half = (n: number) => Math.floor(n / 2);

const tooLong = (proof: readonly unknown[]) =>
  new ProofError("malformed", `${proof.length} hashes are too many for this proof`);
const tooShort = (proof: readonly unknown[]) =>
  new ProofError("malformed", `${proof.length} hashes are too few for this proof`);

const rootsOf = (old: TreeHead, head: TreeHead) => `${shown(old.root)} and ${shown(head.root)}`;

function forked(old: TreeHead, head: TreeHead, which: "old" | "new", proved: Uint8Array): ProofError {
  const { root } = which === "old" ? old : head;
  return new ProofError(
    "disproved",
    `the log of ${head.size} entries does not begin with that of ${old.size}: ` +
      `the proof leads to the ${which} root ${shown(proved)}, not ${shown(root)}`,
  );
}
