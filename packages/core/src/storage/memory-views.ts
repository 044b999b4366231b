import { setImmediate as turn } from "node:timers/promises";
import type { Checkpoint, ViewEraser, ViewRange, ViewRow, ViewStore, ViewUpkeep } from "../log/ports.ts";
import { compareUtf8, parseObject } from "./forms.ts";

interface Partition {
  /** Bodies as JSON texts: what went in and what comes out share nothing. */
  bodies: Map<string, string>;
  /** The sort keys in order; `null` when a key came in since they were sorted. */
  sorted: string[] | null;
}

/** Read models in memory, for tests. Every call takes a turn of the event loop, so that races interleave. */
export class MemoryViews implements ViewStore, ViewUpkeep, ViewEraser {
  readonly #partitions = new Map<string, Partition>();
  readonly #checkpoints = new Map<string, Checkpoint>();

  async get(pk: string, sk: string): Promise<object | undefined> {
    await turn();
    const body = this.#partitions.get(pk)?.bodies.get(sk);
    return body === undefined ? undefined : parseObject(body);
  }

  async query(pk: string, { from = "", to, descending = false, limit }: ViewRange): Promise<ViewRow[]> {
    await turn();
    const partition = this.#partitions.get(pk);
    if (partition === undefined) return [];
    partition.sorted ??= [...partition.bodies.keys()].toSorted(compareUtf8);
    const first = placeIn(partition.sorted, (sk) => compareUtf8(sk, from) >= 0);
    const end = to === undefined ? undefined : placeIn(partition.sorted, (sk) => compareUtf8(sk, to) > 0);
    const keys = partition.sorted.slice(first, end);
    const asked = (descending ? keys.toReversed() : keys).slice(0, limit);
    return asked.map((sk) => ({ pk, sk, body: parseObject(partition.bodies.get(sk) ?? "") }));
  }

  async put(rows: readonly ViewRow[]): Promise<void> {
    const texts = rows.map(({ pk, sk, body }) => ({ pk, sk, text: JSON.stringify(body) }));
    await turn();
    for (const { pk, sk, text } of texts) {
      const partition = this.#partitions.get(pk) ?? { bodies: new Map(), sorted: null };
      if (!partition.bodies.has(sk)) partition.sorted = null;
      partition.bodies.set(sk, text);
      this.#partitions.set(pk, partition);
    }
  }

  async rewrite(rows: readonly ViewRow[]): Promise<void> {
    await this.put(rows);
  }

  async *scan(): AsyncGenerator<ViewRow[]> {
    const partitions = [...this.#partitions];
    for (const [pk, { bodies }] of partitions) {
      await turn();
      yield [...bodies].map(([sk, body]) => ({ pk, sk, body: parseObject(body) }));
    }
  }

  async remove(rows: readonly Pick<ViewRow, "pk" | "sk">[]): Promise<void> {
    await turn();
    for (const { pk, sk } of rows) {
      const partition = this.#partitions.get(pk);
      if (partition?.bodies.delete(sk)) partition.sorted = null;
    }
  }

  async checkpoint(projection: string): Promise<Checkpoint> {
    await turn();
    return { ...(this.#checkpoints.get(projection) ?? { next: 0, recordedAt: null }) };
  }

  async advance(projection: string, expected: Checkpoint, to: Checkpoint): Promise<boolean> {
    const place = { ...to };
    await turn();
    const { next = 0, build } = this.#checkpoints.get(projection) ?? {};
    if (next !== expected.next || build !== expected.build) return false;
    this.#checkpoints.set(projection, place);
    return true;
  }
}

/** The first place where the condition holds, given that it holds from some place on; by halving. */
function placeIn(sorted: readonly string[], holds: (sk: string) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle] ?? "")) high = middle;
    else low = middle + 1;
  }
  return low;
}
