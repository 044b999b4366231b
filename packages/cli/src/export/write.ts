import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ExportLine } from "@on-record/core/log/export-line";
import { openCheckpoint, type LogCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { entryBytes } from "@on-record/core/log/tree/entry";
import { EMPTY_FRONTIER, grow, rootOf, type Frontier } from "@on-record/core/log/tree/frontier";
import { leafHash } from "@on-record/core/log/tree/hash";
import { parseVerifierKey } from "@on-record/core/log/tree/keys";
import { base64, sameBytes } from "@on-record/core/log/tree/text";
import { makeFolder, onFile, TextFile } from "../files.ts";
import { Failure } from "../io.ts";
import { Erasures } from "./erasures.ts";
import { FILES, readmeOf } from "./layout.ts";
import type { ExportSource } from "./source.ts";
import { StatementsTable, whoCsvHead, whoCsvLine, whoJsonLine } from "./tables.ts";

export type Format = "jsonl" | "csv";

/** What was exported. */
export interface Exported {
  folder: string;
  origin: string;
  size: number;
  root: string;
  erased: number;
  files: string[];
}

/** The files of one export as they are written, and their sums. */
class Files {
  readonly #folder: string;
  readonly #open = new Map<string, TextFile>();
  readonly sums = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  async append(name: string, text: string): Promise<void> {
    let file = this.#open.get(name);
    if (file === undefined) {
      file = await TextFile.create(join(this.#folder, name));
      this.#open.set(name, file);
    }
    await file.write(text);
  }

  async finish(): Promise<void> {
    for (const [name, file] of this.#open) this.sums.set(name, await file.finish());
    this.#open.clear();
  }

  async abandon(): Promise<void> {
    for (const file of this.#open.values()) await file.abandon();
  }
}

/** The checkpoint that an export is made for: good by the keys of its own ledger, or it is not begun. */
function opened(note: string, keys: readonly string[]): LogCheckpoint {
  const verifiers = keys.map(parseVerifierKey);
  const origin = verifiers[0]?.name;
  if (origin === undefined) throw new Failure("the ledger's log has no keys: an export could not be verified");
  return openCheckpoint(note, { origin, verifiers }).checkpoint;
}

/** Refuses a folder that is there; makes the one beside it that the export grows in, free of what an earlier one left. */
async function startFolder(folder: string): Promise<string> {
  const found = await readdir(folder).catch(() => []);
  if (found.length > 0) throw new Failure(`${folder} is there already: an export makes a folder of its own`);
  const draft = `${folder}.part`;
  await makeFolder(draft);
  for (const name of Object.values(FILES))
    await onFile("write", join(draft, name), () => rm(join(draft, name), { force: true }));
  return draft;
}

async function writeEvents(
  files: Files,
  lines: AsyncIterable<ExportLine>,
  { formats, onStep, signal }: { formats: readonly Format[]; onStep: (done: number) => void; signal: AbortSignal },
): Promise<{ frontier: Frontier; erasures: Erasures }> {
  const table = new StatementsTable();
  const erasures = new Erasures();
  let frontier = EMPTY_FRONTIER;
  if (formats.includes("csv")) await files.append(FILES.whoCsv, whoCsvHead());
  for await (const line of lines) {
    signal.throwIfAborted();
    const { entry } = line;
    if (entry.sequence !== frontier.size)
      throw new Failure(`event ${entry.sequence} came in the place of event ${frontier.size}`);
    const leaf = leafHash(entryBytes(entry));
    frontier = grow(frontier, [leaf]);
    erasures.add(line);
    await files.append(FILES.events, `${JSON.stringify(line)}\n`);
    await files.append(FILES.leaves, `${base64(leaf)} ${entry.id}\n`);
    if (formats.includes("csv")) {
      table.add(line);
      await files.append(FILES.whoCsv, whoCsvLine(entry));
    }
    if (formats.includes("jsonl")) await files.append(FILES.whoJsonl, whoJsonLine(entry));
    onStep(frontier.size);
  }
  if (formats.includes("csv")) for (const row of table.rows()) await files.append(FILES.statements, row);
  return { frontier, erasures };
}

/**
 * Writes an export into a folder of its own. It grows beside it, under the folder's name with `.part`, and takes its
 * name when it is whole and its root is the checkpoint's: what has the name can be relied on.
 */
export async function writeExport(
  source: ExportSource,
  folder: string,
  asked: { formats: readonly Format[]; signal: AbortSignal; onStart: (size: number) => (done: number) => void },
): Promise<Exported> {
  const { note, keys } = await source.signed();
  const { origin, size, root } = opened(note, keys);
  const draft = await startFolder(folder);
  const files = new Files(draft);
  const { formats, signal } = asked;
  try {
    const { frontier, erasures } = await writeEvents(files, source.lines(size), {
      formats,
      signal,
      onStep: asked.onStart(size),
    });
    if (frontier.size !== size || !sameBytes(rootOf(frontier), root))
      throw new Failure(
        `the events do not lead to the root that the ledger signed: on-record verify names the first that was altered`,
      );
    erasures.finish();
    await files.append(FILES.checkpoint, note);
    await files.append(FILES.keys, keys.map((key) => `${key}\n`).join(""));
    await files.append(FILES.readme, readmeOf({ origin, size, root: base64(root), formats }));
    await files.finish();
    const sums = [...files.sums].map(([name, sum]) => `${sum}  ${name}\n`);
    await files.append(FILES.sums, sums.join(""));
    await files.finish();
    await onFile("write", folder, () => rename(draft, folder));
    return { folder, origin, size, root: base64(root), erased: erasures.count, files: [...files.sums.keys()] };
  } catch (error) {
    await files.abandon();
    throw error;
  }
}
