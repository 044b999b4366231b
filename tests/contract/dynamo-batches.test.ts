// What the engine never does, from a script: batches that DynamoDB leaves unfinished, and pages of any size.
import type { WriteRequest } from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import type { Item } from "@on-record/core/storage/dynamo-table";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { scriptedTable, type DynamoCall, type ScriptedAnswer } from "../helpers/scripted-storage.ts";
import { freshStream, sampleEvent } from "../helpers/storage-fixtures.ts";

const done: ScriptedAnswer = { body: {} };
const unavailable = { code: "store_unavailable" };

test("every read is a consistent one", async () => {
  const consistent: boolean[] = [];
  const table = await scriptedTable(({ operation, body }) => {
    const { ConsistentRead, RequestItems } = body;
    consistent.push((operation === "BatchGetItem" ? RequestItems.t : { ConsistentRead }).ConsistentRead === true);
    return done;
  });
  const [streams, log, views] = [new DynamoStreams(table), new DynamoLog(table), new DynamoViews(table)];
  const { id, stream } = sampleEvent(freshStream(), 1);
  await streams.load(stream);
  await streams.read([id]);
  await streams.scan().next();
  await log.head();
  await log.segmentAt(5_000);
  await log.sequenceOf(id);
  await log.lastPointed(stream);
  await views.get("p", "k");
  await views.query("p", {});
  await views.checkpoint("x");
  expect(consistent).toEqual(Array<boolean>(11).fill(true));
});

describe("batches and pages", () => {
  const rows = Array.from({ length: 60 }, (_, at) => ({ pk: "p", sk: `${at}`, body: { at } }));
  const writesOf = ({ body }: DynamoCall): WriteRequest[] => {
    if (!Array.isArray(body.RequestItems.t)) throw new Error("no batch of writes");
    return body.RequestItems.t;
  };

  test("rows that a batch leaves over are written again until all are in", async () => {
    const taken = new Set<string>();
    const table = await scriptedTable((call) => {
      const writes = writesOf(call);
      expect(writes.length).toBeLessThanOrEqual(25);
      const left = writes.slice(10);
      for (const write of writes.slice(0, 10)) taken.add(JSON.stringify(write));
      return { body: { UnprocessedItems: left.length > 0 ? { t: left } : {} } };
    });
    await new DynamoViews(table).put(rows);
    expect(taken.size).toBe(60);
    expect(table.calls.flatMap(writesOf).length).toBe(25 + 15 + 5 + 25 + 15 + 5 + 10);
  });

  test("a table that takes one row at a time gets them all in: only standing still is counted", async () => {
    const table = await scriptedTable((call) => ({ body: { UnprocessedItems: { t: writesOf(call).slice(1) } } }));
    await new DynamoViews(table).put(rows.slice(0, 12));
    expect(table.calls).toHaveLength(12);
  });

  test("a table that takes no rows at all is store_unavailable", async () => {
    const table = await scriptedTable((call) => ({ body: { UnprocessedItems: call.body.RequestItems } }));
    await expect(new DynamoViews(table).put(rows.slice(0, 3))).rejects.toMatchObject(unavailable);
  });

  test("a failed batch stops those that have not begun", async () => {
    const table = await scriptedTable((_, nth) => (nth === 1 ? { error: "ValidationException" } : done));
    const many = Array.from({ length: 1_000 }, (_, at) => ({ pk: "p", sk: `${at}`, body: {} }));
    await expect(new DynamoViews(table).put(many)).rejects.toMatchObject({ name: "ValidationException" });
    await sleep(100);
    expect(table.calls.length).toBeLessThan(20);
  });

  test("events that a batch leaves unread are read again", async () => {
    const script = ({ body }: DynamoCall): ScriptedAnswer => {
      const asked = body.RequestItems.t;
      if (Array.isArray(asked)) throw new Error("no batch of reads");
      const { Keys, ConsistentRead } = asked;
      expect(ConsistentRead).toBe(true);
      const items = Keys.slice(0, 40).map((key) => ({ ...stored, ...key }));
      const left = Keys.slice(40);
      return { body: { Responses: { t: items }, UnprocessedKeys: left.length > 0 ? { t: { Keys: left } } : {} } };
    };
    const stored = await itemOf(sampleEvent(freshStream(), 1));
    const table = await scriptedTable(script);
    const ids = Array.from({ length: 130 }, () => sampleEvent(freshStream(), 1).id);
    expect((await new DynamoStreams(table).read(ids)).map((event) => event?.id)).toEqual(ids);
    expect(table.calls).toHaveLength(4);
  });

  test("a query follows its pages, asks each for what is still missing, and reads no further", async () => {
    const table = await scriptedTable((_, nth) => ({
      body: {
        // A page may be empty and still not be the last.
        Items: nth === 2 ? [] : [0, 1].map((at) => ({ sk: { S: `${nth}${at}` }, body: { S: "{}" } })),
        LastEvaluatedKey: { pk: { S: "p" }, sk: { S: `${nth}` } },
      },
    }));
    const found = await new DynamoViews(table).query("p", { limit: 4 });
    expect(found.map((row) => row.sk)).toEqual(["10", "11", "30", "31"]);
    expect(table.calls.map(({ body }) => body.Limit)).toEqual([4, 2, 2]);
    expect(table.calls.map(({ body }) => body.ExclusiveStartKey?.sk.S)).toEqual([undefined, "1", "2"]);
  });

  test("ranges that DynamoDB would refuse are not sent to it", async () => {
    const table = await scriptedTable(() => ({ error: "ValidationException" }));
    for (const range of [{ to: "" }, { from: "b", to: "a" }, { limit: 0 }]) {
      expect(await new DynamoViews(table).query("p", range)).toEqual([]);
    }
    expect(table.calls).toEqual([]);
  });

  test("a scan follows its pages and leaves out empty ones", async () => {
    const stream = freshStream();
    const table = await scriptedTable((_, nth) => ({
      body: {
        Items: nth === 2 ? [] : [{ pk: { S: stream }, sk: { S: `00000${nth}` } }],
        ...(nth < 3 ? { LastEvaluatedKey: { pk: { S: "p" }, sk: { S: `${nth}` } } } : {}),
      },
    }));
    const pages: unknown[] = [];
    for await (const page of new DynamoStreams(table).scan()) pages.push(page);
    expect(pages).toEqual([[{ stream, version: 1 }], [{ stream, version: 3 }]]);
  });

  async function itemOf(event: ReturnType<typeof sampleEvent>): Promise<Item | undefined> {
    const table = await scriptedTable(() => done);
    await new DynamoStreams(table).append(event);
    return table.calls[0]?.body.Item;
  }
});
