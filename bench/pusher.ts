import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBSingleTableEventStorageAdapter } from "@castore/event-storage-adapter-dynamodb";

/** Pushes the event that an item holds as castore keeps it: payload and metadata as maps, under the given aggregate. */
export function castorePusher(
  client: DynamoDBClient,
  tableName: string,
  item: Record<string, AttributeValue>,
): (aggregateId: string) => Promise<unknown> {
  const adapter = new DynamoDBSingleTableEventStorageAdapter({ tableName, dynamoDBClient: client });
  const payload: unknown = JSON.parse(item["data"]?.S ?? "{}");
  const kept = ["by", "request", "digest", "salt", "requestDigest"];
  const metadata = Object.fromEntries(kept.map((name) => [name, item[name]?.S]));
  return (aggregateId) =>
    adapter.pushEvent(
      { aggregateId, version: 1, type: "StatementRecorded", payload, metadata },
      { eventStoreId: "statements" },
    );
}
