import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";
import { fromBase64 } from "@on-record/core/log/tree/text";
import type { TreeHead } from "@on-record/core/log/tree/hash";
import { makeFolder, onFile, writeWhole } from "../files.ts";
import { Failure } from "../io.ts";

/** What is remembered of a log between two verifications. */
const Kept = z.strictObject({
  /** Verifier keys that are trusted. */
  keys: z.array(z.string()).min(1),
  size: z.int().min(0),
  root: z.string(),
  /** The signed note itself: it proves to others that the ledger once said so. */
  checkpoint: z.string(),
  seenAt: z.string(),
});
export type Kept = z.infer<typeof Kept>;

const KeepFile = z.strictObject({
  /** By the name of the log. */
  logs: z.record(z.string(), Kept),
  /** Which log was found at an address. */
  addresses: z.record(z.string(), z.string()),
});
export type KeepFile = z.infer<typeof KeepFile>;

/** Reads what is remembered; nothing, where nothing was. A file that was damaged is not passed over: it may be the proof. */
export async function readKept(path: string): Promise<KeepFile> {
  const text = await onFile("read", path, async () =>
    readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    }),
  );
  if (text === undefined) return { logs: {}, addresses: {} };
  try {
    return KeepFile.parse(JSON.parse(text));
  } catch (error) {
    throw new Failure(`${path} is not what on-record verify wrote: mend it, or name another file with --keep`, {
      cause: error,
    });
  }
}

export async function writeKept(path: string, kept: KeepFile): Promise<void> {
  await makeFolder(dirname(path));
  await writeWhole(path, (file) => file.write(`${JSON.stringify(kept, null, 2)}\n`));
}

/** The tree that was seen. */
export function headOf({ size, root }: Kept): TreeHead {
  const bytes = fromBase64(root);
  if (bytes === undefined) throw new Failure("what is remembered of this log has no root");
  return { size, root: bytes };
}
