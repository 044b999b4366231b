import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { Instant } from "../domain/time.ts";
import { splitEventId, type EventId, type LogEntry, type StreamName } from "../log/envelope.ts";
import type { LogHead, LogStore, Segment } from "../log/ports.ts";
import { callAws } from "./aws-calls.ts";
import { cancellationCodes } from "./aws-errors.ts";
import { getItem, keyItem, numberOf, putItems, queryItems, textOf, type DynamoTable } from "./dynamo-table.ts";
import { padded, versionKey } from "./forms.ts";
import { assertFollows, BUCKET_ENTRIES_COUNT, decodeSegment, encodeEntries } from "./segment-form.ts";

const HEAD = "head";
const SEQUENCE_DIGITS = 12;

/**
 * The log in its table: the head, segments in partitions of 4,096 sequence numbers, and a pointer for each event.
 * The head's attributes are set by name, never the whole item: it may carry more than this adapter knows.
 */
export class DynamoLog implements LogStore {
  readonly #at: DynamoTable;

  constructor(at: DynamoTable) {
    this.#at = at;
  }

  async head(): Promise<LogHead> {
    const item = await getItem(this.#at, HEAD, HEAD);
    const recordedAt = item?.["recordedAt"]?.S;
    return {
      size: Number(item?.["size"]?.N ?? 0),
      recordedAt: recordedAt === undefined ? null : Instant.parse(recordedAt),
      pointedThrough: Number(item?.["pointedThrough"]?.N ?? 0),
      publishedThrough: Number(item?.["publishedThrough"]?.N ?? 0),
    };
  }

  async segmentAt(sequence: number): Promise<Segment | null> {
    const bucket = Math.floor(sequence / BUCKET_ENTRIES_COUNT);
    // A segment that began in the bucket before may reach into this one; none is longer than a bucket.
    const segment = (await this.#lastFrom(bucket, sequence)) ?? (await this.#lastFrom(bucket - 1, sequence));
    return segment !== null && sequence < segment.first + segment.entries.length ? segment : null;
  }

  async sequenceOf(id: EventId): Promise<number | null> {
    const { stream, version } = splitEventId(id);
    const item = await getItem(this.#at, pointerPk(stream), versionKey(version));
    return item === undefined ? null : numberOf(item, "sequence");
  }

  async commit(expected: LogHead, segment: Segment): Promise<boolean> {
    assertFollows(expected, segment);
    const { client } = this.#at;
    const entries = encodeEntries(segment.entries);
    const command = new TransactWriteItemsCommand({ TransactItems: this.#commitWrites(expected, segment, entries) });
    try {
      await callAws(async () => client.send(command));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      if (!cancellationCodes(error).includes("ConditionalCheckFailed")) throw error;
      // When an answer is lost the SDK asks again, and is told of its own success as of another's.
      const { pk, sk } = segmentKey(segment.first);
      const standing = await getItem(this.#at, pk.S, sk.S);
      return standing?.["entries"]?.S === entries && standing["recordedAt"]?.S === segment.recordedAt;
    }
  }

  async point(entries: readonly LogEntry[]): Promise<void> {
    await putItems(
      this.#at,
      entries.map(({ stream, version, sequence }) => ({
        ...keyItem(pointerPk(stream), versionKey(version)),
        sequence: { N: String(sequence) },
      })),
    );
  }

  async lastPointed(stream: StreamName): Promise<number> {
    const query = {
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: pointerPk(stream) } },
      ScanIndexForward: false,
    };
    const [newest] = await queryItems(this.#at, query, 1);
    return newest === undefined ? 0 : Number(textOf(newest, "sk"));
  }

  async advance(to: { pointedThrough?: number; publishedThrough?: number }): Promise<void> {
    // One after the other: two writes to one item at once would only stand in each other's way.
    if (to.pointedThrough !== undefined) await this.#raise("pointedThrough", to.pointedThrough);
    if (to.publishedThrough !== undefined) await this.#raise("publishedThrough", to.publishedThrough);
  }

  #commitWrites(expected: LogHead, { first, recordedAt, entries }: Segment, text: string) {
    const segment = {
      TableName: this.#at.table,
      Item: { ...segmentKey(first), recordedAt: { S: recordedAt }, entries: { S: text } },
      ConditionExpression: "attribute_not_exists(pk)",
    };
    const size = { N: String(first + entries.length) };
    const head = {
      TableName: this.#at.table,
      Key: keyItem(HEAD, HEAD),
      UpdateExpression: "SET #size = :size, recordedAt = :recordedAt",
      ExpressionAttributeNames: { "#size": "size" },
      ...(expected.size === 0
        ? {
            ConditionExpression: "attribute_not_exists(#size)",
            ExpressionAttributeValues: { ":size": size, ":recordedAt": { S: recordedAt } },
          }
        : {
            ConditionExpression: "#size = :expected",
            ExpressionAttributeValues: {
              ":size": size,
              ":recordedAt": { S: recordedAt },
              ":expected": { N: String(expected.size) },
            },
          }),
    };
    return [{ Put: segment }, { Update: head }];
  }

  /** The last segment of a bucket that begins at or before a sequence number. */
  async #lastFrom(bucket: number, sequence: number): Promise<Segment | null> {
    if (bucket < 0) return null;
    const query = {
      KeyConditionExpression: "pk = :pk AND sk <= :sk",
      ExpressionAttributeValues: { ":pk": { S: bucketPk(bucket) }, ":sk": { S: padded(sequence, SEQUENCE_DIGITS) } },
      ScanIndexForward: false,
    };
    const [item] = await queryItems(this.#at, query, 1);
    if (item === undefined) return null;
    return decodeSegment(Number(textOf(item, "sk")), textOf(item, "recordedAt"), textOf(item, "entries"));
  }

  async #raise(field: "pointedThrough" | "publishedThrough", value: number): Promise<void> {
    const { client, table } = this.#at;
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyItem(HEAD, HEAD),
      UpdateExpression: "SET #field = :value",
      ConditionExpression: "attribute_not_exists(#field) OR #field < :value",
      ExpressionAttributeNames: { "#field": field },
      ExpressionAttributeValues: { ":value": { N: String(value) } },
    });
    try {
      await callAws(async () => client.send(command));
    } catch (error) {
      // It stands there or further on already.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }
}

function segmentKey(first: number) {
  return keyItem(bucketPk(Math.floor(first / BUCKET_ENTRIES_COUNT)), padded(first, SEQUENCE_DIGITS));
}

function bucketPk(bucket: number): string {
  return `segment#${bucket}`;
}

function pointerPk(stream: StreamName): string {
  return `pointer#${stream}`;
}
