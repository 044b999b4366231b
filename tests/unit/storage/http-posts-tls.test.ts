import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { selfSigned } from "../../helpers/certificate.ts";
import { rawAnswer, startRawService } from "../../helpers/raw-service.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const run = promisify(execFile);

/** Posts from another process to a service with a certificate for `localhost`, which that process trusts or not. */
async function postOverTls({ hostname, trusted }: { hostname: string; trusted: boolean }) {
  const tls = selfSigned("localhost");
  const service = await startRawService(({ socket, body }) => void socket.write(rawAnswer(body)), { tls });
  const folder = await mkdtemp(join(tmpdir(), "on-record-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "cert.pem");
  await writeFile(file, tls.cert);
  const args = ["--import", "tsx", "tests/helpers/posts-process.ts", hostname, String(service.port)];
  const env = { ...process.env, ...(trusted && { NODE_EXTRA_CA_CERTS: file }) };
  const { stdout } = await run(process.execPath, args, { cwd: ROOT, env });
  return { posted: JSON.parse(stdout) as unknown, heard: service.requests.map(({ body }) => body) };
}

describe("posts over TLS", () => {
  test("are answered by a host whose certificate is trusted", async () => {
    const { posted, heard } = await postOverTls({ hostname: "localhost", trusted: true });
    expect(posted).toEqual({ status: 200, body: "{}", keepsOpen: true });
    expect(heard).toEqual(["{}"]);
  });

  test.each([
    ["a certificate that nobody vouches for", { hostname: "localhost", trusted: false }],
    ["another host's certificate", { hostname: "127.0.0.1", trusted: true }],
  ])("say nothing to a host with %s", async (_, where) => {
    expect(await postOverTls(where)).toEqual({ posted: "lost", heard: [] });
  });
});
