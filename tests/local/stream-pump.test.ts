import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { systemClock, type Loop } from "@on-record/local/loops";
import { openQueues } from "@on-record/local/queues";
import { startStreamPump, type StreamPumpOptions } from "@on-record/local/stream-pump";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { until, useTestEngine } from "../helpers/engine-for-tests.ts";

const at = useTestEngine();

const running: Loop[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((loop) => loop.stop()));
});

type Handle = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | void>;

function pump(tableName: string, handler: Handle, more: Partial<StreamPumpOptions> = {}): Loop {
  const loop = startStreamPump({
    name: `pump-${tableName}`,
    tableName,
    streams: at.engine.streams,
    table: at.table,
    queues: openQueues(at.table),
    handler,
    batchSize: 100,
    backoff: { baseMs: 5, capMs: 20 },
    activePollMs: 5,
    idlePollMs: 20,
    onError: () => undefined,
    ...more,
  });
  running.push(loop);
  return loop;
}

async function streamTable(): Promise<string> {
  const name = `T${randomUUID()}`;
  await at.engine.createTable(name, { stream: true });
  return name;
}

async function write(tableName: string, ...keys: string[]): Promise<void> {
  for (const sk of keys) {
    await at.engine.client.send(
      new PutItemCommand({
        TableName: tableName,
        Item: { pk: { S: "p" }, sk: { S: sk }, bytes: { B: new Uint8Array([1, 2]) } },
      }),
    );
  }
}

const keyOf = (record: DynamoDBRecord): string => record.dynamodb?.Keys?.["sk"]?.S ?? "";
const sequenceOf = (record: DynamoDBRecord): string => record.dynamodb?.SequenceNumber ?? "";
const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i).padStart(3, "0"));

