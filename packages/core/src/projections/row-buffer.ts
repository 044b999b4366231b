import type { ViewRange, ViewRow } from "../log/ports.ts";
import { parsedBody } from "./body.ts";
import type { BuildRows } from "./builds.ts";
import type { ViewReader } from "./projection.ts";

/**
 * Rows that are not written yet, before those that are: to a reader they are there already. As rows are never altered,
 * this is a plain union.
 */
export class RowBuffer implements ViewReader {
  readonly #under: ViewReader;
  #pending: ViewRow[] = [];
  readonly #partitions = new Map<string, ViewRow[]>();

  constructor(under: ViewReader) {
    this.#under = under;
  }

  add(rows: readonly ViewRow[]): void {
    for (const row of rows) {
      this.#pending.push(row);
      const partition = this.#partitions.get(row.pk);
      if (partition === undefined) this.#partitions.set(row.pk, [row]);
      else partition.push(row);
    }
  }

  /** Writes all rows at once, in any order. When it throws, any part may have been written, and all are still held. */
  async writeTo(rows: Pick<BuildRows, "put">): Promise<void> {
    if (this.#pending.length > 0) await rows.put(this.#pending);
    this.#pending = [];
    this.#partitions.clear();
  }

  async get(pk: string, sk: string): Promise<object | undefined> {
    const held = this.#partitions.get(pk)?.findLast((row) => row.sk === sk);
    return held === undefined ? this.#under.get(pk, sk) : copyOf(held).body;
  }

  async query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    const written = await this.#under.query(pk, range);
    const { from = "", to, descending = false, limit } = range;
    const held = (this.#partitions.get(pk) ?? []).filter(({ sk }) => sk >= from && (to === undefined || sk <= to));
    if (held.length === 0) return written;
    const all = new Map([...written, ...held.map(copyOf)].map((row) => [row.sk, row]));
    const order = descending ? -1 : 1;
    // Sort keys are ASCII; only bounds are not, and those lie above everything.
    return [...all.values()].toSorted((a, b) => (a.sk < b.sk ? -order : order)).slice(0, limit);
  }
}

/** As if it had been written and read. */
function copyOf(row: ViewRow): ViewRow {
  return { ...row, body: parsedBody(JSON.stringify(row.body)) };
}
