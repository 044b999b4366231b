import { EMPTY_FRONTIER, formatFrontier, grow, parseFrontier, rootOf } from "@on-record/core/log/tree/frontier";
import { emptyRoot, leafHash, nodeHash } from "@on-record/core/log/tree/hash";
import { proveConsistency, proveInclusion, readRoot, type HashReader } from "@on-record/core/log/tree/prove";
import {
  checkConsistency,
  checkInclusion,
  type ConsistencyClaim,
  type InclusionClaim,
} from "@on-record/core/log/tree/verify";
import { ProofError } from "@on-record/core/log/tree/errors";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { altered, entriesOf, hexOf, NaiveTree, readerOfEntries } from "../../../helpers/naive-tree.ts";

const ENTRIES = entriesOf(1_000);
const READ = readerOfEntries(ENTRIES);
const LEAVES = ENTRIES.map(leafHash);
const NAIVE = new NaiveTree(ENTRIES);

function inclusionOf(index: number, size: number): InclusionClaim {
  const leaf = leafHash(ENTRIES[index] ?? new Uint8Array());
  return { index, size, leaf, root: readRoot(size, READ), proof: proveInclusion(index, size, READ) };
}

function consistencyOf(oldSize: number, size: number): ConsistencyClaim {
  const [old, head] = [oldSize, size].map((size) => ({ size, root: readRoot(size, READ) }));
  if (!old || !head) throw new Error("no heads");
  return { old, head, proof: proveConsistency(oldSize, size, READ) };
}

/** Every size up to 130, with every smaller one. */
const SMALL = Array.from({ length: 130 }, (_, i) => i + 1).flatMap((size) =>
  Array.from({ length: size }, (_, below) => [below, size] as const),
);
const someSizes = fc.integer({ min: 1, max: 1_000 }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));

describe("a frontier", () => {
  it("tells at every size up to 130 the root that the RFC defines", () => {
    let frontier = EMPTY_FRONTIER;
    for (let size = 0; size <= 130; size += 1) {
      expect(rootOf(frontier)).toEqual(NAIVE.root(0, size));
      expect(readRoot(size, READ)).toEqual(rootOf(frontier));
      frontier = grow(frontier, LEAVES.slice(size, size + 1));
    }
  });

  it("comes to the same however its leaves arrive, and through its written form", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(70), { maxLength: 8 }), (steps) => {
        let frontier = EMPTY_FRONTIER;
        for (const step of steps) {
          const grown = grow(frontier, LEAVES.slice(frontier.size, frontier.size + step));
          frontier = parseFrontier(grown.size, formatFrontier(grown));
          expect(formatFrontier(frontier)).toEqual(formatFrontier(grown));
        }
        expect(rootOf(frontier)).toEqual(readRoot(frontier.size, READ));
        expect(formatFrontier(frontier)).toEqual(formatFrontier(grow(EMPTY_FRONTIER, LEAVES.slice(0, frontier.size))));
      }),
    );
  });

  it("is not altered by growing", () => {
    const three = grow(EMPTY_FRONTIER, LEAVES.slice(0, 3));
    const before = formatFrontier(three);
    grow(three, LEAVES.slice(3, 9));
    expect(formatFrontier(three)).toEqual(before);
  });

  const [hash = ""] = formatFrontier(grow(EMPTY_FRONTIER, LEAVES.slice(0, 1)));
  it.each([
    [0, [hash], "has 0 hashes, not 1"],
    [3, [hash], "has 2 hashes, not 1"],
    [1, [], "has 1 hashes, not 0"],
    [1, ["AAAA"], "hash 0 of the frontier"],
    [3, [hash, hash.replace("=", "")], "hash 1 of the frontier"],
    [3, [`${hash} `, hash], "hash 0 of the frontier"],
    [-1, [], "-1 is no tree size"],
    [1.5, [hash], "1.5 is no tree size"],
    [2 ** 53, [hash], "is no tree size"],
  ])("of size %d is not read from %j", (size, texts, message) => {
    expect(() => parseFrontier(size, texts)).toThrow(message);
    expect(() => parseFrontier(size, texts)).toThrow(ProofError);
  });

  it("takes no leaf that is not a hash, and no hash is missing from one made by hand", () => {
    expect(() => grow(EMPTY_FRONTIER, [new Uint8Array(31)])).toThrow("a leaf has 31 bytes");
    expect(() => grow({ size: 1, hashes: [] }, LEAVES.slice(0, 1))).toThrow("fewer hashes");
    expect(() => rootOf({ size: 1, hashes: [] })).toThrow("no hashes");
    expect(() => nodeHash(new Uint8Array(32), new Uint8Array(33))).toThrow("a right child has 33 bytes");
    expect(() => nodeHash(new Uint8Array(31), new Uint8Array(32))).toThrow("a left child has 31 bytes");
  });
});

