/** What the one-machine ledger runs is what wiring.ts says, and its functions get what AWS would give them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CHECKPOINT_PK,
  LEDGER_SOURCE,
  POSITIONS_SOURCE,
  QUEUES,
  RULES,
  STREAM_CONSUMERS,
} from "@on-record/core/wiring";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { FUNCTIONS } from "@on-record/local/functions";
import { BUS_NAME, startLedger, type Ledger } from "@on-record/local/runtime";
import { localSettings } from "@on-record/local/settings";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import type {
  APIGatewayProxyEventV2,
  Context,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  EventBridgeEvent,
  SQSEvent,
} from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { until } from "../helpers/engine-for-tests.ts";
import { register, statementBody } from "../helpers/faulty-cloud.ts";
import { callerFor, type Caller } from "../helpers/local-ledger.ts";

const TOKEN = "wiring-tests";
type Told = EventBridgeEvent<string, { id: string; actor: string; statement: string }>;

/** Everything that a function was called with, and when. */
interface Calls<Event> {
  event: Event;
  context: Context;
  atMs: number;
}

let ledger: Ledger;
let call: Caller;
let folder: string;
const told: Calls<Told>[] = [];
const logged: string[] = [];

/** Lets a function's calls through and keeps what it was given. */
function watch<Event>(name: keyof typeof FUNCTIONS): Calls<Event>[] {
  const calls: Calls<Event>[] = [];
  const original = FUNCTIONS[name] as unknown as (event: unknown, context: unknown) => Promise<never>;
  vi.spyOn(FUNCTIONS, name).mockImplementation((...args: unknown[]) => {
    const [event, context] = structuredClone([args[0], null]);
    calls.push({ event: event as Event, context: (args[1] ?? context) as Context, atMs: performance.now() });
    return original(args[0], args[1]);
  });
  return calls;
}