describe("the stream pump", () => {
  it("hands on what was written before it started, and after, once each and in order, in Lambda's shape", async () => {
    const name = await streamTable();
    const records: DynamoDBRecord[] = [];
    await write(name, "a", "b");
    const loop = pump(name, async ({ Records }) => void records.push(...Records));
    await until("the first two", () => records.length === 2);
    await write(name, "c");
    loop.nudge();
    await until("the third", () => records.length === 3);
    expect(records.map(keyOf)).toEqual(["a", "b", "c"]);
    expect(records[0]).toMatchObject({
      eventID: expect.any(String),
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: "us-east-1",
      eventSourceARN: expect.stringContaining(`table/${name}/stream/`),
      dynamodb: {
        Keys: { pk: { S: "p" }, sk: { S: "a" } },
        NewImage: { bytes: { B: "AQI=" } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
    });
    const created = records[0]?.dynamodb?.ApproximateCreationDateTime ?? 0;
    expect(Math.abs(Date.now() / 1000 - created)).toBeLessThan(60);
  });

  it("never exceeds the batch size", async () => {
    const name = await streamTable();
    const sizes: number[] = [];
    await write(name, ...numbered(7));
    pump(name, async ({ Records }) => void sizes.push(Records.length), { batchSize: 3 });
    await until("all seven", () => sizes.reduce((a, b) => a + b, 0) === 7);
    expect(sizes).toEqual([3, 3, 1]);
  });

  it("hands on only what a filter lets through", async () => {
    const name = await streamTable();
    const seen: string[] = [];
    await write(name, "derived#1", "position#1", "derived#2", "derived#1");
    const filters = [{ eventName: ["INSERT"], dynamodb: { Keys: { sk: { S: [{ prefix: "derived#" }] } } } }];
    pump(name, async ({ Records }) => void seen.push(...Records.map(keyOf)), { filters });
    await until("both", () => seen.length >= 2);
    await write(name, "derived#3");
    await until("the last", () => seen.includes("derived#3"));
    expect(seen).toEqual(["derived#1", "derived#2", "derived#3"]);
  });

  it("retries from the lowest failed record and skips nothing after it", async () => {
    const name = await streamTable();
    const batches: string[][] = [];
    await write(name, "a", "b", "c", "d");
    let failures = 2;
    pump(name, async ({ Records }) => {
      batches.push(Records.map(keyOf));
      const failed = Records.filter((record) => ["b", "d"].includes(keyOf(record)));
      if (failures-- <= 0) return;
      return { batchItemFailures: failed.toReversed().map((record) => ({ itemIdentifier: sequenceOf(record) })) };
    });
    await until("three batches", () => batches.length === 3);
    expect(batches).toEqual([
      ["a", "b", "c", "d"],
      ["b", "c", "d"],
      ["b", "c", "d"],
    ]);
  });

  it("retries the whole batch after a throw, or a failure of an unknown record", async () => {
    const name = await streamTable();
    const batches: string[][] = [];
    await write(name, "a", "b");
    pump(name, async ({ Records }) => {
      batches.push(Records.map(keyOf));
      if (batches.length === 1) throw new Error("once");
      return { batchItemFailures: batches.length === 2 ? [{ itemIdentifier: "" }] : [] };
    });
    await until("three batches", () => batches.length === 3);
    expect(batches).toEqual([
      ["a", "b"],
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("goes on after its checkpoint when it is started again, repeating only what had not succeeded", async () => {
    const name = await streamTable();
    const first: string[] = [];
    await write(name, "a", "b");
    const loop = pump(name, async ({ Records }) => {
      if (Records.some((record) => keyOf(record) === "c")) throw new Error("killed");
      first.push(...Records.map(keyOf));
    });
    await until("a and b", () => first.length === 2);
    await write(name, "c");
    await loop.stop();
    const second: string[] = [];
    pump(name, async ({ Records }) => void second.push(...Records.map(keyOf)));
    await write(name, "d");
    await until("c and d", () => second.length === 2);
    expect(first).toEqual(["a", "b"]);
    expect(second).toEqual(["c", "d"]);
  });

  it("loses nothing when it is killed in the middle of a batch", async () => {
    const name = await streamTable();
    await write(name, ...numbered(30));
    const seen: string[] = [];
    let killed = false;
    // Killed: its handler never answers again and it is not stopped before the next begins.
    pump(
      name,
      async ({ Records }) => {
        if (killed) throw new Error("dead");
        seen.push(...Records.map(keyOf));
        if (seen.length >= 15) {
          killed = true;
          throw new Error("dies here");
        }
      },
      { batchSize: 5, backoff: { baseMs: 60_000, capMs: 60_000 } },
    );
    await until("the kill", () => killed);
    pump(name, async ({ Records }) => void seen.push(...Records.map(keyOf)), { batchSize: 5 });
    await until("all thirty", () => new Set(seen).size === 30);
    expect([...new Set(seen)]).toEqual(numbered(30));
    expect(seen).toHaveLength(35);
  });

  it("moves a record that fails until it is a day old to the dead letters, goes on, and takes it back by a redrive", async () => {
    const name = await streamTable();
    const queues = openQueues(at.table);
    const seen: string[] = [];
    let broken = true;
    let late = false;
    const clock = { now: () => Date.now() + (late ? 25 * 60 * 60 * 1000 : 0), sleep: systemClock.sleep };
    await write(name, "bad");
    pump(
      name,
      async ({ Records }) => {
        seen.push(...Records.map(keyOf));
        if (broken && Records.some((record) => keyOf(record) === "bad")) throw new Error("poison");
      },
      { clock },
    );
    await until("retries", () => seen.length >= 3);
    expect(await queues.listDeadLetters(`stream/pump-${name}`)).toEqual([]);
    late = true;
    await until("the dead letter", async () => (await queues.listDeadLetters(`stream/pump-${name}`)).length === 1);
    late = false;
    await write(name, "good");
    await until("the next record", () => seen.includes("good"));
    const [letter] = await queues.listDeadLetters(`stream/pump-${name}`);
    expect(letter).toMatchObject({ reason: "Error: poison", body: expect.stringContaining('"bad"') });

    broken = false;
    seen.length = 0;
    expect(await queues.redrive(`stream/pump-${name}`)).toBe(1);
    await until("the redriven record", () => seen.includes("bad"));
  });

  it("finishes the batch in hand before it stops", async () => {
    const name = await streamTable();
    let begun = false;
    let ended = false;
    await write(name, "a");
    const loop = pump(name, async () => {
      begun = true;
      await new Promise((resolve) => setTimeout(resolve, 50));
      ended = true;
    });
    await until("the batch", () => begun);
    await loop.stop();
    expect(ended).toBe(true);
    expect(await at.table.get({ pk: `checkpoint#pump-${name}`, sk: name })).toMatchObject({ sequenceNumber: "1" });
  });

  it("goes on in order after a checkpoint where sequence numbers grow by a digit", async () => {
    const name = await streamTable();
    const seen: number[] = [];
    await at.table.put({ pk: `checkpoint#pump-${name}`, sk: name, sequenceNumber: "7" });
    await write(name, ...numbered(14));
    pump(name, async ({ Records }) => void seen.push(...Records.map((record) => Number(sequenceOf(record)))), {
      batchSize: 4,
    });
    await until("the rest", () => seen.length === 7);
    expect(seen).toEqual([8, 9, 10, 11, 12, 13, 14]);
  });
});
