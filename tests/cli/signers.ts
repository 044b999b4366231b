import type { LogHead } from "@on-record/core/log/ports";
import { signCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { parseFrontier, rootOf } from "@on-record/core/log/tree/frontier";
import { formatVerifierKey, signerOf } from "@on-record/core/log/tree/keys";

/** A checkpoint of a log's head under another name, by a key of its own. */
export function generateSigner(name: string, { size, frontier }: LogHead): { note: string; key: string } {
  const signer = signerOf(name, new Uint8Array(32).fill(5));
  const root = rootOf(parseFrontier(size, frontier));
  return {
    note: signCheckpoint({ origin: name, extensions: [], size, root }, [signer]),
    key: formatVerifierKey(signer),
  };
}
