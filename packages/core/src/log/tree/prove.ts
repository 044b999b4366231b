import { joined } from "./frontier.ts";
import { checkIndex, checkSize, emptyRoot } from "./hash.ts";
import { ProofError } from "./errors.ts";

/** A perfect subtree: 2^level entries, from `index` × 2^level on. Level 0 are the leaves. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** Tells the hash of a perfect subtree. Tiles make one: `readerOf`. */
export type HashReader = (level: number, index: number) => Uint8Array;

/**
 * What a proof is made of, before anything is read: for each of its hashes the perfect subtrees, from left to
 * right, that it covers. Their hashes joined are the proof's.
 */
export type Plan = readonly (readonly TreeNode[])[];

/** The plan of an inclusion proof, from the leaf's sibling to the root's child (RFC 9162, section 2.1.3.1). */
export function inclusionPlan(index: number, size: number): Plan {
  checkIndex(index, size);
  const plan: TreeNode[][] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + leftSize(end - start);
    if (index < middle) {
      plan.unshift(nodesOf(middle, end));
      end = middle;
    } else {
      plan.unshift(nodesOf(start, middle));
      start = middle;
    }
  }
  return plan;
}

/** The plan of a consistency proof (RFC 9162, section 2.1.4.1). Nothing is to be proved of an empty or equal tree. */
export function consistencyPlan(oldSize: number, size: number): Plan {
  checkSize(oldSize);
  checkSize(size);
  if (oldSize > size) throw new ProofError("malformed", `a tree of ${oldSize} entries is no part of one of ${size}`);
  if (oldSize === 0 || oldSize === size) return [];
  const plan: TreeNode[][] = [];
  let start = 0;
  let end = size;
  while (oldSize < end) {
    const middle = start + leftSize(end - start);
    if (oldSize <= middle) {
      plan.unshift(nodesOf(middle, end));
      end = middle;
    } else {
      plan.unshift(nodesOf(start, middle));
      start = middle;
    }
  }
  // A verifier knows the old root already, so it is not sent where the old tree is one perfect subtree.
  if (start > 0) plan.unshift(nodesOf(start, end));
  return plan;
}

/** The perfect subtrees of the frontier, from left to right. */
export function frontierNodes(size: number): TreeNode[] {
  checkSize(size);
  return nodesOf(0, size);
}

/** The hashes of an inclusion proof. */
export function proveInclusion(index: number, size: number, read: HashReader): Uint8Array[] {
  return carriedOut(inclusionPlan(index, size), read);
}

/** The hashes of a consistency proof. */
export function proveConsistency(oldSize: number, size: number, read: HashReader): Uint8Array[] {
  return carriedOut(consistencyPlan(oldSize, size), read);
}

/** The root of the tree of this size. */
export function readRoot(size: number, read: HashReader): Uint8Array {
  const nodes = frontierNodes(size);
  return size === 0 ? emptyRoot() : joined(nodes.map(({ level, index }) => read(level, index)));
}

function carriedOut(plan: Plan, read: HashReader): Uint8Array[] {
  return plan.map((nodes) => joined(nodes.map(({ level, index }) => read(level, index))));
}

/** The largest power of two below `size`, which is at least 2: how many leaves are left of the root. */
function leftSize(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The perfect subtrees of the entries from `start` to `end`. The start is one where the RFC cuts the tree. */
function nodesOf(start: number, end: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = start; at < end;) {
    let level = 0;
    let width = 1;
    while (width * 2 <= end - at) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}
