import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { onFile } from "../files.ts";
import { rowsOf, type Reading } from "./rows.ts";

/** A row that was not taken, and why. */
export interface BadRow {
  line: number;
  message: string;
}

/** What a file holds. */
export interface Survey {
  statements: number;
  registry: number;
  flawed: BadRow[];
  /** Ids of actors and propositions that the file itself brings. */
  brings: ReadonlySet<string>;
  /** SHA-256 of the file, in hex: whether it is still the same. */
  hash: string;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await onFile("read", path, () => pipeline(createReadStream(path), hash));
  return hash.digest("hex");
}

/** Reads a whole file and says what is wrong with it, before anything of it is sent. */
export async function survey(
  reading: Reading,
  { signal, onFlaw }: { signal: AbortSignal; onFlaw: (row: BadRow) => Promise<void> },
): Promise<Survey> {
  const hash = await hashOf(reading.path);
  const flawed: BadRow[] = [];
  const brings = new Set<string>();
  let [statements, registry] = [0, 0];
  for await (const row of rowsOf(reading)) {
    signal.throwIfAborted();
    if ("flaw" in row) {
      const bad = { line: row.line, message: row.flaw };
      flawed.push(bad);
      await onFlaw(bad);
    } else if (row.wish.kind === "statement") {
      statements += 1;
    } else {
      registry += 1;
      brings.add(row.wish.id);
    }
  }
  return { statements, registry, flawed, brings, hash };
}
