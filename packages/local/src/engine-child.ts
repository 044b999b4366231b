import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DATABASE_FILE, PID_FILE } from "./engine-files.ts";
import { killHard, processCommand, waitUntilGone } from "./engine-processes.ts";

const ANSWER_POLL_MS = 5;
const MAX_START_MS = 10_000;
const MAX_STOP_MS = 5_000;
/** A stray engine is ending by itself (its parent's pipe closed); past this it is stuck. */
const STRAY_GRACE_MS = 2_000;
const MAX_STDERR_KEPT = 2_000;

/**
 * Runs the engine ("$@") until it ends, or until stdin closes, which is what happens when the parent dies in any way,
 * kill -9 included: then the engine must not live on and write to a file that the next ledger will open. The pid is
 * written by the process that becomes the engine, so no engine ever runs without its pid on file.
 */
const WRAPPER = `
exec 3<&0
sh -c 'echo $$ > "$1"; shift; exec "$@"' engine "$@" </dev/null 3<&- &
engine=$!
( while read -r _ <&3; do :; done; kill "$engine" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$engine"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
`;

/** How a run of the engine ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly stderr: string;
}

/** One run of the engine's process. */
export interface EngineChild {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

/** Where a run of the engine listens and writes. */
export interface EngineChildOptions {
  readonly binary: string;
  readonly folder: string;
  readonly port: number;
}

/**
 * Starts the engine and waits until it answers.
 *
 * @throws an Error with the engine's own words when it ends first or does not answer within 10 s.
 */
export async function startChild({ binary, folder, port }: EngineChildOptions): Promise<EngineChild> {
  await endStray(folder);
  const pidFile = join(folder, PID_FILE);
  const engine = [
    binary,
    "serve",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
    "--db-path",
    join(folder, DATABASE_FILE),
  ];
  const wrapper = spawn("sh", ["-c", WRAPPER, "on-record-engine", pidFile, ...engine], {
    stdio: ["pipe", "ignore", "pipe"],
    // Its own group: Ctrl-C in a terminal must reach the ledger only, which then stops the engine last.
    detached: true,
  });
  const exited = exitOf(wrapper);
  const stop = () => stopWrapper(wrapper, exited);
  try {
    await answering(`http://127.0.0.1:${port}/`, exited);
    const pid = readPid(folder);
    if (pid === undefined) throw new Error(`The engine's pid could not be read from ${pidFile}.`);
    return { pid, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Ends an engine that outlived its parent: two must never write to one file, nor may we while one does. */
export async function endStray(folder: string): Promise<void> {
  const pid = readPid(folder);
  // The pid may belong to something else by now; the command line tells.
  if (pid !== undefined && processCommand(pid)?.includes(join(folder, DATABASE_FILE)) === true) {
    if (!(await waitUntilGone(pid, STRAY_GRACE_MS))) {
      killHard(pid);
      if (!(await waitUntilGone(pid, STRAY_GRACE_MS))) {
        throw new Error(
          `An old engine (process ${pid}) still has ${folder} and cannot be killed. End it, then start again.`,
        );
      }
    }
  }
  rmSync(join(folder, PID_FILE), { force: true });
}

function readPid(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, PID_FILE), "utf8"));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function exitOf(wrapper: ChildProcess): Promise<ChildExit> {
  let stderr = "";
  wrapper.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_KEPT);
  });
  // Closing a pipe to a wrapper that has just died is EPIPE; its exit says all there is to say.
  wrapper.stdin?.on("error", () => undefined);
  return new Promise((resolve) => {
    wrapper.once("error", (error) => resolve({ code: null, stderr: `sh cannot be run: ${error.message}` }));
    // "close" rather than "exit": by then the engine's last words have been read.
    wrapper.once("close", (code) => resolve({ code, stderr: stderr.trim() }));
  });
}

async function stopWrapper(wrapper: ChildProcess, exited: Promise<ChildExit>): Promise<void> {
  wrapper.stdin?.end();
  const late = new AbortController();
  const timeout = sleep(MAX_STOP_MS, "late", { signal: late.signal }).catch(() => "cleared");
  if ((await Promise.race([exited, timeout])) === "late" && wrapper.pid !== undefined) {
    killHard(-wrapper.pid); // the whole group
    await exited;
  }
  late.abort();
}

async function answering(url: string, exited: Promise<ChildExit>): Promise<void> {
  let exit: ChildExit | undefined;
  void exited.then((value) => (exit = value));
  const deadline = Date.now() + MAX_START_MS;
  while (Date.now() < deadline) {
    const answered = await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      async (response) => (await response.arrayBuffer()).byteLength > 0,
      () => false,
    );
    if (exit !== undefined) throw new Error(`The engine did not start (exit ${exit.code}): ${exit.stderr}`);
    if (answered) return;
    await sleep(ANSWER_POLL_MS);
  }
  throw new Error(`The engine did not answer on ${url} within ${MAX_START_MS} ms.`);
}
