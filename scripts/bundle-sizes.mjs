/**
 * `npm run bundles`: each Lambda handler bundled as SST does it, its size, and its cold load beside that of the bare
 * DynamoDB client. Loads are medians of interleaved runs, each in a new process.
 *
 *   --handlers <folder>   where the handlers are, if not packages/functions/src
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const HANDLERS = ["api", "describe", "sequence", "project", "publish-changes", "recover"];
const RUNS = 5;
const BARE = "bare client-dynamodb";
/** A client that can put, as every handler has one at least. */
const BARE_SOURCE = `
  import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
  export const handler = () => client.send(new PutItemCommand({}));
  const client = new DynamoDBClient({});`;

/** What SST sets for an ESM function: CommonJS inside the bundle may still call require. */
const REQUIRE_BANNER =
  'import { createRequire as topLevelCreateRequire } from "module";' +
  "const require = topLevelCreateRequire(import.meta.url);";

async function bundle(input, outfile) {
  await build({
    ...input,
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    banner: { js: REQUIRE_BANNER },
    logLevel: "error",
  });
}

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

async function measure(folder, work) {
  const bundles = [{ name: BARE, file: join(work, "bare.mjs"), loads: [] }];
  const stdin = { contents: BARE_SOURCE, resolveDir: resolve("packages/core"), loader: "ts" };
  await bundle({ stdin }, bundles[0].file);
  for (const { name, path } of sourcesIn(folder)) {
    const file = join(work, `${name}.mjs`);
    await bundle({ entryPoints: [path] }, file);
    bundles.push({ name, file, loads: [] });
  }
  for (let run = 0; run < RUNS; run += 1) {
    for (const { file, loads } of bundles) loads.push(load(file));
  }
  const bare = median(bundles[0].loads);
  return bundles.map(({ name, file, loads }) => {
    const bytes = statSync(file).size;
    const cold = median(loads);
    return {
      name,
      bytes,
      KiB: Math.round(bytes / 1024),
      "cold load ms": Math.round(cold),
      "× bare": +(cold / bare).toFixed(2),
    };
  });
}

const { values } = parseArgs({ options: { handlers: { type: "string", default: "packages/functions/src" } } });
const work = mkdtempSync(join(tmpdir(), "on-record-bundles-"));
try {
  const rows = await measure(resolve(values.handlers), work);
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
