/** Wrong settings end the start at once, with code 1 and a message that names what to mend. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { until } from "../helpers/engine-for-tests.ts";
import { enginesOn, runToEnd, serving, spawnLedger, type Serving } from "../helpers/ledger-process.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "on-record-settings-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts, expects the end with code 1, and gives what was said. Nothing may be left running. */
async function refused(env: Record<string, string>, place = folder): Promise<string> {
  const { code, output } = await runToEnd({ folder: place, env });
  expect(code, output).toBe(1);
  expect(output).not.toMatch(/\n\s+at /); // a sentence, not a stack
  await until("no engine is left", () => enginesOn(place).length === 0);
  return output;
}

const start = (place = folder): Promise<Serving> => serving(spawnLedger({ folder: place }));

async function stop({ child, exited }: Serving): Promise<number | null> {
  child.kill("SIGTERM");
  return exited;
}

describe("a start is refused", { timeout: 60_000 }, () => {
  test.each(["abc", "70000", "-1", "80.5", "0x50"])("for ON_RECORD_PORT=%s", async (port) => {
    expect(await refused({ ON_RECORD_PORT: port })).toContain(
      `ON_RECORD_PORT must be a port, 0 to 65535, but is "${port}"`,
    );
  });

  test("for a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const output = await refused({ ON_RECORD_PORT: String(port) });
    expect(output).toContain(`Port ${port} on 127.0.0.1 is in use`);
    expect(output).toContain("ON_RECORD_PORT");
  });

  test("for a host that this machine is not", async () => {
    expect(await refused({ ON_RECORD_HOST: "203.0.113.1" })).toContain("ON_RECORD_HOST");
    expect(await refused({ ON_RECORD_HOST: "no-such-host.invalid" })).toContain("ON_RECORD_HOST");
  });

  test("for a folder on which another ledger runs, and that one goes on", async () => {
    const first = await start();
    onTestFinished(async () => {
      first.child.kill("SIGKILL");
      await first.exited;
    });
    const { code, output } = await runToEnd({ folder });
    expect(code).toBe(1);
    expect(output).toContain(`Another ledger is running on ${folder} (process ${first.child.pid})`);
    expect(output).not.toMatch(/\n\s+at /);
    expect((await fetch(`${first.url}/health`)).status).toBe(200);
    expect(enginesOn(folder)).toHaveLength(1);
    await stop(first);
  });

  test("for a folder that is a file", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(await refused({}, file)).toContain("ON_RECORD_DATA");
    expect(await refused({}, join(file, "below"))).toContain("ON_RECORD_DATA");
  });

  test.each(["token", "ledger-key"])("for an empty %s file", async (name) => {
    writeFileSync(join(folder, name), "\n");
    const output = await refused({});
    expect(output).toContain(`${join(folder, name)} is empty`);
  });

  test("for a ledger key that is none, with the file named", async () => {
    writeFileSync(join(folder, "ledger-key"), "too-short\n");
    expect(await refused({})).toContain(join(folder, "ledger-key"));
  });

  test("for a token that no header can carry, with the setting or the file named", async () => {
    expect(await refused({ ON_RECORD_TOKEN: "two words" })).toContain("ON_RECORD_TOKEN");
    writeFileSync(join(folder, "token"), "zwölf\n");
    expect(await refused({})).toContain(join(folder, "token"));
  });

  test("for a key that is gone while the data is there: a new one would change every id", async () => {
    const first = await start();
    await stop(first);
    rmSync(join(folder, "ledger-key"));
    const output = await refused({});
    expect(output).toContain(join(folder, "ledger-key"));
  });

  test("for an engine that is not there", async () => {
    expect(await refused({ ON_RECORD_ENGINE: join(folder, "none") })).toContain("ON_RECORD_ENGINE");
  });
});

test(
  "what is kept beside the data is readable by its owner alone, and the same at the next start",
  { timeout: 60_000 },
  async () => {
    const place = join(folder, "new", "ledger");
    mkdirSync(join(folder, "new"));
    const first = await start(place);
    await stop(first);
    const second = await start(place);
    expect(second.token).toBe(first.token);
    expect([place, join(place, "token"), join(place, "ledger-key")].map((path) => statSync(path).mode & 0o777)).toEqual(
      [0o700, 0o600, 0o600],
    );
    expect(await stop(second)).toBe(0);
  },
);
