import { GetItemCommand, PutItemCommand, DescribeTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { connectEndpoint, startEngine, type Engine } from "@on-record/local/engine";
import { findEngineBinary } from "@on-record/local/engine-binary";
import { careForStreams } from "@on-record/local/engine-files";
import { lockFolder } from "@on-record/local/engine-lock";
import { processIdentity } from "@on-record/local/engine-processes";
import { TABLE_NAMES, clientConfig, createTables } from "@on-record/local/tables";
import sqlite from "node-sqlite3-wasm";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../helpers/engine-for-tests.ts";

let folder = "";
const open: Engine[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "on-record-engine-"));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((engine) => engine.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(log?: (message: string) => void): Promise<Engine> {
  const engine = await startEngine({ folder, ...(log !== undefined && { log }) });
  open.push(engine);
  return engine;
}

async function withClient<T>(engine: Engine, use: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const client = new DynamoDBClient({ ...clientConfig(engine.endpoint), maxAttempts: 10 });
  return use(client).finally(() => client.destroy());
}

const put = (engine: Engine, pk: string, table: string = TABLE_NAMES.events) =>
  withClient(engine, (client) =>
    client.send(new PutItemCommand({ TableName: table, Item: { pk: { S: pk }, sk: { S: "1" } } })),
  );

const has = (engine: Engine, pk: string) =>
  withClient(engine, async (client) => {
    const Key = { pk: { S: pk }, sk: { S: "1" } };
    const answer = await client.send(new GetItemCommand({ TableName: TABLE_NAMES.events, Key, ConsistentRead: true }));
    return answer.Item !== undefined;
  });

/** Runs a ledger in its own process until it has acknowledged some items, then ends it by the signal. */
async function runAndEnd(signal: "SIGTERM" | "SIGKILL"): Promise<{ enginePid: number; acknowledged: string[] }> {
  const parent = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "engine-parent.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(parent, "exit");
  let enginePid = 0;
  const acknowledged: string[] = [];
  for await (const line of createInterface(parent.stdout)) {
    if (line.startsWith("engine ")) enginePid = Number(line.slice(7));
    else acknowledged.push(line);
    if (acknowledged.length === 50) parent.kill(signal);
  }
  await exited;
  return { enginePid, acknowledged };
}

async function itemsMissing(keys: readonly string[]): Promise<string[]> {
  const engine = await start();
  const present = await Promise.all(keys.map((key) => has(engine, key)));
  return keys.filter((_, index) => present[index] === false);
}

function query(sql: string) {
  const db = new sqlite.Database(join(folder, "ledger.db"));
  try {
    db.exec("PRAGMA locking_mode=EXCLUSIVE");
    return db.all(sql);
  } finally {
    db.close();
  }
}

describe("the engine's life", () => {
  test("what was acknowledged is there after SIGTERM", async () => {
    const { acknowledged, enginePid } = await runAndEnd("SIGTERM");
    expect(processIdentity(enginePid)).toBeUndefined();
    expect(acknowledged.length).toBeGreaterThanOrEqual(50);
    expect(await itemsMissing(acknowledged)).toEqual([]);
  });

  test("after kill -9 of the ledger the engine ends by itself and nothing acknowledged is lost", async () => {
    const { acknowledged, enginePid } = await runAndEnd("SIGKILL");
    await until("the engine ends", () => processIdentity(enginePid) === undefined, 1_000);
    expect(acknowledged.length).toBeGreaterThanOrEqual(50);
    expect(await itemsMissing(acknowledged)).toEqual([]);
  });

  test("an engine that hangs after its parent's death is killed before the next one opens the file", async () => {
    const database = join(folder, "ledger.db");
    const stuck = spawn("sh", ["-c", 'trap "" TERM; while :; do sleep 0.05; done', "dynoxide", "--db-path", database]);
    await once(stuck, "spawn");
    writeFileSync(join(folder, "engine.pid"), `${stuck.pid}\n`);
    const engine = await start();
    expect(stuck.signalCode ?? (await once(stuck, "exit"))[1]).toBe("SIGKILL");
    expect(engine.pid).not.toBe(stuck.pid);
  });

  test("a process that merely has the old engine's pid is left alone", async () => {
    writeFileSync(join(folder, "engine.pid"), `${process.pid}\n`);
    const engine = await start();
    expect(engine.pid).not.toBe(process.pid);
  });

  test("an engine that crashes is started again on its port with its data", async () => {
    const lines: string[] = [];
    const engine = await start((line) => lines.push(line));
    await put(engine, "before");
    const { pid, endpoint } = engine;
    process.kill(pid, "SIGKILL");
    await put(engine, "after"); // the client's own retries reach the new one
    // It may answer a moment before its process is known by number.
    await until("the new process", () => engine.pid !== pid);
    expect(engine.endpoint).toBe(endpoint);
    expect(await has(engine, "before")).toBe(true);
    expect(lines.join("\n")).toContain(`process ${pid} ended by itself`);
  });

  test.runIf(process.platform === "linux")(
    "an engine whose wrapper is killed is replaced, and never runs twice",
    async () => {
      const engine = await start();
      const { pid } = engine;
      const parentOfEngine = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
      process.kill(parentOfEngine, "SIGKILL");
      await until("another engine runs", () => engine.pid !== pid);
      expect(processIdentity(pid)).toBeUndefined();
      await put(engine, "after");
    },
  );

  test("stopping frees the folder and says so through exited, and a second stop is harmless", async () => {
    const engine = await start();
    const { pid } = engine;
    await Promise.all([engine.stop(), engine.stop()]);
    expect(await engine.exited).toEqual({ reason: "stopped" });
    expect(processIdentity(pid)).toBeUndefined();
    await engine.maintain();
    const next = await start();
    expect(processIdentity(next.pid)).toBeDefined();
  });

  test("crashes and maintenance at once end with one engine that answers", async () => {
    const engine = await start();
    const first = engine.maintain();
    process.kill(engine.pid, "SIGKILL");
    await Promise.all([first, engine.maintain(), engine.maintain()]);
    await put(engine, "x");
    expect(await has(engine, "x")).toBe(true);
  });
});

describe("one ledger a folder", () => {
  test("a second ledger on the folder is refused with the first one's pid", async () => {
    await start();
    await expect(startEngine({ folder })).rejects.toThrow(
      new RegExp(`Another ledger is running on .* \\(process ${process.pid}\\)\\. Stop it first`),
    );
  });

  test("the lock of a dead process, of a reused pid and a torn one are all taken over", () => {
    const identity = processIdentity(process.pid);
    const stale = [
      JSON.stringify({ pid: 2 ** 22 + 1, identity }),
      JSON.stringify({ pid: process.pid, identity: "an earlier boot/1" }),
      '{"pid":',
    ];
    for (const text of stale) {
      for (const name of readdirSync(folder)) rmSync(join(folder, name));
      writeFileSync(join(folder, "owner.7.json"), text);
      const lock = lockFolder(folder);
      expect(readdirSync(folder)).toEqual(["owner.8.json"]);
      expect(() => lockFolder(folder)).toThrow("Another ledger");
      lock.release();
      lockFolder(folder).release();
    }
  });

  test("a start that fails leaves the folder free", async () => {
    writeFileSync(join(folder, "ledger.db"), "this is no database, and long enough to be looked at".repeat(100));
    await expect(startEngine({ folder })).rejects.toThrow();
    rmSync(join(folder, "ledger.db"));
    await start();
  });
});

describe("the stream records", () => {
  const INDEX_USED = /USING (?:COVERING )?INDEX x_stream_seq \(table_name=\?/;

  test("the engine's queries use the index from the first start on", async () => {
    const engine = await start();
    await put(engine, "x");
    await engine.stop();
    const plans = [
      "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'a'",
      `SELECT event_name FROM _stream_records WHERE table_name = 'a' AND shard_id = 'b'
         AND CAST(sequence_number AS INTEGER) > 5 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 9`,
    ].map((sql) => JSON.stringify(query(`EXPLAIN QUERY PLAN ${sql}`)));
    expect(plans[0]).toMatch(INDEX_USED);
    expect(plans[1]).toMatch(INDEX_USED);
    expect(plans[1]).not.toContain("TEMP B-TREE");
    expect(JSON.stringify(query("SELECT name FROM sqlite_master WHERE type = 'index'"))).toContain("x_stream_seq");
  });

  test("maintenance removes records older than a day but each table's newest, so the numbers go on", async () => {
    const engine = await start();
    for (const pk of ["a", "b", "c"]) await put(engine, pk);
    await put(engine, "v", TABLE_NAMES.views);
    await engine.stop();
    query(`UPDATE _stream_records SET created_at = created_at - 86402`);
    const again = await start(); // a start prunes too
    await put(again, "d");
    await again.maintain();
    await put(again, "e");
    await again.stop();
    const rows = query("SELECT table_name AS t, sequence_number AS n FROM _stream_records ORDER BY id");
    expect(rows).toEqual([
      { t: TABLE_NAMES.views, n: "1" },
      { t: TABLE_NAMES.events, n: "4" },
      { t: TABLE_NAMES.events, n: "5" },
    ]);
  });

  test("a lock that killed maintenance left behind does not stop the next one", async () => {
    await (await start()).stop();
    mkdirSync(join(folder, "ledger.db.lock"));
    expect(careForStreams(folder)).toEqual({ indexed: true, pruned: 0 });
  });
});

describe("the tables", () => {
  test("all are there with keys and streams, and making them again changes nothing", async () => {
    const engine = await start();
    const streams = await withClient(engine, async (client) => {
      await createTables(client);
      return Promise.all(
        Object.values(TABLE_NAMES).map(async (TableName) => {
          const { Table } = await client.send(new DescribeTableCommand({ TableName }));
          expect(Table?.KeySchema?.map((key) => key.AttributeName)).toEqual(["pk", "sk"]);
          return Table?.StreamSpecification?.StreamViewType;
        }),
      );
    });
    expect(streams).toEqual(["NEW_AND_OLD_IMAGES", undefined, "NEW_AND_OLD_IMAGES", undefined, undefined]);
  });

  test("an endpoint of somebody else's gets the tables and is never stopped", async () => {
    const engine = await start();
    const other = await connectEndpoint(engine.endpoint);
    await other.maintain();
    await other.stop();
    expect(await other.exited).toEqual({ reason: "stopped" });
    await put(engine, "still here");
  });

  test("an endpoint that cannot be reached is named with its setting", async () => {
    await expect(connectEndpoint("http://127.0.0.1:9")).rejects.toThrow("AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:9");
  });
});

describe("finding the binary", () => {
  test("a wrong ON_RECORD_ENGINE is an error, not a reason to run another", () => {
    expect(() => findEngineBinary({ env: { ON_RECORD_ENGINE: join(folder, "none") } })).toThrow(
      "ON_RECORD_ENGINE names",
    );
  });

  test("ON_RECORD_ENGINE comes first, then the platform's package, then PATH", () => {
    const packaged = findEngineBinary({ env: {} });
    expect(packaged).toMatch(/@dynoxide.*dynoxide$/);
    writeFileSync(join(folder, "dynoxide"), "", { mode: 0o755 });
    const own = join(folder, "dynoxide");
    expect(findEngineBinary({ env: { ON_RECORD_ENGINE: own } })).toBe(own);
    expect(findEngineBinary({ env: { PATH: `/nowhere:${folder}` }, platform: "plan9" })).toBe(own);
  });

  test("without a binary the error names every way to get one", () => {
    const search = () => findEngineBinary({ env: { PATH: "/nowhere" }, platform: "plan9", arch: "mips" });
    for (const way of ["npm ", "brew install nubo-db/tap/dynoxide", "dynoxide-rs", "AWS_ENDPOINT_URL_DYNAMODB"]) {
      expect(search).toThrow(way);
    }
  });
});
