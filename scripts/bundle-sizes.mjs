/**
 * `npm run bundles`: each Lambda handler bundled as SST does it, its size, and its cold load beside that of the bare
 * DynamoDB client. Loads are medians of interleaved runs, each in a new process. Fails when a bundle is too large.
 *
 *   --handlers <folder>   where the handlers are, if not packages/functions/src
 *   --runs <count>        how often each is loaded, 5 if not said; 0 only weighs them
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { BUNDLE, FUNCTION } from "./lambda-bundle.mjs";

/** A larger one starts too slowly. Cold loads are not held to a bound: they depend on the machine. */
const MOST_BYTES = 600_000;
const HANDLERS = ["api", "describe", "sequence", "project", "erase", "publish-changes", "recover"];
const BARE = "bare client-dynamodb";
/** A client that can put, as every handler has one at least. */
const BARE_SOURCE = `
  import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
  export const handler = () => client.send(new PutItemCommand({}));
  const client = new DynamoDBClient({});`;

/** Milliseconds to import the bundle in a new process. */
function load(file) {
  const url = JSON.stringify(pathToFileURL(file).href);
  const script = `
    const startedAt = performance.now();
    import(${url}).then(() => {
      console.log("loaded in", performance.now() - startedAt);
      process.exit(0);
    });`;
  const env = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", ...process.env };
  const child = spawnSync(process.execPath, ["-e", script], { env, encoding: "utf8" });
  const milliseconds = /loaded in ([\d.]+)/.exec(child.stdout)?.[1];
  if (milliseconds === undefined) throw new Error(`${file} does not load:\n${child.stderr}`);
  return Number(milliseconds);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function sourcesIn(folder) {
  const sources = HANDLERS.map((name) => ({ name, path: join(folder, `${name}.ts`) }));
  const missing = sources.filter(({ path }) => !existsSync(path)).map(({ path }) => path);
  if (missing.length > 0) throw new Error(`Handlers are missing:\n${missing.join("\n")}`);
  return sources;
}

/** Bytes of all files of a bundle, whenever they are loaded. */
function weigh(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

async function measure(folder, work, runs) {
  const stdin = { contents: BARE_SOURCE, resolveDir: resolve("packages/core"), loader: "ts" };
  const bare = { name: BARE, outdir: join(work, "bare"), file: join(work, "bare", "stdin.mjs"), loads: [] };
  await build({ ...BUNDLE, stdin, outdir: bare.outdir });
  const bundles = [bare];
  for (const { name, path } of sourcesIn(folder)) {
    const outdir = join(work, name);
    await build({ ...FUNCTION, entryPoints: [path], outdir });
    bundles.push({ name, outdir, file: join(outdir, `${name}.mjs`), loads: [] });
  }
  for (let run = 0; run < runs; run += 1) {
    for (const { file, loads } of bundles) loads.push(load(file));
  }
  return bundles.map(({ name, outdir, loads }) => {
    const cold = median(loads);
    const times = { "cold load ms": Math.round(cold), "× bare": +(cold / median(bare.loads)).toFixed(2) };
    return { name, bytes: weigh(outdir), ...(runs > 0 && times) };
  });
}

const { values } = parseArgs({
  options: {
    handlers: { type: "string", default: "packages/functions/src" },
    runs: { type: "string", default: "5" },
  },
});
const work = mkdtempSync(join(tmpdir(), "on-record-bundles-"));
try {
  const rows = await measure(resolve(values.handlers), work, Number(values.runs));
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
  const large = rows.filter(({ bytes }) => bytes > MOST_BYTES).map(({ name }) => name);
  if (large.length > 0) throw new Error(`More than ${MOST_BYTES} bytes: ${large.join(", ")}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
