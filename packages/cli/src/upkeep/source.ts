import type { LedgerStores } from "@on-record/local/stores";
import { exportPage } from "@on-record/core/queries/export";
import { LIMITS } from "@on-record/core/limits";
import { Failure } from "../io.ts";
import type { ExportSource } from "../export/source.ts";

/** A ledger's own stores. */
export function storeSource({ log, streams }: LedgerStores, keys: readonly string[]): ExportSource {
  return {
    async signed() {
      const { checkpoint } = await log.head();
      if (checkpoint === null) throw new Failure("there is nothing to export: the log is empty");
      return { note: checkpoint, keys };
    },
    async *lines(size) {
      for (let after = -1; after + 1 < size;) {
        const { lines } = await exportPage(
          { log, streams },
          { after, limit: Math.min(LIMITS.exportLinesCount, size - after - 1) },
        );
        yield* lines;
        after += lines.length;
      }
    },
  };
}
