import type { ViewRange, ViewRow } from "../log/ports.ts";
import { bodyOf, parsedBody } from "./body.ts";
import type { BuildRows } from "./builds.ts";

/** The rows of one partition, their bodies as texts, their keys in order. */
interface Partition {
  bodies: Map<string, string>;
  keys: string[];
}

export interface CacheBounds {
  /** In all; beyond it those partitions go that were not touched for longest. */
  rowsCount: number;
  /** In one partition; a longer one is read from the store. */
  partitionRowsCount: number;
}

const BOUNDS: CacheBounds = { rowsCount: 200_000, partitionRowsCount: 5_000 };

/**
 * What a build has written since its first row, kept in memory as far as there is room: whoever wrote everything knows
 * what is there, and what is not, without asking. Rows are written to the store all the same, before they are kept.
 *
 * Only for a build that begins with nothing, and only until another writes what this one has not.
 */
export class BuildCache implements BuildRows {
  readonly #rows: BuildRows;
  readonly #bounds: CacheBounds;
  /** In the order in which they were last touched. */
  readonly #partitions = new Map<string, Partition>();
  /** Partitions that have rows which are not kept. */
  readonly #dropped = new Set<string>();
  #count = 0;
  #isWhole = true;

  constructor(rows: BuildRows, bounds: CacheBounds = BOUNDS) {
    this.#rows = rows;
    this.#bounds = bounds;
  }

  /** From now on everything is read from the store. */
  giveUp(): void {
    this.#isWhole = false;
    this.#partitions.clear();
  }

  #isRead(pk: string): boolean {
    return !this.#isWhole || this.#dropped.has(pk);
  }

  async get(pk: string, sk: string): Promise<object | undefined> {
    if (this.#isRead(pk)) return this.#rows.get(pk, sk);
    const text = this.#touched(pk)?.bodies.get(sk);
    return text === undefined ? undefined : parsedBody(text);
  }

  async query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    if (this.#isRead(pk)) return this.#rows.query(pk, range);
    const partition = this.#touched(pk);
    if (partition === undefined) return [];
    const { keys, bodies } = partition;
    const { from = "", to, descending = false, limit = Infinity } = range;
    const first = placeOf(keys, from);
    const end = to === undefined ? keys.length : placeOf(keys, `${to}\0`);
    const count = Math.max(0, Math.min(end - first, limit));
    const found = descending ? keys.slice(end - count, end).toReversed() : keys.slice(first, first + count);
    return found.map((sk) => ({ pk, sk, body: parsedBody(bodies.get(sk) ?? "") }));
  }

  async put(rows: readonly ViewRow[]): Promise<void> {
    await this.#rows.put(rows);
    for (const row of rows) if (!this.#isRead(row.pk)) this.#keep(row);
    for (const pk of this.#partitions.keys()) {
      if (this.#count <= this.#bounds.rowsCount) break;
      this.#drop(pk);
    }
  }

  #touched(pk: string): Partition | undefined {
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return undefined;
    this.#partitions.delete(pk);
    this.#partitions.set(pk, partition);
    return partition;
  }

  #keep(row: ViewRow): void {
    const { pk, sk } = row;
    const partition = this.#touched(pk) ?? { bodies: new Map<string, string>(), keys: [] };
    this.#partitions.set(pk, partition);
    const { bodies, keys } = partition;
    if (!bodies.has(sk)) {
      keys.splice(placeOf(keys, sk), 0, sk);
      this.#count += 1;
    }
    bodies.set(sk, JSON.stringify(bodyOf(row)));
    if (keys.length > this.#bounds.partitionRowsCount) this.#drop(pk);
  }

  #drop(pk: string): void {
    this.#count -= this.#partitions.get(pk)?.keys.length ?? 0;
    this.#partitions.delete(pk);
    this.#dropped.add(pk);
  }
}

/** The first place whose key does not sort before this one. Keys are ASCII; bounds above them all may not be. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
