import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests that load handlers, which keep what they once read from the environment, or that start whole ledgers. */
const APART = [
  "tests/flow/**/*.test.ts",
  "tests/local/**/*.test.ts",
  "tests/cli/**/*.test.ts",
  "tests/http/engine.test.ts",
];

export default defineConfig({
  test: {
    setupFiles: ["tests/setup.ts"],
    // Of a property with hundreds of ledgers, on a machine that is busy.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests that start whole ledgers wait a good part of their time.
    maxWorkers: availableParallelism() + 1,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    env: {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_REGION: "us-east-1",
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
    projects: [
      { extends: true, test: { name: "apart", include: APART } },
      // Half of the time would go into loading the same modules again for each file.
      { extends: true, test: { name: "together", include: ["tests/**/*.test.ts"], exclude: APART, isolate: false } },
    ],
  },
});
