import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 10;

/**
 * A text that is the same for as long as the process lives and differs when its pid is used again
 * (machine boot and start time); `undefined` when no such process is alive. A zombie is not alive.
 */
export function processIdentity(pid: number): string | undefined {
  if (process.platform === "linux") {
    const stat = readOrUndefined(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    // The name in field 2 may hold spaces and brackets, so count from the last bracket: state is next, start is 20th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = readOrUndefined("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
    return `${boot}/${fields[19] ?? ""}`;
  }
  const line = ps(pid, "stat=,lstart=");
  return line === undefined || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}

/** The command line of a live process, its arguments separated by spaces; `undefined` when there is none. */
export function processCommand(pid: number): string | undefined {
  if (process.platform === "linux") {
    return readOrUndefined(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ").trim();
  }
  return ps(pid, "command=");
}

/** Waits until the process is gone. Resolves to whether it went within the time. */
export async function waitUntilGone(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (processIdentity(pid) !== undefined) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Sends SIGKILL; a process that is gone already is what was wanted. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isCode(error, "ESRCH")) throw error;
  }
}

/** Whether an error is Node's own with this `code`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function ps(pid: number, columns: string): string | undefined {
  try {
    const line = execFileSync("ps", ["-ww", "-o", columns, "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, LC_ALL: "C" },
    }).trim();
    return line === "" ? undefined : line;
  } catch {
    return undefined; // ps exits 1 when there is no such process
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
