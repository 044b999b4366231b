/** The ledger as its own process while its engine, its clients and its machine misbehave. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findEngineBinary } from "@on-record/local/engine-binary";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../helpers/engine-for-tests.ts";
import { callAt, register, statementBody } from "../helpers/faulty-cloud.ts";
import { enginesOn } from "../helpers/ledger-process.ts";
import { startLocalLedger, type LocalLedger } from "../helpers/local-ledger.ts";

const TOKEN = "process-tests";
let folder: string;
let running: LocalLedger[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "on-record-process-"));
});
afterEach(async () => {
  // One that a failed test left stalled.
  for (const pid of enginesOn(folder)) process.kill(pid, "SIGCONT");
  for (const ledger of running) await ledger.kill();
  running = [];
  await until("the engines are gone", () => enginesOn(folder).length === 0);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function start(env: Record<string, string> = {}): Promise<LocalLedger> {
  const ledger = await startLocalLedger(folder, { ON_RECORD_TOKEN: TOKEN, ...env });
  running.push(ledger);
  return ledger;
}

const asker =
  ({ url }: LocalLedger) =>
  (method: string, path: string, body?: object, key?: string) =>
    callAt(url, { method, path, body, key, token: TOKEN });

function engineOf(place: string): number {
  const [pid] = enginesOn(place);
  if (pid === undefined) throw new Error("no engine runs");
  return pid;
}

describe("the engine", { timeout: 60_000 }, () => {
  test("stalled: 503 with Retry-After within 4 s; afterwards the same request succeeds, once", async () => {
    const ledger = await start();
    const call = asker(ledger);
    await register(call);
    const engine = engineOf(folder);
    process.kill(engine, "SIGSTOP");
    const startedAt = performance.now();
    const answers = await Promise.all([
      call("POST", "/v1/statements", statementBody(), "once"),
      call("GET", "/v1/actors/trump/positions"),
      call("GET", "/v1/changes"),
      call("GET", "/health"),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
    expect(answers.map(({ headers }) => headers.get("retry-after"))).toEqual(["1", "1", "1", "1"]);

    process.kill(engine, "SIGCONT");
    await until("it is healthy", async () => (await call("GET", "/health")).status === 200);
    const { status, body } = await call("POST", "/v1/statements", statementBody(), "once");
    expect([200, 201]).toContain(status);
    const again = await call("POST", "/v1/statements", statementBody(), "once");
    expect(again.body).toMatchObject({ replayed: true, event: body.event });
    const position = await call("GET", `/v1/actors/trump/positions/troops?after=${encodeURIComponent(body.event.id)}`);
    expect(position.body.position).toMatchObject({ stance: "ruled_out", basis: { corroboration: 1 } });
    expect((await call("GET", "/v1/log")).body.size).toBe(3);
    await ledger.stop();
  });

  test("killed: it is started again, and nobody loses anything", async () => {
    const ledger = await start();
    const call = asker(ledger);
    await register(call);
    process.kill(engineOf(folder), "SIGKILL");
    await until("it records", async () => {
      const { status } = await call("POST", "/v1/statements", statementBody(), "once");
      expect([200, 201, 503]).toContain(status);
      return status !== 503;
    });
    expect(ledger.output()).toContain("ended by itself");
    expect((await call("POST", "/v1/statements", statementBody(), "once")).body.replayed).toBe(true);
    await until(
      "the position is there",
      async () => (await call("GET", "/v1/actors/trump/positions/troops")).status === 200,
    );
    expect(await ledger.stop()).toBe(0);
  });

  test(
    "that cannot be started again ends the ledger with a word and code 1; the data is there at the next start",
    { timeout: 60_000 },
    async () => {
      const binary = join(folder, "engine.sh");
      const blocked = join(folder, "blocked");
      writeFileSync(
        binary,
        `#!/bin/sh\n[ -e '${blocked}' ] && echo 'the disk is gone' >&2 && exit 3\nexec '${findEngineBinary()}' "$@"\n`,
      );
      chmodSync(binary, 0o700);
      const ledger = await start({ ON_RECORD_ENGINE: binary });
      const call = asker(ledger);
      await register(call);
      expect((await call("POST", "/v1/statements", statementBody(), "once")).status).toBe(201);
      writeFileSync(blocked, "");
      process.kill(engineOf(folder), "SIGKILL");
      const statuses = new Set<number>();
      while (!ledger.output().includes("could not be kept running")) {
        const answer = await call("GET", "/v1/log").catch(() => undefined);
        if (answer !== undefined) statuses.add(answer.status);
        await sleep(200);
      }
      expect(await ledger.stop()).toBe(1);
      expect([...statuses]).toEqual([503]);
      expect(ledger.output()).toContain("the disk is gone");
      expect(enginesOn(folder)).toEqual([]);

      rmSync(blocked);
      const next = asker(await start({ ON_RECORD_ENGINE: binary }));
      expect((await next("POST", "/v1/statements", statementBody(), "once")).body.replayed).toBe(true);
    },
  );
});

describe("clients", { timeout: 60_000 }, () => {
  test("500 at once are all answered, and each statement is recorded once", { timeout: 60_000 }, async () => {
    const ledger = await start();
    const call = asker(ledger);
    await register(call);
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    let missing = numbers;
    const rounds: string[] = [];
    const startedAt = performance.now();
    const seconds = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
    const events = new Map<number, string>();
    for (let round = 0; missing.length > 0 && round < 20; round += 1) {
      const answers = await Promise.all(
        missing.map(async (number) => {
          const body = statementBody({
            text: `Statement ${number}`,
            saidAt: new Date(number * 86_400_000).toISOString(),
          });
          return { number, ...(await call("POST", "/v1/statements", body, `many-${number}`)) };
        }),
      );
      for (const { number, status, body } of answers) {
        expect([200, 201, 503]).toContain(status);
        if (status !== 503) events.set(number, body.event.id);
      }
      missing = numbers.filter((number) => !events.has(number));
      rounds.push(`${answers.length - missing.length} of ${answers.length}`);
    }
    process.stdout.write(`500 at once: answered with an event, by round: ${rounds.join(", ")}; after ${seconds()}\n`);
    expect(new Set(events.values()).size).toBe(500);
    await until("all are in the log", async () => (await call("GET", "/v1/log?limit=1")).body.size === 502, 20_000);
    process.stdout.write(`500 at once: in the log after ${seconds()}\n`);
    expect((await call("GET", "/health")).status).toBe(200);
    await ledger.stop();
    process.stdout.write(`500 at once: stopped after ${seconds()}\n`);
  });

  test("that send too much get 413, with and without a length", async () => {
    const { url } = await start();
    const huge = "x".repeat(7 * 1024 * 1024);
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const whole = await fetch(`${url}/v1/statements`, { method: "POST", headers, body: huge });
    expect(whole.status).toBe(413);
    expect(await whole.json()).toMatchObject({ code: "body_too_large" });
    const chunks = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("x".repeat(64 * 1024)));
      },
    });
    const endless = fetch(`${url}/v1/statements`, {
      method: "POST",
      headers,
      body: chunks,
      duplex: "half",
    });
    const status = await endless.then(
      (response) => response.status,
      () => "cut off",
    );
    expect([413, "cut off"]).toContain(status);
    const below = await fetch(`${url}/v1/statements`, { method: "POST", headers, body: "x".repeat(300_000) });
    expect([below.status, ((await below.json()) as { code: string }).code]).toEqual([413, "body_too_large"]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test("that are slow, go away or talk nonsense keep nobody else waiting", async () => {
    const ledger = await start();
    const { hostname, port } = new URL(ledger.url);
    const head = `POST /v1/statements HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\n`;
    const openings = [
      "POST /v1/statem",
      head,
      `${head}content-length: 100000\r\n\r\n{"speaker"`,
      `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"spe`,
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "GET /\0 HTTP/1.1\r\n\r\n",
    ];
    const sockets = Array.from({ length: 120 }, (_, index) => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => undefined);
      socket.write(openings[index % openings.length] ?? "");
      return socket;
    });
    await sleep(200);
    for (const socket of sockets.slice(0, 60)) socket.destroy();
    for (const socket of sockets.slice(60, 80)) socket.resetAndDestroy();
    const startedAt = performance.now();
    expect((await asker(ledger)("GET", "/v1/log")).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    for (const socket of sockets) socket.destroy();
    expect(await ledger.stop()).toBe(0);
  });
});

describe("where it listens", { timeout: 60_000 }, () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((some) => some ?? [])
    .find(({ family, internal }) => family === "IPv4" && !internal);

  test("on loopback only: the API, the bus and the engine", async () => {
    const ledger = await start();
    const addresses = [ledger.pid, engineOf(folder)].flatMap(listeningAddresses);
    expect(addresses).toHaveLength(3);
    expect(new Set(addresses)).toEqual(new Set(["127.0.0.1"]));
    if (outside === undefined) return;
    const url = ledger.url.replace("127.0.0.1", outside.address);
    await expect(fetch(`${url}/health`)).rejects.toThrow("fetch failed");
  });

  test("where ON_RECORD_HOST says, and then the API alone", async () => {
    const ledger = await start({ ON_RECORD_HOST: "0.0.0.0" });
    const addresses = [ledger.pid, engineOf(folder)].flatMap(listeningAddresses);
    expect(addresses.toSorted()).toEqual(["0.0.0.0", "127.0.0.1", "127.0.0.1"]);
    if (outside === undefined) return;
    expect((await fetch(`${ledger.url.replace("0.0.0.0", outside.address)}/health`)).status).toBe(200);
  });
});

/** The IPv4 (and any IPv6) addresses on which a process listens, from Linux's own tables. */
function listeningAddresses(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      return /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    }),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && inodes.has(fields[9] ?? ""))
      .map((fields) => addressOf(fields[1] ?? "")),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}

function addressOf(field: string): string {
  const hex = field.split(":")[0] ?? "";
  return hex.length === 8 ? [...Buffer.from(hex, "hex")].toReversed().join(".") : `IPv6 ${hex}`;
}
