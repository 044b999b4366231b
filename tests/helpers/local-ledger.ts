import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type OnRecordClient } from "@on-record/client";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Generous: a start takes a second, but a test run may leave it little of the machine. */
const START_MS = 60_000;
const REQUEST_MS = 30_000;
const OUTPUT_CHARS = 20_000;

/** JSON that a test looks into, whatever its form. */
// oxlint-disable-next-line typescript/no-explicit-any -- what it holds is what the tests are there to find out
export type Json = any;

/** What the API answered. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

/** Sends to the API, with the token. Never throws for a status. */
export interface Caller {
  get(path: string): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** The one-machine ledger in a process of its own, started as `npm start` does. */
export interface LocalLedger extends Caller {
  /** The same API by the typed client, which throws for what is refused, and asks again. */
  readonly client: OnRecordClient;
  readonly url: string;
  readonly token: string;
  /** Its data; it outlives the process, and another ledger can be started on it. */
  readonly folder: string;
  readonly pid: number;
  /** Everything that it has written to both outputs so far. */
  output(): string;
  /** SIGTERM, and waits. Resolves to the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL: `kill -9`, and waits. */
  kill(): Promise<void>;
}

/** A folder for a ledger, and how to remove it. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "on-record-flow-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The environment of a child, without what would lead it to another ledger's engine or bus. */
export function cleanEnvironment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const leads = /^(?:AWS_(?!SDK_JS_)|ON_RECORD_|npm_lifecycle_)/;
  const kept = Object.entries(process.env).filter(([name]) => !leads.test(name));
  return { ...Object.fromEntries(kept), ...more };
}

const TOKEN = "flow-test-token";

/** Starts a ledger on a folder and a free port. Throws with its output when it does not come up. */
export async function startLocalLedger(folder: string, environment: Record<string, string> = {}): Promise<LocalLedger> {
  const env = cleanEnvironment({
    ON_RECORD_DATA: folder,
    ON_RECORD_PORT: "0",
    ON_RECORD_TOKEN: TOKEN,
    ...environment,
  });
  const child = spawn(process.execPath, [join(ROOT, "scripts", "run.mjs"), "start"], {
    cwd: ROOT,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A test run that is broken off must leave no ledger behind.
  const killWithUs = () => child.kill("SIGKILL");
  process.once("exit", killWithUs);
  const exited = once(child, "exit").then(() => {
    process.off("exit", killWithUs);
    return child.exitCode;
  });
  const output = collect(child);
  const url = await addressOf(child, exited, output);
  const token = env["ON_RECORD_TOKEN"] ?? TOKEN;
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    ...callerFor(url, token),
    client: createClient({ url, token, timeoutMs: REQUEST_MS }),
    url,
    token,
    folder,
    pid: child.pid ?? 0,
    output,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
  };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  const add = (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-OUTPUT_CHARS);
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  return () => text;
}

/** Reads the address that the ledger prints. */
async function addressOf(child: ChildProcess, exited: Promise<unknown>, output: () => string): Promise<string> {
  const printed = new Promise<string>((resolve) => {
    child.stdout?.on("data", () => {
      const url = /^\s*address\s+(http:\S+)$/m.exec(output())?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), START_MS);
  });
  const url = await Promise.race([printed, late, exited.then(() => undefined)]);
  clearTimeout(timer);
  if (url !== undefined) return url;
  child.kill("SIGKILL");
  throw new Error(`The ledger did not come up:\n${output()}`);
}

/** How to ask the API at an address. */
export function callerFor(url: string, token: string): Caller {
  const ask = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...type, ...more },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  return {
    get: (path) => ask("GET", path),
    put: (path, body) => ask("PUT", path, body),
    post: (path, body, headers) => ask("POST", path, body, headers),
  };
}
