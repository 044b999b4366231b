import plugins from "./lambda-plugins.mjs";

/** What SST sets for an ESM function: CommonJS inside the bundle may still call require. */
const REQUIRE_BANNER =
  'import { createRequire as topLevelCreateRequire } from "module";' +
  "const require = topLevelCreateRequire(import.meta.url);";

/** How SST has esbuild bundle a function. */
export const BUNDLE = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "es2023",
  mainFields: ["module", "main"],
  banner: { js: REQUIRE_BANNER },
  outExtension: { ".js": ".mjs" },
  logLevel: "error",
};

/**
 * How the functions' own bundles differ: what is seldom needed stands in files of its own, loaded when it is; and what
 * Lambda has no use for is left out. In SST's words: `nodejs.splitting`, `nodejs.plugins` and, of `nodejs.esbuild`,
 * `external`. (SST also keeps the names of functions, unless `nodejs.esbuild.keepNames` is false: a twelfth more.)
 */
export const FUNCTION = {
  ...BUNDLE,
  splitting: true,
  plugins,
  // The SDK imports the first when an operation streams events, and the second when it runs in a browser.
  external: ["@smithy/core/event-streams", "bowser"],
};
