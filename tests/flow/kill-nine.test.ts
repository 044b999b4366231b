import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cleanEnvironment } from "../helpers/local-ledger.ts";

const ROOT = join(import.meta.dirname, "..", "..");
// The gate kills twenty times; here a few show that the script itself holds.
const KILLS = 3;
const SEED = 1;

test("kill -9 at any moment under load loses nothing and announces nothing twice", { timeout: 300_000 }, async () => {
  const args = ["--import", "tsx", "scripts/kill-nine.ts", "--kills", String(KILLS), "--seed", String(SEED)];
  const script = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: cleanEnvironment({ AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" }),
  });
  let output = "";
  for (const stream of [script.stdout, script.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await once(script, "close");
  expect(output).toMatch(/killed: \d at work, \d while starting/);
  expect(output.match(/^ok {4}/gm)).toHaveLength(9);
  expect(script.exitCode, output).toBe(0);
});
