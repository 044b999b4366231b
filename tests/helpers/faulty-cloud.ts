/**
 * The exported handlers over a real engine and a real bus, each behind a proxy that can fail. Handlers keep their first
 * clients, so there is one cloud for a test file; its endpoints stay while what is behind them fails and comes back.
 */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { startBus, type Bus, type Rule } from "@on-record/local/bus";
import { startEngine, type Engine } from "@on-record/local/engine";
import { FUNCTIONS } from "@on-record/local/functions";
import { startFront } from "@on-record/local/http-front";
import { openLocalTable, allItems, type LocalTable } from "@on-record/local/local-table";
import { queueKey } from "@on-record/local/queue-items";
import { openQueues, type Queues } from "@on-record/local/queues";
import { openStreamReader } from "@on-record/local/stream-reader";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { RULES } from "@on-record/core/wiring";
import type { DynamoDBRecord } from "aws-lambda";
import { SIGNER_KEY, VERIFIER_KEY } from "./log-keys.ts";

/** One request as the proxy sees it. */
export interface Passing {
  /** `PutItem`, `PutEvents`, … */
  readonly operation: string;
  readonly body: string;
  /** Sends it on, with another body if one is given, and resolves to what was answered. */
  readonly forward: (body?: string) => Promise<{ status: number; body: string }>;
}

/** What comes in place of the answer; `undefined` lets it through. */
export type Fault = (passing: Passing) => Promise<Interference> | Interference;
type Interference = "hang up" | "silence" | { status: number; body: string } | undefined;

export interface Proxy {
  readonly endpoint: string;
  fault: Fault | undefined;
  readonly operations: string[];
  stop(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const operations: string[] = [];
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
    operations.push(operation);
    const forward = async (other = body) => {
      const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
      const answer = await fetch(target, { method: "POST", headers: headers as Record<string, string>, body: other });
      return { status: answer.status, body: await answer.text() };
    };
    const interference = (await proxy.fault?.({ operation, body, forward })) ?? (await forward());
    if (interference === "silence") return;
    if (interference === "hang up") return void request.socket.destroy();
    response.writeHead(interference.status, { "content-type": "application/x-amz-json-1.0" }).end(interference.body);
  };
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const proxy: Proxy = {
    endpoint: `http://127.0.0.1:${address.port}`,
    fault: undefined,
    operations,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

export interface FaultyCloud {
  readonly engine: Engine;
  readonly bus: Bus;
  readonly queues: Queues;
  readonly table: LocalTable;
  readonly streams: DynamoDBStreamsClient;
  readonly client: DynamoDBClient;
  /** In front of the engine, for the handlers only: queues and pumps go past it. */
  readonly database: Proxy;
  /** In front of the bus. */
  readonly events: Proxy;
  /** What the functions logged. */
  readonly errors: unknown[];
  call(method: string, path: string, body?: object, key?: string): Promise<Answer>;
  /** Records that nobody read yet through this. */
  recordsOf(table: "events" | "views"): Promise<DynamoDBRecord[]>;
  /** The bodies of all messages that a queue holds. */
  messagesIn(queue: string): Promise<{ "detail-type": string; detail: { id: string; [name: string]: unknown } }[]>;
  empty(queue: string): Promise<void>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReturnType<typeof JSON.parse>;
}

export const TOKEN = "only-tests-know";
export const BUS = "on-record";

export async function startFaultyCloud(rules: readonly Rule[] = []): Promise<FaultyCloud> {
  const folder = await mkdtemp(join(tmpdir(), "on-record-faults-"));
  const engine = await startEngine({ folder });
  const client = new DynamoDBClient(clientConfig(engine.endpoint));
  const streams = new DynamoDBStreamsClient(clientConfig(engine.endpoint));
  const table = openLocalTable(client, TABLE_NAMES.local);
  const queues = openQueues(table);
  const errors: unknown[] = [];
  const own = Object.entries(RULES).map(([name, { pattern, queue }]) => ({
    name,
    busName: BUS,
    pattern,
    target: { queue },
  }));
  const bus = await startBus({ queues, rules: [...own, ...rules], onError: (error) => errors.push(error) });
  const database = await startProxy(engine.endpoint);
  const events = await startProxy(bus.endpoint);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: database.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: events.endpoint,
    ON_RECORD_EVENTS_TABLE: TABLE_NAMES.events,
    ON_RECORD_LOG_TABLE: TABLE_NAMES.log,
    ON_RECORD_VIEWS_TABLE: TABLE_NAMES.views,
    ON_RECORD_CONTROL_TABLE: TABLE_NAMES.control,
    ON_RECORD_BUS: BUS,
    ON_RECORD_LEDGER_KEY: Buffer.alloc(32, 7).toString("base64url"),
    ON_RECORD_LOG_SIGNING_KEYS: SIGNER_KEY,
    ON_RECORD_LOG_VERIFIER_KEYS: VERIFIER_KEY,
    ON_RECORD_TOKEN: TOKEN,
  });
  const front = await startFront({
    host: "127.0.0.1",
    port: 0,
    handler: FUNCTIONS.api,
    log: (...all) => errors.push(all),
  });
  const readers = {
    events: openStreamReader(streams, TABLE_NAMES.events, undefined),
    views: openStreamReader(streams, TABLE_NAMES.views, undefined),
  };
  const itemsIn = async (queue: string) => {
    const items = [];
    for await (const item of allItems(table, queueKey(queue))) items.push(item);
    return items;
  };
  return {
    engine,
    bus,
    queues,
    table,
    streams,
    client,
    database,
    events,
    errors,
    call: (method, path, body, key) => callAt(front.url, { method, path, body, key }),
    recordsOf: (name) => readers[name].next(),
    messagesIn: async (queue) => (await itemsIn(queue)).map((item) => JSON.parse(String(item["body"]))),
    empty: async (queue) => table.deleteAll((await itemsIn(queue)).map(({ pk, sk }) => ({ pk, sk }))),
    async stop() {
      await front.close();
      await bus.stop();
      await Promise.all([database.stop(), events.stop()]);
      client.destroy();
      streams.destroy();
      await engine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: object | undefined;
  readonly key?: string | undefined;
  readonly token?: string;
}

export async function callAt(url: string, { method, path, body, key, token = TOKEN }: Call): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key !== undefined && { "idempotency-key": key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

/** A statement by the actor `trump` on the proposition `troops`. */
export function statementBody(more: object = {}): object {
  return {
    speaker: "trump",
    text: "We will not send troops.",
    saidAt: "2025-08-19T10:00:00Z",
    report: { publisher: "Outlet", url: "https://outlet.example/story" },
    assessments: [{ proposition: "troops", stance: "ruled_out" }],
    ...more,
  };
}

/** Registers what `statementBody` refers to. */
export async function register(call: (method: string, path: string, body: object) => Promise<Answer>): Promise<void> {
  await call("PUT", "/v1/actors/trump", { name: "Donald Trump", kind: "person" });
  await call("PUT", "/v1/propositions/troops", { wording: "The United States deploys ground troops in Ukraine" });
}
