/** A one-machine ledger as its own process, to be stopped, stalled and killed. Knows no test runner: scripts use it too. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "..", "..");
const MAIN = "packages/local/src/main.ts";
const MAX_START_MS = 30_000;

export interface LedgerProcess {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** All that it has written so far. */
  output(): string;
  /** Resolves once the process has ended, to its exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
}

export interface ProcessOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The module to run, from the repository's root; it prints `address` and `token` as `npm start` does. */
  readonly module?: string;
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | null>;
}

/** Starts the process and waits for nothing. */
export function spawnLedger({ folder, env = {}, module = MAIN }: ProcessOptions): Started {
  const child = spawn(process.execPath, ["--import", "tsx", module], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment(), ON_RECORD_DATA: folder, ON_RECORD_PORT: "0", ...env },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", (some) => (text += some));
  const exited = once(child, "close").then(([code]) => (typeof code === "number" ? code : null));
  return { child, output: () => text, exited };
}

/** Nothing of the ledger that may be set around the tests. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ON_RECORD_|AWS_ENDPOINT_URL)/.test(name));
  return { ...Object.fromEntries(kept), AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
}

/** Waits until a started ledger serves. Rejects with its own words when it ends first. */
export async function serving({ child, output, exited }: Started): Promise<LedgerProcess> {
  let ended = false;
  void exited.then(() => (ended = true));
  const deadline = Date.now() + MAX_START_MS;
  for (;;) {
    const [, url, token] = /address\s+(\S+)\s+token\s+(\S+)/.exec(output()) ?? [];
    if (url !== undefined && token !== undefined && child.pid !== undefined) {
      const kill = (signal: NodeJS.Signals) => void child.kill(signal);
      const stop = async () => {
        child.kill("SIGTERM");
        await exited;
      };
      return { url, token, pid: child.pid, output, exited, kill, stop };
    }
    if (ended || Date.now() > deadline) throw new Error(`the ledger did not start:\n${output()}`);
    await sleep(5);
  }
}

export function startLedgerProcess(options: ProcessOptions): Promise<LedgerProcess> {
  return serving(spawnLedger(options));
}

/** Runs until the process ends by itself: for starts that must fail. */
export async function runToEnd(options: ProcessOptions): Promise<{ code: number | null; output: string }> {
  const { child, output, exited } = spawnLedger(options);
  const late = setTimeout(() => child.kill("SIGKILL"), MAX_START_MS);
  const code = await exited;
  clearTimeout(late);
  return { code, output: output() };
}

/** The engines that run on a ledger's folder now, by their pids (Linux). */
export function enginesOn(folder: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => isEngineOf(commandOf(pid), folder)).map(Number);
}

function isEngineOf(command: readonly string[], folder: string): boolean {
  return command[1] === "serve" && command.includes(join(folder, "ledger.db"));
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // gone meanwhile
  }
}
