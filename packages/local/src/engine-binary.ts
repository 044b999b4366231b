import { accessSync, constants, statSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join, resolve } from "node:path";

const HOW_TO_GET_IT = [
  "Get it in one of these ways:",
  "  npm    npm install --no-save @dynoxide/<platform>-<arch>@1.2.1   (e.g. @dynoxide/linux-x64)",
  "  brew   brew install nubo-db/tap/dynoxide",
  "  cargo  cargo install dynoxide-rs",
  "and, if it is not on PATH, name it in ON_RECORD_ENGINE.",
  "Or use any DynamoDB-compatible endpoint instead: AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000",
].join("\n");

/** What decides where the engine is looked for; the parts are given apart so that a test can vary them. */
export interface BinarySearch {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform?: string;
  readonly arch?: string;
}

/**
 * The path of the engine's binary: `ON_RECORD_ENGINE`, else the platform's npm package, else `dynoxide` on PATH.
 *
 * @throws an Error that names the ways to get it.
 */
export function findEngineBinary(search: BinarySearch = { env: process.env }): string {
  const named = search.env["ON_RECORD_ENGINE"];
  if (named !== undefined && named !== "") {
    // A wrong setting is an error, not a reason to run something else.
    if (isExecutable(named)) return resolve(named);
    throw new Error(`ON_RECORD_ENGINE names ${named}, which is not an executable file.\n${HOW_TO_GET_IT}`);
  }
  const platform = search.platform ?? process.platform;
  const arch = search.arch ?? process.arch;
  const found = inPlatformPackage(`@dynoxide/${platform}-${arch}`) ?? onPath(search.env["PATH"] ?? "");
  if (found === undefined) {
    throw new Error(`The embedded engine (dynoxide) was not found for ${platform}-${arch}.\n${HOW_TO_GET_IT}`);
  }
  return found;
}

function inPlatformPackage(name: string): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = join(manifest, "..", "dynoxide");
    return isExecutable(binary) ? binary : undefined;
  } catch {
    return undefined; // not published or not installed for this platform
  }
}

function onPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => resolve(folder, "dynoxide"))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
