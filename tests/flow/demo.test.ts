import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { cleanEnvironment, temporaryFolder } from "../helpers/local-ledger.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const { folder, remove } = temporaryFolder();
const running = new Set<() => void>();

afterAll(() => {
  for (const kill of running) kill();
  remove();
});

/** Plays the demo to its end, or until `ctrlC` has been seen in what it prints: then it is interrupted. */
async function demo(args: readonly string[], { ctrlC, ...more }: { ctrlC?: RegExp } & Record<string, unknown> = {}) {
  const environment = cleanEnvironment({ TMPDIR: folder, ...(more as Record<string, string>) });
  const child = spawn(process.execPath, ["scripts/run.mjs", "demo", ...args], { cwd: ROOT, env: environment });
  const kill = () => void child.kill("SIGKILL");
  running.add(kill);
  let printed = "";
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => void (errors += chunk.toString()));
  child.stdout.on("data", (chunk: Buffer) => {
    const before = ctrlC?.test(printed);
    printed += chunk.toString();
    if (before === false && ctrlC?.test(printed)) child.kill("SIGINT");
  });
  await once(child, "close");
  running.delete(kill);
  return { code: child.exitCode, printed, errors };
}

/** Runs in the demo's process: one answer of the ledger says something else than it should. */
const TAMPER = `
  const ask = globalThis.fetch;
  globalThis.fetch = async (url, options) => {
    const response = await ask(url, options);
    const text = await response.text();
    const body = /positions[?]asOf=2025-08-18/.test(url) ? text.replace('"stance":"open"', '"stance":"committed"') : text;
    return new Response(body, { status: response.status });
  };`;

describe.concurrent("npm run demo", () => {
  test("plays the story, finds everything as it must be, and ends with 0 when told to exit", async () => {
    const { code, printed, errors } = await demo(["--exit"]);
    expect(code, printed + errors).toBe(0);
    expect(printed.match(/ALERT · partial reversal/g)).toHaveLength(1);
    expect(printed).toMatch(/All \d+ expectations hold\.\s*$/);
    expect(printed).not.toContain("\u001B");
  }, 120_000);

  test("names what is not so, stays up all the same, and ends with 1 at Ctrl-C", async () => {
    const tamper = `--import=data:text/javascript,${encodeURIComponent(TAMPER)}`;
    const { code, printed } = await demo([], { NODE_OPTIONS: tamper, ctrlC: /v1\/log"/ });
    expect(code).toBe(1);
    expect(printed).toContain("✗ NOT SO: U.S. troops on the ground in Ukraine: open, then ruled_out");
    expect(printed).toMatch(/expectations do NOT hold:/);
    expect(printed).toMatch(/TOKEN=\S{20,}/);
  }, 120_000);

  test("ends at once when it is interrupted in the middle", async () => {
    const { code, printed } = await demo([], { ctrlC: /2 {2}Monday and Tuesday/ });
    expect([code, printed.includes("expectations")]).toEqual([130, false]);
  }, 120_000);
});

test("leaves nothing behind", () => {
  expect(readdirSync(folder).filter((name) => name.startsWith("on-record-demo-"))).toEqual([]);
});