const api = watch<APIGatewayProxyEventV2>("api");
const sequence = watch<DynamoDBStreamEvent>("sequence");
const project = watch<SQSEvent>("project");
const publish = watch<DynamoDBStreamEvent>("publish-changes");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "on-record-wiring-"));
  const settings = localSettings({ ON_RECORD_DATA: folder, ON_RECORD_PORT: "0", ON_RECORD_TOKEN: TOKEN });
  const handler = async (event: Told, context: Context) => {
    told.push({ event, context, atMs: performance.now() });
  };
  ledger = await startLedger(settings, (message) => logged.push(message), [
    {
      name: "reversals",
      busName: BUS_NAME,
      pattern: {
        source: [POSITIONS_SOURCE],
        "detail-type": ["PositionChanged"],
        detail: { reversal: ["full", "partial"] },
      },
      target: { functionName: "alerts", handler: handler as never },
    },
  ]);
  call = callerFor(ledger.url, TOKEN);
});
afterAll(async () => {
  await ledger.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const recordsOf = (calls: readonly Calls<DynamoDBStreamEvent>[]): DynamoDBRecord[] =>
  calls.flatMap(({ event }) => event.Records);

describe("a statement that turns a position", () => {
  let events: string[];
  let postedAtMs: number;
  beforeAll(async () => {
    await register((method, path, body) => {
      expect(method).toBe("PUT");
      return call.put(path, body);
    });
    const open = statementBody({
      text: "We rule nothing out.",
      saidAt: "2025-08-18T10:00:00Z",
      assessments: [{ proposition: "troops", stance: "open" }],
    });
    const first = await call.post("/v1/statements", open);
    await until(
      "the first is projected",
      async () => (await call.get("/v1/actors/trump/positions/troops")).status === 200,
    );
    postedAtMs = performance.now();
    const second = await call.post("/v1/statements", statementBody(), { "idempotency-key": "turn" });
    await until("the subscriber is told", () => told.length > 0);
    events = [first.body.event.id, second.body.event.id];
    // The run that an earlier wake-up began may have taken the statement along.
    await until("its own wake-up has come", () =>
      project.some(({ event }) => event.Records.some(({ body }) => body.includes(events[1] ?? "none"))),
    );
  });

  test("reaches the API as API Gateway hands it over", () => {
    const post = api.find(({ event }) => event.headers["idempotency-key"] === "turn");
    expect(post?.event).toMatchObject({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/v1/statements",
      rawQueryString: "",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      isBase64Encoded: false,
      requestContext: { stage: "$default", http: { method: "POST", path: "/v1/statements", sourceIp: "127.0.0.1" } },
    });
    expect(JSON.parse(post?.event.body ?? "")).toEqual(statementBody());
  });

  test("reaches the sequencer as an INSERT of the Events table's stream", () => {
    const records = recordsOf(sequence);
    expect(new Set(records.map(({ eventName }) => eventName))).toEqual(new Set(["INSERT"]));
    const named = records.map(({ dynamodb }) => `${dynamodb?.Keys?.["pk"]?.S}@${Number(dynamodb?.Keys?.["sk"]?.S)}`);
    expect(named).toEqual(expect.arrayContaining(events));
    expect(records.at(-1)).toMatchObject({
      eventID: expect.any(String),
      eventSource: "aws:dynamodb",
      eventVersion: "1.1",
      awsRegion: "us-east-1",
      eventSourceARN: expect.stringMatching(new RegExp(`^arn:aws:dynamodb:.*table/${TABLE_NAMES.events}/stream/`)),
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        SequenceNumber: expect.stringMatching(/^\d+$/),
        StreamViewType: "NEW_AND_OLD_IMAGES",
        NewImage: { type: { S: "StatementRecorded" } },
      },
    });
    for (const { event } of sequence)
      expect(event.Records.length).toBeLessThanOrEqual(STREAM_CONSUMERS.sequence.batchSize);
  });

  test("wakes the projections by the rule, through the queue", () => {
    const messages = project.flatMap(({ event }) => event.Records);
    for (const { event } of project) expect(event.Records.length).toBeLessThanOrEqual(QUEUES.projection.batchSize);
    const wakeUp = messages.find(({ body }) => body.includes(`"${events[1] ?? ""}"`));
    expect(wakeUp).toMatchObject({
      messageId: expect.any(String),
      receiptHandle: expect.any(String),
      eventSource: "aws:sqs",
      awsRegion: "us-east-1",
      eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${RULES["wake-projections"].queue}`,
      attributes: { ApproximateReceiveCount: "1", SentTimestamp: expect.stringMatching(/^\d{13}$/) },
      messageAttributes: {},
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(JSON.parse(wakeUp?.body ?? "")).toEqual({
      version: "0",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      "detail-type": "StatementRecorded",
      source: LEDGER_SOURCE,
      account: "000000000000",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: "us-east-1",
      resources: [],
      detail: expect.objectContaining({ id: events[1], version: 1, type: "StatementRecorded", sequence: 3 }),
    });
    // What was said travels by the stores alone.
    expect(wakeUp?.body).not.toContain("troops");
  });

  test("wakes the publisher when the positions' checkpoint has moved, and by nothing else", () => {
    const keys = new Set(recordsOf(publish).map(({ dynamodb }) => dynamodb?.Keys?.["pk"]?.S));
    expect(keys).toEqual(new Set([CHECKPOINT_PK]));
    const arns = recordsOf(publish).map(({ eventSourceARN }) => eventSourceARN);
    expect(arns.every((arn) => arn?.includes(`table/${TABLE_NAMES.views}/stream/`))).toBe(true);
  });

  test("reaches a subscriber whose rule asks for reversals, once", async () => {
    const { body } = await call.get("/v1/changes");
    expect(body.changes).toHaveLength(2);
    expect(told).toHaveLength(1);
    expect(told[0]?.event).toMatchObject({
      version: "0",
      id: expect.any(String),
      "detail-type": "PositionChanged",
      source: POSITIONS_SOURCE,
      account: "000000000000",
      region: "us-east-1",
      resources: [],
      detail: body.changes[1],
    });
    expect(body.changes[1]).toMatchObject({
      actor: "trump",
      proposition: "troops",
      change: "closed",
      reversal: "partial",
      cause: "new_statement",
    });
  });

  test("gives every function a Lambda context", () => {
    const named = { sequence, project, "publish-changes": publish, alerts: told };
    for (const [name, calls] of Object.entries(named)) {
      const [first] = calls;
      expect(first?.context).toMatchObject({
        functionName: name,
        functionVersion: "$LATEST",
        invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
        awsRequestId: expect.any(String),
      });
      expect(first?.context.getRemainingTimeInMillis()).toBeGreaterThan(0);
    }
  });

  test("passes every station, in some milliseconds", () => {
    const toldAtMs = told[0]?.atMs ?? 0;
    const first = (calls: readonly Calls<unknown>[]) => calls.find(({ atMs }) => atMs > postedAtMs)?.atMs ?? 0;
    const last = (calls: readonly Calls<unknown>[]) => calls.findLast(({ atMs }) => atMs < toldAtMs)?.atMs ?? 0;
    const way = [postedAtMs, first(sequence), first(project), last(publish), toldAtMs];
    const names = ["posted", "sequenced", "projected", "published", "told"];
    process.stdout.write(
      `wiring: ${names.map((name, index) => `${name} ${Math.round((way[index] ?? 0) - postedAtMs)} ms`).join(", ")}\n`,
    );
    // A projection that was at work already may take the statement along, so the order is not asserted.
    expect(way.every((at) => at > 0)).toBe(true);
  });

  test("leaves nothing in the queues, and nothing was logged as an error", async () => {
    expect(await ledger.queues.listDeadLetters()).toEqual([]);
    expect(logged).toEqual([]);
  });
});

describe("a statement that is erased", () => {
  const SECRET = "Only over our dead bodies.";
  let id: string;
  let tombstone: string;
  let erase: Calls<SQSEvent>[];

  /** Every item of every table of the ledger itself, as one text. */
  async function everything(): Promise<string> {
    const client = new DynamoDBClient(clientConfig(process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? ""));
    const { local: _local, ...tables } = TABLE_NAMES;
    const texts: string[] = [];
    for (const TableName of Object.values(tables)) {
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
        texts.push(...Items.map((item) => JSON.stringify(item)));
      }
    }
    client.destroy();
    return texts.join("\n");
  }

  beforeAll(async () => {
    erase = watch("erase");
    const body = statementBody({ text: SECRET, report: { publisher: "Outlet", url: "https://outlet.example/2" } });
    const recorded = await call.post("/v1/statements", body);
    id = recorded.body.statement.id;
    await until("it is projected", async () => {
      const { body: position } = await call.get("/v1/actors/trump/positions/troops/history");
      return position.history.some(({ statement }: { statement: string }) => statement === id);
    });
    expect(await everything()).toContain(SECRET);
    const erased = await call.post(`/v1/statements/${id}/erasure`, { reason: "A court ordered it" });
    expect(erased.status).toBe(201);
    tombstone = erased.body.event.id;
    await until("its words are gone", async () => !(await everything()).includes(SECRET));
    // A ledger that has just started looks for what nothing announced, and may have been faster.
    await until("it was woken", () => erase.some(({ event }) => event.Records.some(({ body }) => body !== "{}")));
  });

  test("wakes erasure by its tombstone alone, through a queue of its own", () => {
    const messages = erase.flatMap(({ event }) => event.Records);
    const wakeUps = messages.filter(({ body }) => body !== "{}").map(({ body }) => JSON.parse(body));
    expect(wakeUps.map(({ detail }) => detail.id)).toEqual([tombstone]);
    expect(messages.every(({ eventSourceARN }) => eventSourceARN.endsWith(RULES["wake-erasure"].queue))).toBe(true);
    for (const { event } of erase) expect(event.Records.length).toBeLessThanOrEqual(QUEUES.erasure.batchSize);
  });

  test("is gone for who asks for it, and stands where it stood", async () => {
    const gone = await call.get(`/v1/statements/${id}`);
    expect([gone.status, gone.body.code]).toEqual([410, "statement_erased"]);
    const { body } = await call.get("/v1/actors/trump/positions/troops");
    expect([body.position.stance, body.position.basis.erased]).toEqual(["ruled_out", true]);
  });

  test("leaves nothing in the queues, and no function was troubled by the events that were altered", async () => {
    expect(await ledger.queues.listDeadLetters()).toEqual([]);
    expect(logged).toEqual([]);
  });
});
