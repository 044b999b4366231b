import { leafHash, nodeHash } from "@on-record/core/log/tree/hash";
import type { HashReader } from "@on-record/core/log/tree/prove";
import { createHash } from "node:crypto";

type Entries = readonly Uint8Array[];

const sha256 = (...parts: Uint8Array[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** The largest power of two smaller than n. */
const k = (n: number) => 2 ** (Math.ceil(Math.log2(n)) - 1);

/**
 * The tree as RFC 6962, section 2.1, defines it: by recursion, and near enough to the text to be read beside it.
 * A list D[a:b] is given by its bounds, so that a hash made once need not be made again.
 */
export class NaiveTree {
  readonly #entries: Entries;
  readonly #made = new Map<string, Uint8Array>();

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** MTH(D[a:b]) */
  root(a: number, b: number): Uint8Array {
    const key = `${a}:${b}`;
    const hash = this.#made.get(key) ?? this.#hash(a, b);
    this.#made.set(key, hash);
    return hash;
  }

  #hash(a: number, b: number): Uint8Array {
    if (a === b) return sha256();
    if (b - a === 1) return sha256(Uint8Array.of(0), this.#entries[a] ?? new Uint8Array());
    const cut = a + k(b - a);
    return sha256(Uint8Array.of(1), this.root(a, cut), this.root(cut, b));
  }

  /** PATH(m, D[a:b]) */
  inclusion(m: number, b: number, a = 0): Uint8Array[] {
    if (b - a === 1) return [];
    const cut = k(b - a);
    return m < cut
      ? [...this.inclusion(m, a + cut, a), this.root(a + cut, b)]
      : [...this.inclusion(m - cut, b, a + cut), this.root(a, a + cut)];
  }

  /** PROOF(m, D[0:n]), for 0 < m */
  consistency(m: number, n: number): Uint8Array[] {
    return this.#subproof(m, 0, n, true);
  }

  #subproof(m: number, a: number, b: number, whole: boolean): Uint8Array[] {
    if (m === b - a) return whole ? [] : [this.root(a, b)];
    const cut = k(b - a);
    return m <= cut
      ? [...this.#subproof(m, a, a + cut, whole), this.root(a + cut, b)]
      : [...this.#subproof(m - cut, a + cut, b, false), this.root(a, a + cut)];
  }
}

/** Reads the perfect subtrees of these entries. Keeps what it made, so that many proofs of one tree are cheap. */
export function readerOfEntries(entries: Entries): HashReader {
  const rows: Uint8Array[][] = [entries.map(leafHash)];
  for (let row = rows[0] ?? []; row.length > 1; rows.push(row)) {
    const below = row;
    row = Array.from({ length: Math.floor(below.length / 2) }, (_, i) =>
      nodeHash(below[2 * i] ?? new Uint8Array(), below[2 * i + 1] ?? new Uint8Array()),
    );
  }
  return (level, index) => {
    const hash = rows[level]?.[index];
    if (!hash) throw new Error(`the tree has no subtree ${level}/${index}`);
    return hash;
  };
}

/** Entries that all differ. */
export const entriesOf = (count: number) => Array.from({ length: count }, (_, i) => new TextEncoder().encode(`e${i}`));

/** The bytes with one of them altered. */
export function altered(bytes: Uint8Array, at: number, by = 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = ((copy[at] ?? 0) + by) & 255;
  return copy;
}

export const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
export const fromHex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
