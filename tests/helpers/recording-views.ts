import { isDeepStrictEqual } from "node:util";
import type { ViewRange, ViewRow } from "@on-record/core/log/ports";
import { MemoryViews } from "@on-record/core/storage/memory-views";

/** Views that hold each row to the promise of the port, written twice it must not differ, and that count. */
export class RecordingViews extends MemoryViews {
  readonly rows = new Map<string, ViewRow>();
  reads = 0;
  rowsRead = 0;
  rowsWritten = 0;

  override async get(pk: string, sk: string): Promise<object | undefined> {
    this.reads += 1;
    this.rowsRead += 1;
    return super.get(pk, sk);
  }

  override async query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    const rows = await super.query(pk, range);
    this.reads += 1;
    this.rowsRead += rows.length;
    return rows;
  }

  override async put(rows: readonly ViewRow[]): Promise<void> {
    this.rowsWritten += rows.length;
    const keys = new Set(rows.map(({ pk, sk }) => `${pk}\n${sk}`));
    if (keys.size !== rows.length) throw new Error("two rows of one write have one key");
    for (const { pk, sk, body } of rows) {
      const key = `${pk}\n${sk}`;
      const row = { pk, sk, body: JSON.parse(JSON.stringify(body)) as object };
      const before = this.rows.get(key);
      if (before !== undefined && !isDeepStrictEqual(before.body, row.body)) throw new Error(`${key} was written otherwise before`);
      this.rows.set(key, row);
    }
    await super.put(rows);
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