describe("an inclusion proof", () => {
  it("is what the RFC defines, and holds, for each entry of each small tree", () => {
    for (const [index, size] of SMALL) {
      const claim = inclusionOf(index, size);
      expect(claim.proof.map(hexOf)).toEqual(NAIVE.inclusion(index, size).map(hexOf));
      checkInclusion(claim);
    }
  });

  it("is so for larger trees", () => {
    fc.assert(
      fc.property(someSizes, ([index, size]) => {
        const claim = inclusionOf(index, size);
        expect(claim.proof.map(hexOf)).toEqual(NAIVE.inclusion(index, size).map(hexOf));
        checkInclusion(claim);
      }),
    );
  });

  it("fails with any byte altered, of the proof, the root or the leaf, and for any other entry", () => {
    for (const size of [1, 2, 3, 7, 8, 13]) {
      for (let index = 0; index < size; index += 1) {
        const claim = inclusionOf(index, size);
        const disproved = (wrong: Partial<InclusionClaim>) =>
          expect(() => checkInclusion({ ...claim, ...wrong })).toThrow(`entry ${wrong.index ?? index} is not in`);
        for (let at = 0; at < 32; at += 1) {
          disproved({ root: altered(claim.root, at) });
          disproved({ leaf: altered(claim.leaf, at) });
          claim.proof.forEach((hash, i) => disproved({ proof: claim.proof.with(i, altered(hash, at)) }));
        }
        const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== index);
        for (const other of others) expect(() => checkInclusion({ ...claim, index: other })).toThrow(ProofError);
      }
    }
  });

  it("fails with a hash more, less, or in another place", () => {
    for (const [index, size] of SMALL.filter(([, size]) => size > 4 && size < 20)) {
      const claim = inclusionOf(index, size);
      const { proof, root, leaf } = claim;
      const [first = root] = proof;
      for (const wrong of [[...proof, root], [leaf, ...proof], [...proof, first], proof.slice(1), proof.slice(0, -1)]) {
        expect(() => checkInclusion({ ...claim, proof: wrong })).toThrow(ProofError);
      }
      if (proof.length < 2) continue;
      expect(() => checkInclusion({ ...claim, proof: proof.toReversed() })).toThrow("is not in");
    }
    expect(() => checkInclusion({ ...inclusionOf(2, 5), proof: [] })).toThrow("0 hashes are too few");
    expect(() => checkInclusion({ ...inclusionOf(0, 1), proof: LEAVES.slice(0, 1) })).toThrow("1 hashes are too many");
  });

  it.each([
    [{ index: 5 }, "a tree of 5 entries has no entry 5"],
    [{ index: -1 }, "has no entry -1"],
    [{ index: 0.5 }, "has no entry 0.5"],
    [{ size: 2 ** 53 }, "is no tree size"],
    [{ root: new Uint8Array(31) }, "the root has 31 bytes"],
    [{ leaf: new Uint8Array(0) }, "the leaf has 0 bytes"],
    [{ proof: [new Uint8Array(33)] }, "has 33 bytes"],
  ])("with %o is malformed", (wrong, message) => {
    expect(() => checkInclusion({ ...inclusionOf(2, 5), ...wrong })).toThrow(message);
  });

  it("is not made of an entry that is not there", () => {
    expect(() => proveInclusion(0, 0, READ)).toThrow("a tree of 0 entries has no entry 0");
    expect(() => proveInclusion(7, 7, READ)).toThrow(ProofError);
  });
});

