import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, expect, test } from "vitest";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { FaultyLog } from "@on-record/core/storage/faulty";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { commitSegments, StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeLogContract } from "./log.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

describeLogContract("memory", async () => new MemoryLog());
describeLogContract("faulty, with no fault planned", async () => new FaultyLog(new MemoryLog(), () => undefined));
describeLogContract("DynamoDB", async () => new DynamoLog(await engine.table()));

test("DynamoDB: what else the head carries outlives commits and advances", async () => {
  const table = await engine.table();
  const log = new DynamoLog(table);
  const key = { TableName: table.table, Key: { pk: { S: "head" }, sk: { S: "head" } } };
  await table.client.send(
    new UpdateItemCommand({
      ...key,
      UpdateExpression: "SET another = :f",
      ExpressionAttributeValues: { ":f": { S: "hashes" } },
    }),
  );
  await commitSegments(log, 1, 2);
  await log.advance({ pointedThrough: 3, publishedThrough: 3 });
  const { Item } = await table.client.send(new GetItemCommand(key));
  expect(Item?.["another"]).toEqual({ S: "hashes" });
  expect((await log.head()).size).toBe(3);
});

test("DynamoDB: a segment's text leaves out what its place and other fields imply", async () => {
  const table = await engine.table();
  const [segment] = await commitSegments(new DynamoLog(table), 2);
  const { Item } = await table.client.send(
    new GetItemCommand({ TableName: table.table, Key: { pk: { S: "segment#0" }, sk: { S: "000000000000" } } }),
  );
  const [kept] = JSON.parse(Item?.["entries"]?.S ?? "");
  const [entry] = segment?.entries ?? [];
  expect({ ...entry, ...kept }).toEqual(entry);
  for (const derived of ["id", "sequence", "recordedAt"]) expect(kept).not.toHaveProperty(derived);
});
