import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isCode, processIdentity } from "./engine-processes.ts";

const OWNER_FILE = /^owner\.(\d+)\.json$/;
const MAX_TRIES = 10;

/** The right to run a ledger on a folder; it ends with `release()` or with the process. */
export interface FolderLock {
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Takes the folder for this process, or refuses when a live process has it.
 *
 * The highest `owner.<n>.json` names the owner; an empty one was released. A free or stale lock is taken by creating
 * number n + 1, which only one taker can do, and the highest file is never removed: so two that find the same stale
 * lock cannot both get it, however they interleave. An owner is known by pid and start time, so a reused pid holds nothing.
 */
export function lockFolder(folder: string): FolderLock {
  const identity = processIdentity(process.pid) ?? "";
  const draft = join(folder, `owner.${randomUUID()}.tmp`);
  writeFileSync(draft, JSON.stringify({ pid: process.pid, identity } satisfies Owner));
  try {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const number = highest(folder);
      const owner = number === 0 ? undefined : readOwner(pathOf(folder, number));
      if (owner !== undefined && processIdentity(owner.pid) === owner.identity) {
        throw new Error(
          `Another ledger is running on ${folder} (process ${owner.pid}). Stop it first, or start this one on another folder.`,
        );
      }
      const mine = pathOf(folder, number + 1);
      // A link appears with its content in place: nobody can read a half-written owner.
      if (!linked(draft, mine)) continue;
      if (highest(folder) !== number + 1) {
        rmSync(mine, { force: true }); // somebody went further on newer knowledge
        continue;
      }
      removeOlder(folder, number + 1);
      return { release: () => emptyFile(mine) };
    }
  } finally {
    rmSync(draft, { force: true });
  }
  throw new Error(`Several ledgers are starting on ${folder} at once. Start one of them again.`);
}

function pathOf(folder: string, number: number): string {
  return join(folder, `owner.${number}.json`);
}

function numbers(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const digits = OWNER_FILE.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

function highest(folder: string): number {
  return Math.max(0, ...numbers(folder));
}

function removeOlder(folder: string, than: number): void {
  for (const number of numbers(folder)) {
    if (number < than) rmSync(pathOf(folder, number), { force: true });
  }
}

function readOwner(path: string): Owner | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof parsed !== "object" || parsed === null || !("pid" in parsed) || !("identity" in parsed))
      return undefined;
    const { pid, identity } = parsed;
    return typeof pid === "number" && typeof identity === "string" ? { pid, identity } : undefined;
  } catch {
    return undefined; // empty: released
  }
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function emptyFile(path: string): void {
  try {
    truncateSync(path);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error; // a throwaway ledger's folder may be gone already
  }
}
