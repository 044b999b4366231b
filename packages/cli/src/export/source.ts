import type { ExportLine } from "@on-record/core/log/export-line";
import { Failure } from "../io.ts";
import { isForbidden, type RemoteLedger } from "../ledger.ts";

/** Where an export is read from. */
export interface ExportSource {
  /** The newest checkpoint, and the keys that the ledger says it signs with. */
  signed(): Promise<{ note: string; keys: readonly string[] }>;
  /** The lines of the first so many events, in order. */
  lines(size: number): AsyncIterable<ExportLine>;
}

/** A ledger that answers over HTTP, asked with a token of scope admin. */
export function remoteSource(ledger: RemoteLedger): ExportSource {
  const { client, options } = ledger;
  return {
    async signed() {
      const note = await client.getLogCheckpoint(options);
      return { note, keys: (await client.getLogKeys(options)).keys };
    },
    async *lines(size) {
      for (let after = -1; after + 1 < size;) {
        const page = await client.exportLedger({ ...(after >= 0 && { after }) }, options).catch((error: unknown) => {
          if (!isForbidden(error)) throw error;
          throw new Failure("an export holds everything: it takes a token of scope admin", { cause: error });
        });
        if (page.lines.length === 0)
          throw new Failure(`the ledger exports no event behind ${after}, though it has ${size}`);
        yield* page.lines.slice(0, size - after - 1);
        after += page.lines.length;
      }
    },
  };
}
