import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  GetItemCommand,
  QueryCommand,
  type AttributeValue,
  type QueryCommandInput,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { callAws, callUntilTaken, inLanes } from "./aws-calls.ts";
import { chunksOf } from "./forms.ts";
import type { DynamoCaller } from "./lean-client.ts";

/** A table with string keys `pk` and `sk`, and the client to reach it by. */
export interface DynamoTable {
  client: DynamoCaller;
  table: string;
}

/** An item in the form of the wire. */
export type Item = Record<string, AttributeValue>;

/** The names of an item. */
export interface Key {
  pk: string;
  sk: string;
}

const WRITES_PER_BATCH_COUNT = 25;
const READS_PER_BATCH_COUNT = 100;
const BATCHES_AT_ONCE_COUNT = 4;

export function keyItem(pk: string, sk: string): { pk: { S: string }; sk: { S: string } } {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** Reads one item, consistently. */
export async function getItem({ client, table }: DynamoTable, pk: string, sk: string): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: keyItem(pk, sk), ConsistentRead: true });
  return (await callAws(async () => client.send(command))).Item;
}

/** Reads items of one partition in order, consistently: as many pages as it takes, at most `limit` items. */
export async function queryItems(
  { client, table }: DynamoTable,
  query: Omit<QueryCommandInput, "TableName" | "ConsistentRead" | "Limit" | "ExclusiveStartKey">,
  limit = Infinity,
): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const command = new QueryCommand({
      ...query,
      TableName: table,
      ConsistentRead: true,
      Limit: Number.isFinite(limit) ? limit - items.length : undefined,
      ExclusiveStartKey: start,
    });
    const page = await callAws(async () => client.send(command));
    for (const item of page.Items ?? []) items.push(item);
    start = page.LastEvaluatedKey;
  } while (start !== undefined && items.length < limit);
  return items;
}

/** Reads items by name, consistently and in no order; what is not there is left out. */
export async function getItems({ client, table }: DynamoTable, keys: readonly Key[]): Promise<Item[]> {
  const found: Item[] = [];
  // DynamoDB refuses a batch that names one item twice.
  const distinct = new Map(keys.map(({ pk, sk }) => [nameOf(pk, sk), keyItem(pk, sk)]));
  await inLanes(chunksOf<Item>([...distinct.values()], READS_PER_BATCH_COUNT), BATCHES_AT_ONCE_COUNT, async (chunk) =>
    callUntilTaken(chunk, async (left) => {
      const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } });
      const answer = await callAws(async () => client.send(command));
      found.push(...Object.values(answer.Responses ?? {}).flat());
      return Object.values(answer.UnprocessedKeys ?? {}).flatMap(({ Keys }) => Keys ?? []);
    }),
  );
  return found;
}

/**
 * Puts items over whatever is there, in no order; of two with one key the last counts.
 * A batch of 25 items of DynamoDB's 400 KB stays below the 16 MB that one call may carry.
 */
export async function putItems(
  { client, table }: DynamoTable,
  items: readonly (Item & KeyAttributes)[],
): Promise<void> {
  const distinct = new Map(items.map((item) => [nameOf(item.pk.S, item.sk.S), { PutRequest: { Item: item } }]));
  await writeAll({ client, table }, [...distinct.values()]);
}

/** Removes items, in no order; what is not there stays so. */
export async function removeItems(at: DynamoTable, keys: readonly Key[]): Promise<void> {
  const requests = new Map(keys.map(({ pk, sk }) => [nameOf(pk, sk), { DeleteRequest: { Key: keyItem(pk, sk) } }]));
  await writeAll(at, [...requests.values()]);
}

async function writeAll({ client, table }: DynamoTable, requests: readonly WriteRequest[]): Promise<void> {
  const chunks = chunksOf<WriteRequest>(requests, WRITES_PER_BATCH_COUNT);
  await inLanes(chunks, BATCHES_AT_ONCE_COUNT, async (chunk) =>
    callUntilTaken(chunk, async (left) => {
      const command = new BatchWriteItemCommand({ RequestItems: { [table]: left } });
      const answer = await callAws(async () => client.send(command));
      return Object.values(answer.UnprocessedItems ?? {}).flat();
    }),
  );
}

type KeyAttributes = ReturnType<typeof keyItem>;

function nameOf(pk: string, sk: string): string {
  return `${pk}\0${sk}`;
}

/** A string attribute. Throws when the item has none: another hand wrote it. */
export function textOf(item: Item, name: string): string {
  const text = item[name]?.S;
  if (text === undefined) throw new TypeError(`a stored item lacks the string ${name}`);
  return text;
}

/** A number attribute. Throws when the item has none. */
export function numberOf(item: Item, name: string): number {
  const text = item[name]?.N;
  if (text === undefined) throw new TypeError(`a stored item lacks the number ${name}`);
  return Number(text);
}
