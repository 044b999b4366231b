// What the engine never does, from a script: DynamoDB's errors, throttles, conflicts and broken connections.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import type { Item } from "@on-record/core/storage/dynamo-table";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { scriptedTable, type DynamoCall, type ScriptedAnswer } from "../helpers/scripted-storage.ts";
import { freshStream, headAt, momentOf, SEAL, sampleEvent, sampleSegment } from "../helpers/storage-fixtures.ts";

const start = { next: 0, recordedAt: null };
const done: ScriptedAnswer = { body: {} };
const unavailable = { code: "store_unavailable" };
const cancelled = (...codes: string[]): ScriptedAnswer => ({
  error: "TransactionCanceledException",
  more: { CancellationReasons: codes.map((Code) => ({ Code })) },
});

describe("errors of the way to the store", () => {
  test.each<[string, ScriptedAnswer]>([
    ["a 500", { error: "InternalServerError", status: 500 }],
    ["a 503 of something in between", { error: "Whatever", status: 503 }],
    ["a cut connection", "hang up"],
    ["silence", "silence"],
  ])("%s is store_unavailable, with its cause", async (_, answer) => {
    const requestHandler = { requestTimeout: 50, throwOnRequestTimeout: true };
    const table = await scriptedTable(() => answer, { requestHandler });
    const event = sampleEvent(freshStream(), 1);
    const failure = { ...unavailable, cause: expect.any(Error) };
    await expect(new DynamoStreams(table).append(event)).rejects.toMatchObject(failure);
    await expect(new DynamoStreams(table).load(event.stream)).rejects.toMatchObject(failure);
    await expect(new DynamoStreams(table).scan()[Symbol.asyncIterator]().next()).rejects.toMatchObject(failure);
    await expect(new DynamoLog(table).head()).rejects.toMatchObject(failure);
    await expect(new DynamoLog(table).commit(headAt(0), sampleSegment(0, 1), SEAL)).rejects.toMatchObject(failure);
    await expect(new DynamoViews(table).put([{ pk: "p", sk: "k", body: {} }])).rejects.toMatchObject(failure);
    await expect(new DynamoViews(table).advance("x", start, start)).rejects.toMatchObject(failure);
  });

  test("a port where nobody listens is store_unavailable", async () => {
    const table = await scriptedTable(() => done);
    await table.stop();
    const client = new DynamoDBClient({ endpoint: table.endpoint, maxAttempts: 1 });
    await expect(new DynamoViews({ ...table, client }).get("p", "k")).rejects.toMatchObject(unavailable);
  });

  test.each(["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])(
    "%s is our own fault and stays as it is",
    async (error) => {
      const table = await scriptedTable(() => ({ error }));
      await expect(new DynamoViews(table).get("p", "k")).rejects.toMatchObject({ name: error });
      expect(table.calls).toHaveLength(1);
    },
  );
});

describe("throttles and conflicts", () => {
  test("a throttled append is made again", async () => {
    const table = await scriptedTable((_, nth) => (nth < 4 ? { error: "ThrottlingException" } : done));
    await new DynamoStreams(table).append(sampleEvent(freshStream(), 1));
    expect(table.calls).toHaveLength(4);
  });

  test("a store that throttles on and on is store_unavailable within seconds", async () => {
    const table = await scriptedTable(() => ({ error: "ProvisionedThroughputExceededException" }));
    await expect(new DynamoViews(table).get("p", "k")).rejects.toMatchObject(unavailable);
    expect(table.calls.length).toBeGreaterThan(3);
  });

  test("a commit that meets another transaction is made again", async () => {
    const table = await scriptedTable((_, nth) => (nth < 3 ? cancelled("None", "TransactionConflict") : done));
    expect(await new DynamoLog(table).commit(headAt(0), sampleSegment(0, 1), SEAL)).toBe(true);
    expect(table.calls).toHaveLength(3);
  });

  test("a commit that meets others on and on is store_unavailable", async () => {
    const table = await scriptedTable(() => cancelled("TransactionConflict", "ThrottlingError"));
    await expect(new DynamoLog(table).commit(headAt(0), sampleSegment(0, 1), SEAL)).rejects.toMatchObject(unavailable);
  });

  test("a commit that DynamoDB finds invalid is our own bug and stays as it is", async () => {
    const table = await scriptedTable(() => cancelled("ValidationError", "TransactionConflict"));
    const commit = new DynamoLog(table).commit(headAt(0), sampleSegment(0, 1), SEAL);
    await expect(commit).rejects.toMatchObject({ name: "TransactionCanceledException" });
    expect(table.calls).toHaveLength(1);
  });

  test("an advance that meets a commit on the head is made again", async () => {
    const table = await scriptedTable((_, nth) => (nth < 3 ? { error: "TransactionConflictException" } : done));
    await new DynamoLog(table).advance({ pointedThrough: 1 });
    expect(table.calls).toHaveLength(3);
  });
});

describe("answers lost between the SDK's own attempts", () => {
  test("an append that meets its own event resolves", async () => {
    const script = (call: DynamoCall, nth: number): ScriptedAnswer =>
      nth === 1 ? "hang up" : { error: "ConditionalCheckFailedException", more: { Item: call.body.Item } };
    const table = await scriptedTable(script, { maxAttempts: 2 });
    await new DynamoStreams(table).append(sampleEvent(freshStream(), 1));
    expect(table.calls).toHaveLength(2);
  });

  test("a commit that meets its own segment has succeeded; one that meets another's has not", async () => {
    const segment = sampleSegment(0, 2);
    const standing: Item[] = [];
    const table = await scriptedTable(
      ({ operation, body }, nth) => {
        if (operation === "GetItem") return { body: { Item: standing[0] } };
        standing.push(body.TransactItems[0]?.Put.Item ?? {});
        return nth === 1 ? "hang up" : cancelled("ConditionalCheckFailed", "ConditionalCheckFailed");
      },
      { maxAttempts: 2 },
    );
    const log = new DynamoLog(table);
    expect(await log.commit(headAt(0), segment, SEAL)).toBe(true);
    expect(await log.commit(headAt(0), sampleSegment(0, 2), SEAL)).toBe(false);
  });

  test("a checkpoint that stands where this very call put it has moved; one that another put there has not", async () => {
    const script = (call: DynamoCall, nth: number): ScriptedAnswer => {
      const mine = call.body.Item;
      if (nth === 1) return "hang up";
      const Item = nth === 2 ? mine : { ...mine, mover: { S: "another" } };
      return { error: "ConditionalCheckFailedException", more: { Item } };
    };
    const views = new DynamoViews(await scriptedTable(script, { maxAttempts: 2 }));
    const to = { next: 7, recordedAt: momentOf(1) };
    expect(await views.advance("x", start, to)).toBe(true);
    expect(await views.advance("x", start, to)).toBe(false);
  });
});
