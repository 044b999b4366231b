/**
 * Bundles the bench as the functions are bundled for Lambda, and runs it. One copy of the SDK serves all that is
 * compared: the root's.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [at("main.ts"), at("host.ts")],
  outdir: at("dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  minify: true,
  sourcemap: "linked",
  format: "esm",
  platform: "node",
  target: "node20",
  mainFields: ["module", "main"],
  alias: { "@aws-sdk/client-dynamodb": at("../node_modules/@aws-sdk/client-dynamodb") },
  external: ["node-sqlite3-wasm"],
  banner: {
    js: 'import { createRequire as topLevelCreateRequire } from "module"; const require = topLevelCreateRequire(import.meta.url);',
  },
  logLevel: "error",
});
const flags = ["--expose-gc", ...(process.env["BENCH_NODE_FLAGS"]?.split(" ") ?? [])];
const env = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
const { status } = spawnSync(process.execPath, [...flags, at("dist/main.mjs"), ...process.argv.slice(2)], {
  stdio: "inherit",
  env,
});
process.exitCode = status ?? 1;
