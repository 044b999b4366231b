import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  type AttributeValue,
  type DynamoDBClient,
  type TransactWriteItem,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { setTimeout as sleep } from "node:timers/promises";

/** What the local bus, queues and pumps keep: keys and flat attributes. */
export interface LocalItem {
  readonly pk: string;
  readonly sk: string;
  readonly [attribute: string]: string | number;
}
export type LocalKey = Pick<LocalItem, "pk" | "sk">;

/** One step of a transaction. A step with `ifPresent`/`ifAbsent` refuses the whole transaction when it does not hold. */
export type LocalWrite =
  | { readonly put: LocalItem; readonly ifAbsent?: boolean }
  | { readonly delete: LocalKey; readonly ifPresent?: boolean };

export interface LocalQuery {
  readonly limit: number;
  /** Only sort keys after this one. */
  readonly after?: string;
}

/** The one extra table of the embedded engine. A write that has resolved survives `kill -9`. */
export interface LocalTable {
  get(key: LocalKey): Promise<LocalItem | undefined>;
  put(item: LocalItem): Promise<void>;
  /** Every item is durable once resolved; on an error some may be. */
  putAll(items: readonly LocalItem[]): Promise<void>;
  delete(key: LocalKey): Promise<void>;
  deleteAll(keys: readonly LocalKey[]): Promise<void>;
  /** In the order of the sort key, strongly consistent. May return fewer than there are only at `limit`. */
  query(pk: string, query: LocalQuery): Promise<LocalItem[]>;
  /** All steps or none; resolves to false when a condition refused. At most 100 steps and 4 MB. */
  transact(writes: readonly LocalWrite[]): Promise<boolean>;
}

const PAGE_ITEMS = 100;
const MAX_BATCH_ITEMS = 25;
const UNPROCESSED_PAUSE_MS = 50;
const MAX_BATCH_TRIES = 20;

/** A {@link LocalTable} over a table that exists, with string keys `pk` and `sk`. */
export function openLocalTable(client: DynamoDBClient, tableName: string): LocalTable {
  const batchWrite = async (requests: readonly WriteRequest[]): Promise<void> => {
    for (let start = 0; start < requests.length; start += MAX_BATCH_ITEMS) {
      let pending = requests.slice(start, start + MAX_BATCH_ITEMS);
      for (let tries = 1; pending.length > 0; tries++) {
        const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: pending } }));
        pending = answer.UnprocessedItems?.[tableName] ?? [];
        if (pending.length === 0) break;
        if (tries === MAX_BATCH_TRIES) throw new Error(`${tableName}: ${pending.length} items stayed unprocessed`);
        await sleep(UNPROCESSED_PAUSE_MS);
      }
    }
  };
  return {
    async get(key) {
      const answer = await client.send(
        new GetItemCommand({ TableName: tableName, Key: marshalKey(key), ConsistentRead: true }),
      );
      return answer.Item === undefined ? undefined : unmarshal(answer.Item);
    },
    async put(item) {
      await client.send(new PutItemCommand({ TableName: tableName, Item: marshal(item) }));
    },
    putAll: (items) => batchWrite(items.map((item) => ({ PutRequest: { Item: marshal(item) } }))),
    async delete(key) {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: marshalKey(key) }));
    },
    deleteAll: (keys) => batchWrite(keys.map((key) => ({ DeleteRequest: { Key: marshalKey(key) } }))),
    query: (pk, query) => queryItems(client, tableName, pk, query),
    async transact(writes) {
      try {
        await client.send(
          new TransactWriteItemsCommand({ TransactItems: writes.map((write) => toStep(tableName, write)) }),
        );
        return true;
      } catch (error) {
        if (error instanceof TransactionCanceledException && isRefusal(error)) return false;
        throw error;
      }
    },
  };
}

function isRefusal(error: TransactionCanceledException): boolean {
  return error.CancellationReasons?.some(({ Code }) => Code === "ConditionalCheckFailed") === true;
}

/** A whole partition, or what follows a sort key, page by page. */
export async function* allItems(table: LocalTable, pk: string, after?: string): AsyncGenerator<LocalItem> {
  let last = after;
  for (;;) {
    const items = await table.query(pk, { limit: PAGE_ITEMS, ...(last !== undefined && { after: last }) });
    yield* items;
    if (items.length < PAGE_ITEMS) return;
    last = items.at(-1)?.sk;
  }
}

async function queryItems(
  client: DynamoDBClient,
  tableName: string,
  pk: string,
  { limit, after }: LocalQuery,
): Promise<LocalItem[]> {
  const items: LocalItem[] = [];
  let startKey: Record<string, AttributeValue> | undefined;
  do {
    const answer = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: after === undefined ? "pk = :pk" : "pk = :pk AND sk > :after",
        ExpressionAttributeValues: { ":pk": { S: pk }, ...(after !== undefined && { ":after": { S: after } }) },
        ConsistentRead: true,
        Limit: limit - items.length,
        ...(startKey !== undefined && { ExclusiveStartKey: startKey }),
      }),
    );
    items.push(...(answer.Items ?? []).map(unmarshal));
    startKey = answer.LastEvaluatedKey;
  } while (startKey !== undefined && items.length < limit);
  return items;
}

function toStep(tableName: string, write: LocalWrite): TransactWriteItem {
  if ("put" in write) {
    const condition = write.ifAbsent === true ? { ConditionExpression: "attribute_not_exists(pk)" } : {};
    return { Put: { TableName: tableName, Item: marshal(write.put), ...condition } };
  }
  const condition = write.ifPresent === true ? { ConditionExpression: "attribute_exists(pk)" } : {};
  return { Delete: { TableName: tableName, Key: marshalKey(write.delete), ...condition } };
}

function marshalKey({ pk, sk }: LocalKey): Record<string, AttributeValue> {
  return { pk: { S: pk }, sk: { S: sk } };
}

function marshal(item: LocalItem): Record<string, AttributeValue> {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      typeof value === "number" ? { N: String(value) } : { S: value },
    ]),
  );
}

function unmarshal(attributes: Record<string, AttributeValue>): LocalItem {
  const item: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value.S !== undefined) item[name] = value.S;
    else if (value.N !== undefined) item[name] = Number(value.N);
  }
  const { pk, sk } = item;
  if (typeof pk !== "string" || typeof sk !== "string")
    throw new Error("an item of the local table has no string keys");
  return { ...item, pk, sk };
}
