import { createHash, type Hash } from "node:crypto";
import { mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { Failure } from "./io.ts";

const CHUNK_CHARS = 65_536;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is no folder",
  EISDIR: "it is a folder",
  EEXIST: "it is there already",
  ENOTEMPTY: "it is there already, and not empty",
  ENOSPC: "the disk is full",
};

/** An error of the file system, by the file's name. */
export function fileFailure(what: string, path: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return new Failure(`cannot ${what} ${path}: ${reason}`, { cause: error });
}

/** Does something with a file; an error of the file system names the file. */
export async function onFile<T>(what: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && "syscall" in error) throw fileFailure(what, path, error);
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Makes a folder for its owner alone, and those above it that are missing. One that is there stays as it is. */
export async function makeFolder(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  // Not the platform's own recursion: where nothing can be made, as in /proc, that never ends.
  await onFile("make the folder", path, () =>
    make().catch(async (error: unknown) => {
      if (!hasCode(error, "ENOENT") || dirname(path) === path) throw error;
      await makeFolder(dirname(path));
      await make();
    }),
  );
}

/** A text file as it is written: readable by its owner alone, hashed on the way. */
export class TextFile {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash("sha256");
  #waiting = "";

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Makes the file anew, over what is there. */
  static async create(path: string): Promise<TextFile> {
    return new TextFile(path, await onFile("write", path, () => open(path, "w", 0o600)));
  }

  async write(text: string): Promise<void> {
    this.#waiting += text;
    if (this.#waiting.length >= CHUNK_CHARS) await this.#flush();
  }

  /** Closes it when everything is on the disk; gives the SHA-256 of what was written, in hex. */
  async finish(): Promise<string> {
    await this.#flush();
    await onFile("write", this.#path, async () => {
      await this.#file.sync();
      await this.#file.close();
    });
    return this.#hash.digest("hex");
  }

  /** Closes it, whatever it holds. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
  }

  async #flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = "";
    const bytes = Buffer.from(text);
    this.#hash.update(bytes);
    await onFile("write", this.#path, () => this.#file.writeFile(bytes));
  }
}

/** Writes a file as a whole: under its own name there is the old one, or the new one. */
export async function writeWhole(path: string, write: (file: TextFile) => Promise<void>): Promise<void> {
  const draft = `${path}.part`;
  const file = await TextFile.create(draft);
  try {
    await write(file);
    await file.finish();
    await onFile("write", path, () => rename(draft, path));
  } catch (error) {
    await file.abandon();
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}
