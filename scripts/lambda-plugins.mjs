import { fileURLToPath } from "node:url";

const CREDENTIALS = fileURLToPath(new URL("lambda-credentials.ts", import.meta.url));

/** esbuild's plugins for the functions' bundles; in SST's words, `nodejs.plugins`. */
export default [
  {
    name: "credentials-of-the-function",
    setup(build) {
      build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({ path: CREDENTIALS }));
    },
  },
];
