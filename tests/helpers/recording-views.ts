import { setImmediate as turn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { ViewRange, ViewRow } from "@on-record/core/log/ports";
import { MemoryViews } from "@on-record/core/storage/memory-views";

/**
 * Views that hold each row to the promise of the port, written twice it must not differ, and that count. Partitions
 * of thousands of rows stay quick: each key is put in its place. All keys must be ASCII, so that they sort as text.
 */
export class RecordingViews extends MemoryViews {
  readonly rows = new Map<string, ViewRow>();
  readonly #keys = new Map<string, string[]>();
  reads = 0;
  rowsRead = 0;
  rowsWritten = 0;

  override async get(pk: string, sk: string): Promise<object | undefined> {
    const [row] = await this.query(pk, { from: sk, to: sk });
    return row?.body;
  }

  override async query(pk: string, { from = "", to, descending = false, limit }: ViewRange): Promise<ViewRow[]> {
    await turn();
    const keys = this.#keys.get(pk) ?? [];
    const found = keys.slice(placeOf(keys, from), to === undefined ? undefined : placeOf(keys, `${to}\0`));
    const asked = (descending ? found.toReversed() : found).slice(0, limit);
    const rows = asked.map((sk) => structuredClone(this.rows.get(`${pk}\n${sk}`) ?? { pk, sk, body: {} }));
    this.reads += 1;
    this.rowsRead += rows.length;
    return rows;
  }

  override async put(rows: readonly ViewRow[]): Promise<void> {
    await turn();
    this.rowsWritten += rows.length;
    const keys = new Set(rows.map(({ pk, sk }) => `${pk}\n${sk}`));
    if (keys.size !== rows.length) throw new Error("two rows of one write have one key");
    for (const { pk, sk, body } of rows) {
      const key = `${pk}\n${sk}`;
      const row = { pk, sk, body: JSON.parse(JSON.stringify(body)) as object };
      const before = this.rows.get(key);
      if (before !== undefined && !isDeepStrictEqual(before.body, row.body))
        throw new Error(`${key} was written otherwise before`);
      this.rows.set(key, row);
      if (before === undefined) this.#insert(pk, sk);
    }
  }

  override async *scan(): AsyncGenerator<ViewRow[]> {
    await turn();
    yield [...this.rows.values()].map((row) => structuredClone(row));
  }

  override async remove(rows: readonly Pick<ViewRow, "pk" | "sk">[]): Promise<void> {
    await turn();
    for (const { pk, sk } of rows) {
      this.rows.delete(`${pk}\n${sk}`);
      const keys = this.#keys.get(pk) ?? [];
      if (keys.includes(sk)) keys.splice(keys.indexOf(sk), 1);
    }
  }

  /** What erasure alone may do. */
  override async rewrite(rows: readonly ViewRow[]): Promise<void> {
    await turn();
    for (const row of rows) this.tamper({ ...row, body: JSON.parse(JSON.stringify(row.body)) as object });
  }

  /** Alters or adds a row behind the back of everybody who keeps promises. */
  tamper(row: ViewRow): void {
    const key = `${row.pk}\n${row.sk}`;
    if (!this.rows.has(key)) this.#insert(row.pk, row.sk);
    this.rows.set(key, row);
  }

  #insert(pk: string, sk: string): void {
    const keys = this.#keys.get(pk) ?? [];
    keys.splice(placeOf(keys, sk), 0, sk);
    this.#keys.set(pk, keys);
  }

  /** All rows of partitions that begin so, in order. */
  under(prefix: string): ViewRow[] {
    const byKey = (a: ViewRow, b: ViewRow) => (a.pk === b.pk ? compare(a.sk, b.sk) : compare(a.pk, b.pk));
    return [...this.rows.values()].filter(({ pk }) => pk.startsWith(prefix)).toSorted(byKey);
  }

  resetCounts(): void {
    this.reads = 0;
    this.rowsRead = 0;
    this.rowsWritten = 0;
  }
}

/** The first place whose key does not sort before this one. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(keys[middle] ?? "", key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
