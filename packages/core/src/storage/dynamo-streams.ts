import { ConditionalCheckFailedException, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { LedgerError } from "../errors.ts";
import { Envelope, splitEventId, StreamName, type EventId, type StoredEvent } from "../log/envelope.ts";
import type { StreamStore } from "../log/ports.ts";
import { callAws } from "./aws-calls.ts";
import { getItems, keyItem, numberOf, queryItems, textOf, type DynamoTable, type Item } from "./dynamo-table.ts";
import { versionKey } from "./forms.ts";

/**
 * Streams in the Events table: one item an event, pk = stream, sk = version. An append is one conditional put.
 * An erased event has neither `salt` nor `requestDigest`, which read as empty texts, and as `data` what was left of it.
 */
export class DynamoStreams implements StreamStore {
  readonly #at: DynamoTable;

  constructor(at: DynamoTable) {
    this.#at = at;
  }

  async append(event: StoredEvent): Promise<void> {
    const { client, table } = this.#at;
    const command = new PutItemCommand({
      TableName: table,
      Item: toItem(event),
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await callAws(async () => client.send(command));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The SDK asks again when an answer is lost, and then meets what it wrote itself.
      if (error.Item?.["salt"]?.S === event.salt && error.Item["digest"]?.S === event.digest) return;
      throw new LedgerError("version_conflict", `${event.id} is another event already.`, { cause: error });
    }
  }

  async load(stream: StreamName, fromVersion = 1): Promise<StoredEvent[]> {
    const items = await queryItems(this.#at, {
      KeyConditionExpression: "pk = :pk AND sk >= :from",
      ExpressionAttributeValues: { ":pk": { S: stream }, ":from": { S: versionKey(fromVersion) } },
    });
    return items.map(fromItem);
  }

  async envelopes(stream: StreamName, fromVersion: number): Promise<Envelope[]> {
    const items = await queryItems(this.#at, {
      KeyConditionExpression: "pk = :pk AND sk >= :from",
      ProjectionExpression: ENVELOPE_ATTRIBUTES.map((_, index) => `#${index}`).join(", "),
      ExpressionAttributeNames: Object.fromEntries(ENVELOPE_ATTRIBUTES.map((name, index) => [`#${index}`, name])),
      ExpressionAttributeValues: { ":pk": { S: stream }, ":from": { S: versionKey(fromVersion) } },
    });
    return items.map(envelopeIn);
  }

  async read(ids: readonly EventId[]): Promise<(StoredEvent | null)[]> {
    const keys = ids.map((id) => {
      const { stream, version } = splitEventId(id);
      return { pk: stream, sk: versionKey(version) };
    });
    const events = (await getItems(this.#at, keys)).map(fromItem);
    const byId = new Map(events.map((event) => [event.id, event]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async *scan(): AsyncGenerator<{ stream: StreamName; version: number }[]> {
    const { client, table } = this.#at;
    let start: Item | undefined;
    do {
      const command = new ScanCommand({
        TableName: table,
        ProjectionExpression: "pk, sk",
        // Recovery must not miss what was appended before it began.
        ConsistentRead: true,
        ExclusiveStartKey: start,
      });
      const page = await callAws(async () => client.send(command));
      const names = (page.Items ?? []).map(placeOf);
      if (names.length > 0) yield names;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }
}

function toItem(event: StoredEvent) {
  return {
    ...keyItem(event.stream, versionKey(event.version)),
    type: { S: event.type },
    schema: { N: String(event.schemaVersion) },
    received: { S: event.receivedAt },
    by: { S: event.recordedBy },
    request: { S: event.requestId },
    digest: { S: event.digest },
    data: { S: JSON.stringify(event.data) },
    salt: { S: event.salt },
    requestDigest: { S: event.requestDigest },
  };
}

function placeOf(item: Item): { stream: StreamName; version: number } {
  return { stream: StreamName.parse(textOf(item, "pk")), version: Number(textOf(item, "sk")) };
}

const ENVELOPE_ATTRIBUTES = ["pk", "sk", "type", "schema", "received", "by", "request", "digest"];

function envelopeIn(item: Item): Envelope {
  const stream = textOf(item, "pk");
  const version = Number(textOf(item, "sk"));
  return Envelope.parse({
    id: `${stream}@${version}`,
    stream,
    version,
    type: textOf(item, "type"),
    schemaVersion: numberOf(item, "schema"),
    receivedAt: textOf(item, "received"),
    recordedBy: textOf(item, "by"),
    requestId: textOf(item, "request"),
    digest: textOf(item, "digest"),
  });
}

function fromItem(item: Item): StoredEvent {
  const data: unknown = JSON.parse(item["data"]?.S ?? "null");
  return { ...envelopeIn(item), data, salt: item["salt"]?.S ?? "", requestDigest: item["requestDigest"]?.S ?? "" };
}
