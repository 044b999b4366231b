import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { startFront, type Front } from "@on-record/local/http-front";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { callerFor, type Answer, type Caller } from "../helpers/local-ledger.ts";
import { VERIFIER_KEY } from "../helpers/log-keys.ts";
import { startTestEngine, type TestEngine } from "../helpers/engine-for-tests.ts";
import { LEDGER_KEY, TOKEN } from "../http/api-for-tests.ts";

const CLIENTS_COUNT = 500;
/** A good engine answers within 5 ms. */
const SLOW_MS = 60;
/** Longer than the API waits for any answer. */
const TOO_SLOW_MS = 2_000;
/** What one client in ten says. */
const UNLUCKY = /said \d*7\./;

let engine: TestEngine;
let slow: Awaited<ReturnType<typeof slowed>>;
let front: Front;
let call: Caller;
const logged: string[] = [];

/** The engine through a bad line: all answers come late, and those to the appends of some clients too late. */
async function slowed(endpoint: string) {
  const sockets = new Set<Socket>();
  const line = { isBad: false };
  const server = createServer((near) => {
    const far = connect(Number(new URL(endpoint).port), "127.0.0.1");
    let delayMs = 0;
    near.on("data", (chunk: Buffer) => {
      if (line.isBad) delayMs = UNLUCKY.test(chunk.toString("latin1")) ? TOO_SLOW_MS : SLOW_MS;
      else delayMs = 0;
      far.write(chunk);
    });
    far.on("data", (chunk) => void sleep(delayMs).then(() => near.write(chunk)));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on("error", () => undefined).on("close", () => other.destroy());
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return Object.assign(line, { endpoint: `http://127.0.0.1:${address.port}`, stop });
}

beforeAll(async () => {
  engine = await startTestEngine();
  for (const name of ["Events", "Log", "Views", "Control"]) await engine.createTable(name);
  slow = await slowed(engine.endpoint);
  const { handler } = await import("@on-record/functions/api");
  front = await startFront({ host: "127.0.0.1", port: 0, handler, log: (message) => void logged.push(message) });
  call = callerFor(front.url, TOKEN);
});

beforeEach(() => {
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: slow.endpoint,
    ON_RECORD_EVENTS_TABLE: "Events",
    ON_RECORD_LOG_TABLE: "Log",
    ON_RECORD_VIEWS_TABLE: "Views",
    ON_RECORD_CONTROL_TABLE: "Control",
    ON_RECORD_LEDGER_KEY: Buffer.from(LEDGER_KEY).toString("base64url"),
    ON_RECORD_LOG_VERIFIER_KEYS: VERIFIER_KEY,
    ON_RECORD_TOKEN: TOKEN,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});

afterAll(async () => {
  await front.close();
  slow.stop();
  await engine.stop();
});

function post(client: number): Promise<Answer> {
  const body = {
    speaker: "trump",
    text: `We will not, said ${client}.`,
    saidAt: "2025-08-19T10:00:00Z",
    report: { publisher: "Outlet", url: "https://outlet.example/story" },
  };
  return call.post("/v1/statements", body, { "idempotency-key": `client-${client}` });
}

/** What the Events table holds of statements: each event's name. */
async function statementsStored(): Promise<string[]> {
  const names: string[] = [];
  for await (const page of new DynamoStreams({ client: engine.client, table: "Events" }).scan()) {
    names.push(...page.map(({ stream, version }) => `${stream}@${version}`));
  }
  return names.filter((name) => name.startsWith("statement/"));
}

const eventIn = ({ body }: Answer): string => body.event.id;

test("five hundred clients at once on an engine that is slow are all answered, and what was said to be so is so", async () => {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  expect((await call.put("/v1/actors/trump", { name: "Donald Trump", kind: "person" })).status).toBe(201);
  const clients = Array.from({ length: CLIENTS_COUNT }, (_, client) => client);
  slow.isBad = true;
  const answers = await Promise.all(clients.map(post));
  slow.isBad = false;

  const acknowledged = answers.filter(({ status }) => status === 201);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.map(({ status, body }) => [status, body.code])).toEqual(refused.map(() => [503, "store_unavailable"]));
  for (const { headers } of refused) expect(headers.get("retry-after")).toBe("1");
  expect([acknowledged.length > 0, refused.length > 0]).toEqual([true, true]);
  const stored = await statementsStored();
  expect(stored).toEqual(expect.arrayContaining(acknowledged.map(eventIn)));
  // Who was told to ask again does so: what had been done all the same is not done twice.
  const unsettled = clients.filter((client) => answers[client]?.status !== 201);
  const again = await Promise.all(unsettled.map(post));
  expect(again.filter(({ status }) => status !== 201 && status !== 200)).toEqual([]);
  const told = [...acknowledged, ...again].map(eventIn).toSorted();
  expect(new Set(told).size).toBe(CLIENTS_COUNT);
  expect((await statementsStored()).toSorted()).toEqual(told);
  expect(logged).toEqual([]);
}, 60_000);
