import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build, type BuildOptions, type Metafile } from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { defaultProvider } from "../../scripts/lambda-credentials.ts";
import { VERIFIER_KEY } from "../helpers/log-keys.ts";
import { rawAnswer, startRawService } from "../helpers/raw-service.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);

/** Asks the bundled handler for /health as often as it is told, and prints the answers. */
const CALLER = `
  const { handler } = await import(process.argv[2]);
  const http = { method: "GET", path: "/health", protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" };
  const event = { rawPath: "/health", rawQueryString: "", headers: {}, isBase64Encoded: false };
  for (let n = 0; n < 2; n += 1) {
    const { statusCode } = await handler({ ...event, requestContext: { domainName: "api.example", http, requestId: "r" } });
    console.log("answered", statusCode);
  }
  process.exit(0);`;

let folder = "";
let metafile: Metafile | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "on-record-bundle-"));
  const { FUNCTION } = (await import(pathToFileURL(join(ROOT, "scripts/lambda-bundle.mjs")).href)) as {
    FUNCTION: BuildOptions;
  };
  const entryPoints = [join(ROOT, "packages/functions/src/api.ts")];
  ({ metafile } = await build({ ...FUNCTION, entryPoints, outdir: folder, metafile: true }));
  await writeFile(join(folder, "caller.mjs"), CALLER);
  await mkdir(join(folder, ".aws"));
  await writeFile(join(folder, ".aws/credentials"), "[default]\naws_access_key_id = P\naws_secret_access_key = s\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What the bundle prints when it is called where Lambda would, with these credentials and no others. */
async function callBundle(port: number, credentials: Record<string, string>): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    // It has a profile, which would do were it looked for.
    HOME: folder,
    AWS_REGION: "eu-central-1",
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${port}`,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    ON_RECORD_EVENTS_TABLE: "Events",
    ON_RECORD_LOG_TABLE: "Log",
    ON_RECORD_VIEWS_TABLE: "Views",
    ON_RECORD_CONTROL_TABLE: "Control",
    ON_RECORD_LEDGER_KEY: Buffer.alloc(32).toString("base64url"),
    ON_RECORD_LOG_VERIFIER_KEYS: VERIFIER_KEY,
    ON_RECORD_TOKEN: "token",
    ...credentials,
  };
  const args = [join(folder, "caller.mjs"), pathToFileURL(join(folder, "api.mjs")).href];
  return (await run(process.execPath, args, { env })).stdout;
}

/** The sources that are loaded when the bundle is, and not later. */
function sourcesAtStart(outputs: Metafile["outputs"]): string[] {
  const start = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith("/src/api.ts"))?.[0];
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === "import-statement") visit(next);
  };
  visit(start ?? "");
  return [...seen].flatMap((path) => Object.keys(outputs[path]?.inputs ?? {}));
}

test("who records waits neither for the routes that read, nor for what dry runs show", () => {
  const sources = sourcesAtStart(metafile?.outputs ?? {});
  const routes = sources.filter((path) => path.includes("/api/routes/")).map((path) => path.replace(/^.*\//, ""));
  expect(routes).toEqual(["recording.ts"]);
  expect(sources.filter((path) => path.endsWith("/queries/preview.ts"))).toEqual([]);
});

test("a function's credentials are those of its environment, with a session's token where there is one", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  vi.stubEnv("AWS_SESSION_TOKEN", undefined);
  expect(await defaultProvider()()).toEqual({ accessKeyId: "key", secretAccessKey: "secret" });
  vi.stubEnv("AWS_SESSION_TOKEN", "session");
  expect(await defaultProvider()()).toMatchObject({ sessionToken: "session" });
});

test("the API's bundle signs with the credentials of its function, by the SDK and by itself", async () => {
  const service = await startRawService(({ socket }) => void socket.write(rawAnswer("{}")));
  const credentials = { AWS_ACCESS_KEY_ID: "ASIAROLE", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "session" };
  expect(await callBundle(service.port, credentials)).toBe("answered 200\nanswered 200\n");
  const heads = service.requests.map(({ head }) => head.toLowerCase());
  expect(heads.map((head) => head.includes("amz-sdk-invocation-id"))).toEqual([true, false]);
  for (const head of heads) {
    expect(head).toMatch(/^authorization: .*credential=asiarole\/\d{8}\/eu-central-1\/dynamodb\//m);
    expect(head).toMatch(/^x-amz-security-token: session$/m);
  }
});

test("the API's bundle asks the store nothing without credentials, and says in the log which are not set", async () => {
  const service = await startRawService(({ socket }) => void socket.write(rawAnswer("{}")));
  const output = await callBundle(service.port, {});
  expect(output).toContain("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
  expect(output).not.toContain("answered 200");
  expect(service.requests).toEqual([]);
});
