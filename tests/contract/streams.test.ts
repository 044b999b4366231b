import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, expect, test } from "vitest";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { FaultyStreams } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { freshStream, sampleEvent, StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeStreamsContract } from "./streams.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

describeStreamsContract("memory", async () => new MemoryStreams());
describeStreamsContract(
  "faulty, with no fault planned",
  async () => new FaultyStreams(new MemoryStreams(), () => undefined),
);
describeStreamsContract("DynamoDB", async () => new DynamoStreams(await engine.table()));

test("memory: a gap, which no caller can cause but by a bug, is refused", async () => {
  await expect(new MemoryStreams().append(sampleEvent(freshStream(), 2))).rejects.toBeInstanceOf(RangeError);
});

test("DynamoDB: an erased event reads as no data, and its place stays taken", async () => {
  const table = await engine.table();
  const streams = new DynamoStreams(table);
  const event = sampleEvent(freshStream(), 1);
  await streams.append(event);
  await table.client.send(
    new UpdateItemCommand({
      TableName: table.table,
      Key: { pk: { S: event.stream }, sk: { S: "000001" } },
      UpdateExpression: "REMOVE #data, salt, requestDigest",
      ExpressionAttributeNames: { "#data": "data" },
    }),
  );
  expect(await streams.load(event.stream)).toEqual([{ ...event, data: null, salt: "", requestDigest: "" }]);
  await expect(streams.append(event)).rejects.toMatchObject({ code: "version_conflict" });
});
