import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openLocalTable, type LocalTable } from "@on-record/local/local-table";
import { afterAll, beforeAll } from "vitest";

const BINARY = join(import.meta.dirname, "..", "..", "node_modules", "@dynoxide", "linux-x64", "dynoxide");

/** A file-backed engine of one test file: started on a free port, gone with its directory after `stop`. */
export interface TestEngine {
  readonly client: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly endpoint: string;
  createTable(name: string, options?: { stream?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestEngine(): Promise<TestEngine> {
  const directory = await mkdtemp(join(tmpdir(), "on-record-test-"));
  const port = await freePort();
  const engine = spawn(
    BINARY,
    ["serve", "--host", "127.0.0.1", "--port", String(port), "--db-path", join(directory, "x.db")],
    { stdio: "ignore" },
  );
  const exited = once(engine, "exit");
  const config = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const client = new DynamoDBClient(config);
  const streams = new DynamoDBStreamsClient(config);
  await untilItAnswers(client);
  return {
    client,
    streams,
    endpoint: config.endpoint,
    async createTable(name, { stream = false } = {}) {
      await client.send(
        new CreateTableCommand({
          TableName: name,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [
            { AttributeName: "pk", AttributeType: "S" },
            { AttributeName: "sk", AttributeType: "S" },
          ],
          KeySchema: [
            { AttributeName: "pk", KeyType: "HASH" },
            { AttributeName: "sk", KeyType: "RANGE" },
          ],
          StreamSpecification: stream
            ? { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" }
            : { StreamEnabled: false },
        }),
      );
    },
    async stop() {
      client.destroy();
      streams.destroy();
      engine.kill("SIGTERM");
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** One engine for all tests of a file, with an empty local table. Its fields may be read once the tests run. */
export function useTestEngine(): { readonly engine: TestEngine; readonly table: LocalTable } {
  let started: { engine: TestEngine; table: LocalTable } | undefined;
  const current = (): { engine: TestEngine; table: LocalTable } => {
    if (started === undefined) throw new Error("the engine runs only while tests do");
    return started;
  };
  beforeAll(async () => {
    const engine = await startTestEngine();
    await engine.createTable("Local");
    started = { engine, table: openLocalTable(engine.client, "Local") };
  });
  afterAll(() => started?.engine.stop());
  return {
    get engine() {
      return current().engine;
    },
    get table() {
      return current().table;
    },
  };
}

async function untilItAnswers(client: DynamoDBClient): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(20);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Waits until the condition holds; fails after the time, naming what was awaited. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`still waiting after ${withinMs} ms: ${what}`);
    await sleep(5);
  }
}
