/** Processes of the one-machine ledger beyond `local-ledger`: ones that must fail, other hosts, and their engines. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanEnvironment } from "./local-ledger.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const MAIN = "packages/local/src/main.ts";
const MAX_START_MS = 15_000;

export interface ProcessOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The module to run, from the repository's root; it prints `address` and `token` as `npm start` does. */
  readonly module?: string;
}

/** A process that may not serve yet, or never will. */
export interface Started {
  readonly child: ChildProcess;
  /** All that it has written so far. */
  readonly output: () => string;
  /** Resolves once it has ended, to its exit code; `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
}

/** One that serves. */
export interface Serving extends Started {
  readonly url: string;
  readonly token: string;
}

/** Starts the process and waits for nothing. */
export function spawnLedger({ folder, env = {}, module = MAIN }: ProcessOptions): Started {
  const child = spawn(process.execPath, ["--import", "tsx", module], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: cleanEnvironment({
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
      ON_RECORD_DATA: folder,
      ON_RECORD_PORT: "0",
      ...env,
    }),
  });
  // A run that is broken off must leave no ledger behind.
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (some: string) => {
      text += some;
    });
  }
  const exited = once(child, "close").then(() => {
    process.off("exit", killWithUs);
    return child.exitCode;
  });
  return { child, output: () => text, exited };
}

/** Waits until a started ledger serves. Rejects with its own words when it ends first. */
export async function serving(started: Started): Promise<Serving> {
  const { child, output } = started;
  const deadline = Date.now() + MAX_START_MS;
  for (;;) {
    const [, url, token] = /address\s+(\S+)\s+token\s+(\S+)/.exec(output()) ?? [];
    if (url !== undefined && token !== undefined) return { ...started, url, token };
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (ended || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`the ledger did not start:\n${output()}`);
    }
    await sleep(5);
  }
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
