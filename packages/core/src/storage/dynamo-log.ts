import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { Instant } from "../domain/time.ts";
import { splitEventId, type EventId, type LogEntry, type StreamName } from "../log/envelope.ts";
import type { LogHead, LogStore, Seal, Segment } from "../log/ports.ts";
import { TILE_WIDTH } from "../log/tree/tile.ts";
import { callAws } from "./aws-calls.ts";
import { cancellationCodes } from "./aws-errors.ts";
import {
  getItem,
  keyItem,
  numberOf,
  putItems,
  queryItems,
  textOf,
  type DynamoTable,
  type Item,
} from "./dynamo-table.ts";
import { padded, versionKey } from "./forms.ts";
import { assertFollows, BUCKET_ENTRIES_COUNT, decodeSegment, encodeEntries } from "./segment-form.ts";

const HEAD = "head";
const SEQUENCE_DIGITS = 12;
const SUBTREE_DIGITS = 3;
const TILES_PER_PARTITION_COUNT = 1_024;

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
      frontier: item?.["frontier"]?.S?.split(" ") ?? [],
      checkpoint: item?.["checkpoint"]?.S ?? null,
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

  async tile(index: number): Promise<Uint8Array | null> {
    const { pk, sk } = tileKey(index);
    const item = await getItem(this.#at, pk.S, sk.S);
    return item === undefined ? null : new Uint8Array(Buffer.from(textOf(item, "hashes"), "base64"));
  }

  async subtrees(level: number, index: number): Promise<Uint8Array[]> {
    const items = await queryItems(this.#at, {
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: subtreePk(level, index) } },
    });
    const inOrder = items.filter((item, at) => Number(textOf(item, "sk")) === at);
    return inOrder.map((item) => new Uint8Array(Buffer.from(textOf(item, "hash"), "base64")));
  }

  async keepTile(index: number, hashes: Uint8Array): Promise<void> {
    await putItems(this.#at, [{ ...tileKey(index), hashes: { S: Buffer.from(hashes).toString("base64") } }]);
  }

  async keepSubtree(level: number, index: number, hash: Uint8Array): Promise<void> {
    const sk = padded(index % TILE_WIDTH, SUBTREE_DIGITS);
    const key = keyItem(subtreePk(level, Math.floor(index / TILE_WIDTH)), sk);
    await putItems(this.#at, [{ ...key, hash: { S: Buffer.from(hash).toString("base64") } }]);
  }

  async commit(expected: LogHead, segment: Segment, seal: Seal): Promise<boolean> {
    assertFollows(expected, segment);
    const { client } = this.#at;
    const entries = encodeEntries(segment.entries);
    const writes = this.#commitWrites(expected, segment, seal, entries);
    const command = new TransactWriteItemsCommand({ TransactItems: writes });
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
    const fields = Object.entries(to);
    if (fields.length === 0 || (await this.#raise(fields))) return;
    // One of them stands there or further on already: the others may not.
    for (const field of fields) await this.#raise([field]);
  }

  #commitWrites(expected: LogHead, { first, recordedAt, entries }: Segment, seal: Seal, text: string) {
    const segment = {
      TableName: this.#at.table,
      Item: { ...segmentKey(first), recordedAt: { S: recordedAt }, entries: { S: text } },
      ConditionExpression: "attribute_not_exists(pk)",
    };
    const values: Item = {
      ":size": { N: String(first + entries.length) },
      ":recordedAt": { S: recordedAt },
      ":frontier": { S: seal.frontier.join(" ") },
      ":checkpoint": { S: seal.checkpoint },
    };
    const head = {
      TableName: this.#at.table,
      Key: keyItem(HEAD, HEAD),
      UpdateExpression: "SET #size = :size, recordedAt = :recordedAt, frontier = :frontier, checkpoint = :checkpoint",
      ExpressionAttributeNames: { "#size": "size" },
      ...(expected.size === 0
        ? {
            ConditionExpression: "attribute_not_exists(#size)",
            ExpressionAttributeValues: values,
          }
        : {
            ConditionExpression: "#size = :expected",
            ExpressionAttributeValues: { ...values, ":expected": { N: String(expected.size) } },
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

  /** Moves all of these numbers of the head forward; `false`, and none is moved, when one stands there or further on. */
  async #raise(fields: readonly (readonly [string, number])[]): Promise<boolean> {
    const { client, table } = this.#at;
    const forward = fields.map(([name]) => `(attribute_not_exists(${name}) OR ${name} < :${name})`);
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyItem(HEAD, HEAD),
      UpdateExpression: `SET ${fields.map(([name]) => `${name} = :${name}`).join(", ")}`,
      ConditionExpression: forward.join(" AND "),
      ExpressionAttributeValues: Object.fromEntries(fields.map(([name, value]) => [`:${name}`, { N: String(value) }])),
    });
    try {
      await callAws(async () => client.send(command));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return false;
    }
  }
}

function segmentKey(first: number) {
  return keyItem(bucketPk(Math.floor(first / BUCKET_ENTRIES_COUNT)), padded(first, SEQUENCE_DIGITS));
}

function bucketPk(bucket: number): string {
  return `segment#${bucket}`;
}

/** Tiles of level 0 in partitions of 1,024. */
function tileKey(index: number) {
  return keyItem(`tile#${Math.floor(index / TILES_PER_PARTITION_COUNT)}`, padded(index, SEQUENCE_DIGITS));
}

/** The partition of what lies below one tile of a level from 1 on: at most 256 small items. */
function subtreePk(level: number, index: number): string {
  return `subtree#${level}#${index}`;
}

function pointerPk(stream: StreamName): string {
  return `pointer#${stream}`;
}
