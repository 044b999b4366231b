/**
 * The gate: `npm run check`. Every step runs even after one has failed; any failure fails the whole.
 *
 *   --no-tests       leaves out the last step, for a caller that has just run `npm test`
 *   --report <file>  writes [{ name, passed }] for `.ci/run`
 */
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { "no-tests": { type: "boolean" }, report: { type: "string" } } });

const TSC = "node_modules/typescript/bin/tsc";
/** Who measures installs it; the rest of the repository does without. */
const hasBench = existsSync("bench/node_modules");

const STEPS = [
  { name: "types", command: [TSC, "--noEmit", "--pretty"] },
  ...(hasBench ? [{ name: "types of the bench", command: [TSC, "-p", "bench", "--noEmit", "--pretty"] }] : []),
  { name: "lint", command: ["node_modules/oxlint/bin/oxlint", "--type-aware", "--deny-warnings"] },
  { name: "format", command: ["node_modules/oxfmt/bin/oxfmt", "--check"] },
  { name: "unused code", command: ["node_modules/knip/bin/knip.js", "--no-progress"] },
  { name: "bundles", command: ["scripts/bundle-sizes.mjs", "--runs", "0"] },
  { name: "twenty kills", command: ["--import", "tsx", "scripts/kill-nine.ts", "--kills", "20", "--seed", "1"] },
  { name: "layering", command: ["node_modules/vitest/vitest.mjs", "run", "tests/layering"] },
  { name: "tests", command: ["node_modules/vitest/vitest.mjs", "run"] },
];

/** Resolves with whether the command succeeded. A signal to the gate ends the step and then the gate. */
function run(command) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, command, { stdio: ["ignore", "inherit", "inherit"] });
    const stop = (signal) => {
      child.kill(signal);
      child.once("exit", () => process.exit(1));
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
    child.once("error", () => resolve(false));
    child.once("exit", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(code === 0);
    });
  });
}

const results = [];
for (const { name, command } of STEPS) {
  if (name === "tests" && values["no-tests"]) continue;
  console.log(`\n── ${name}`);
  const startedAt = performance.now();
  const passed = await run(command);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`── ${name}: ${passed ? "passed" : "FAILED"} in ${seconds} s`);
  results.push({ name, passed });
}

if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(results));
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
console.log(failed.length === 0 ? "\nThe gate is open." : `\nThe gate is shut: ${failed.join(", ")}.`);
process.exitCode = failed.length === 0 ? 0 : 1;