describe("a consistency proof", () => {
  it("is what the RFC defines, and holds, between any two small trees", () => {
    for (const [oldSize, size] of SMALL) {
      const claim = consistencyOf(oldSize, size);
      if (oldSize > 0) {
        expect(claim.proof.map(hexOf)).toEqual(NAIVE.consistency(oldSize, size).map(hexOf));
      }
      checkConsistency(claim);
    }
  });

  it("is so between larger trees", () => {
    fc.assert(
      fc.property(someSizes, ([below, size]) => {
        const claim = consistencyOf(below + 1, size);
        expect(claim.proof.map(hexOf)).toEqual(NAIVE.consistency(below + 1, size).map(hexOf));
        checkConsistency(claim);
      }),
    );
  });

  it("needs no hash from the empty tree, nor between equal ones", () => {
    expect(consistencyOf(0, 9).proof).toEqual([]);
    expect(consistencyOf(9, 9).proof).toEqual([]);
    checkConsistency(consistencyOf(0, 0));
  });

  it("fails with any byte altered, of the proof or of a root", () => {
    for (const [oldSize, size] of SMALL.filter(([old, size]) => old > 0 && size < 14)) {
      const claim = consistencyOf(oldSize, size);
      const { old, head, proof } = claim;
      const fails = (wrong: Partial<ConsistencyClaim>) =>
        expect(() => checkConsistency({ ...claim, ...wrong })).toThrow("does not begin with");
      for (const at of [0, 13, 31]) {
        fails({ old: { ...old, root: altered(old.root, at) } });
        fails({ head: { ...head, root: altered(head.root, at) } });
        proof.forEach((hash, i) => fails({ proof: proof.with(i, altered(hash, at)) }));
      }
    }
  });

  it("fails with a hash more or less, with its roots swapped, and with other sizes", () => {
    for (const [oldSize, size] of SMALL.filter(([old, size]) => old > 0 && size < 20)) {
      const claim = consistencyOf(oldSize, size);
      const { old, head, proof } = claim;
      const wrongs: Partial<ConsistencyClaim>[] = [
        { proof: [...proof, head.root] },
        { proof: [old.root, ...proof] },
        { proof: proof.slice(1) },
        { proof: proof.slice(0, -1) },
        { old: { size: oldSize, root: head.root }, head: { size, root: old.root } },
        { old: { size: oldSize + 1, root: old.root } },
        { old: head, head: old },
      ];
      for (const wrong of wrongs) expect(() => checkConsistency({ ...claim, ...wrong })).toThrow(ProofError);
    }
  });

  it("tells a fork, entries that were dropped, and a wrong empty tree", () => {
    const [at5, at9] = [consistencyOf(5, 5).old, consistencyOf(9, 9).old];
    const other = { size: 5, root: leafHash(new Uint8Array()) };
    expect(() => checkConsistency({ old: at5, head: other, proof: [] })).toThrow("forked: size 5 has the roots");
    expect(() => checkConsistency({ old: at9, head: at5, proof: [] })).toThrow("had 9 entries and now has 5");
    const notEmpty = { size: 0, root: at5.root };
    expect(() => checkConsistency({ old: notEmpty, head: at9, proof: [] })).toThrow("empty tree does not have");
    expect(() => checkConsistency({ old: notEmpty, head: notEmpty, proof: [] })).toThrow("empty tree does not have");
    const empty = { size: 0, root: emptyRoot() };
    expect(() => checkConsistency({ old: empty, head: at5, proof: [at5.root] })).toThrow("too many");
    const cut = { size: 5, root: at5.root.slice(1) };
    expect(() => checkConsistency({ old: cut, head: cut, proof: [] })).toThrow("the root of size 5 has 31 bytes");
    expect(() => checkConsistency({ old: { ...at5, size: -5 }, head: at5, proof: [] })).toThrow("-5 is no tree size");
  });

  it("has a fault that tells what says nothing from what is not so", () => {
    const faultOf = (run: () => void) => {
      try {
        run();
      } catch (error) {
        return error instanceof ProofError ? error.fault : error;
      }
      return "it holds";
    };
    const claim = consistencyOf(5, 9);
    expect(faultOf(() => checkConsistency({ ...claim, proof: [] }))).toBe("malformed");
    expect(faultOf(() => checkConsistency({ ...claim, old: { size: 5, root: claim.head.root } }))).toBe("disproved");
  });

  it("is not made of a tree that is no part of the other", () => {
    expect(() => proveConsistency(8, 7, READ)).toThrow("a tree of 8 entries is no part of one of 7");
  });
});

describe("a tree too large to build", () => {
  // All its leaves are equal, so one hash a level is enough to know it, and the RFC's recursion is quick.
  const row = [leafHash(new Uint8Array())];
  for (let level = 0; level < 53; level += 1) {
    const below = row[level] ?? new Uint8Array();
    row.push(nodeHash(below, below));
  }
  const read: HashReader = (level) => row[level] ?? new Uint8Array();
  const known = new Map<number, Uint8Array>([[1, row[0] ?? new Uint8Array()]]);
  function root(size: number): Uint8Array {
    const found = known.get(size);
    if (found) return found;
    let left = 1;
    while (left * 2 < size) left *= 2;
    const made = nodeHash(root(left), root(size - left));
    known.set(size, made);
    return made;
  }

  it("has its root, and proofs that hold, up to the largest number that counts", () => {
    const sizes = fc.tuple(fc.maxSafeNat(), fc.maxSafeNat()).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
    fc.assert(
      fc.property(sizes, ([small, size]) => {
        const oldSize = small + 1;
        if (oldSize > size) return;
        const head = { size, root: root(size) };
        expect(readRoot(size, read)).toEqual(head.root);
        checkInclusion({ index: small, ...head, leaf: read(0, small), proof: proveInclusion(small, size, read) });
        const old = { size: oldSize, root: root(oldSize) };
        checkConsistency({ old, head, proof: proveConsistency(oldSize, size, read) });
      }),
    );
    const size = Number.MAX_SAFE_INTEGER;
    expect(proveInclusion(size - 1, size, read)).toHaveLength(52);
  });
});
