import type { ViewRange, ViewRow } from "@on-record/core/log/ports";
import { SortedViews } from "../fixtures/ledger-maker/sorted-views.ts";

const UNIT_BYTES = 1_024;

/** Views for large ledgers that count what is read, and what the rows of each view took to write. */
export class CountingViews extends SortedViews {
  reads = 0;
  rowsRead = 0;
  bytesRead = 0;
  /** By the view, and by the kind of its rows: how many, and DynamoDB's write units of 1 KB. */
  readonly written = new Map<string, { rows: number; units: number }>();

  override async get(pk: string, sk: string): Promise<object | undefined> {
    const body = await super.get(pk, sk);
    this.reads += 1;
    this.#noteRead(body === undefined ? [] : [{ pk, sk, body }]);
    return body;
  }

  override async query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    const rows = await super.query(pk, range);
    this.reads += 1;
    this.#noteRead(rows);
    return rows;
  }

  #noteRead(rows: readonly ViewRow[]): void {
    this.rowsRead += rows.length;
    for (const row of rows) this.bytesRead += JSON.stringify(row).length;
  }

  override async put(rows: readonly ViewRow[]): Promise<void> {
    for (const { pk, sk, body } of rows) {
      const [view = "", kind = ""] = pk.split("#");
      const bytes = Buffer.byteLength(pk) + Buffer.byteLength(sk) + Buffer.byteLength(JSON.stringify(body)) + 8;
      for (const name of [view, `${view}#${kind}`]) {
        const sum = this.written.get(name) ?? { rows: 0, units: 0 };
        this.written.set(name, { rows: sum.rows + 1, units: sum.units + Math.ceil(bytes / UNIT_BYTES) });
      }
    }
    await super.put(rows);
  }

  resetReads(): void {
    [this.reads, this.rowsRead, this.bytesRead] = [0, 0, 0];
  }
}
