/**
 * Runs one task of package.json as the only command typed: checks Node, installs what package-lock.json says when
 * node_modules differs from it, then runs the task in this very process, so that whatever kills it kills all of it.
 * Plain JavaScript without dependencies: it must run before anything is installed.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { endWithNpm } from "./end-with-npm.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const VITEST = "node_modules/vitest/vitest.mjs";

/** The module behind each task, and the arguments that come before the typed ones. */
const TASKS = {
  start: { module: "packages/local/src/main.ts", args: [] },
  demo: { module: "packages/local/src/demo/main.ts", args: [] },
  test: { module: VITEST, args: ["run"] },
  check: { module: "scripts/check.mjs", args: [] },
  format: { module: "node_modules/oxfmt/bin/oxfmt", args: ["--write"] },
  "kill-nine": { module: "scripts/kill-nine.ts", args: [] },
  bundles: { module: "scripts/bundle-sizes.mjs", args: [] },
};

function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`On Record needs Node 20.19 or newer; this is ${process.versions.node}.`);
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(ROOT, lockFile), "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Whether npm's own record of what it installed, written last, agrees with the lock file. A package for another
 * platform may be absent.
 */
function isInstalled() {
  const wanted = packagesOf("package-lock.json");
  const found = packagesOf("node_modules/.package-lock.json");
  if (wanted === undefined || found === undefined) return false;
  const differs = (path) =>
    found[path] === undefined
      ? !(wanted[path].optional || wanted[path].devOptional || wanted[path].peer)
      : found[path].version !== wanted[path].version || found[path].integrity !== wanted[path].integrity;
  return (
    Object.keys(found).every((path) => path in wanted) &&
    Object.keys(wanted).every((path) => path === "" || !differs(path))
  );
}

function install() {
  console.error("Installing dependencies (npm ci) …");
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  // Standard output stays the task's own.
  const options = { cwd: ROOT, stdio: ["ignore", 2, 2] };
  const result = npm?.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (result.status !== 0) fail(`npm ci failed${result.error ? `: ${result.error.message}` : ""}.`);
}

async function main() {
  const [name, ...typed] = process.argv.slice(2);
  const task = Object.hasOwn(TASKS, name ?? "") ? TASKS[name] : undefined;
  if (task === undefined) fail(`Usage: node scripts/run.mjs ${Object.keys(TASKS).join("|")} [arguments]`);
  checkNode();
  if (!isInstalled()) install();

  endWithNpm();
  process.chdir(ROOT);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const path = join(ROOT, task.module);
  process.argv = [process.argv[0], path, ...task.args, ...typed];
  if (path.endsWith(".ts")) {
    const { register } = await import("tsx/esm/api");
    register();
  }
  await import(pathToFileURL(path).href);
}

await main();
