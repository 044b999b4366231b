import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  TrimmedDataAccessException,
  type DynamoDBStreamsClient,
  type _Record as SdkRecord,
} from "@aws-sdk/client-dynamodb-streams";
import type { AttributeValue as SdkValue } from "@aws-sdk/client-dynamodb-streams";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { LOCAL_REGION } from "./invoke.ts";

/** Reads one table's stream forward, in the shape that Lambda gives to functions. */
export interface StreamReader {
  /** The next records, in order; empty at the tip. After an error it takes up where it was. */
  next(): Promise<DynamoDBRecord[]>;
}

const PAGE_RECORDS = 1000;

/**
 * Starts after the sequence number or, without one or where it was trimmed, at the oldest record. The embedded engine
 * has one shard per table, which never ends whatever its EndingSequenceNumber says.
 */
export function openStreamReader(
  streams: DynamoDBStreamsClient,
  tableName: string,
  after: string | undefined,
): StreamReader {
  let position = after;
  let arn: string | undefined;
  let iterator: string | undefined;
  return {
    async next() {
      arn ??= await streamArn(streams, tableName);
      iterator ??= await openIterator(streams, arn, position);
      // Whatever goes wrong from here, the next call opens a fresh iterator at the same place.
      const current = iterator;
      iterator = undefined;
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: current, Limit: PAGE_RECORDS }));
      const streamArnOfPage = arn;
      const records = (page.Records ?? []).map((record) => toLambdaRecord(record, streamArnOfPage));
      position = records.at(-1)?.dynamodb?.SequenceNumber ?? position;
      iterator = page.NextShardIterator;
      return records;
    },
  };
}

async function streamArn(streams: DynamoDBStreamsClient, tableName: string): Promise<string> {
  const { Streams } = await streams.send(new ListStreamsCommand({ TableName: tableName }));
  const arn = Streams?.at(-1)?.StreamArn;
  if (arn === undefined) throw new Error(`table ${tableName} has no stream`);
  return arn;
}

async function openIterator(streams: DynamoDBStreamsClient, arn: string, after: string | undefined): Promise<string> {
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: arn }));
  const shard = StreamDescription?.Shards?.[0]?.ShardId;
  if (shard === undefined) throw new Error(`${arn} has no shard`);
  const open = async (
    from:
      | { ShardIteratorType: "TRIM_HORIZON" }
      | { ShardIteratorType: "AFTER_SEQUENCE_NUMBER"; SequenceNumber: string },
  ) => {
    const { ShardIterator } = await streams.send(
      new GetShardIteratorCommand({ StreamArn: arn, ShardId: shard, ...from }),
    );
    if (ShardIterator === undefined) throw new Error(`${arn} gave no iterator`);
    return ShardIterator;
  };
  if (after === undefined) return open({ ShardIteratorType: "TRIM_HORIZON" });
  try {
    return await open({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: after });
  } catch (error) {
    if (error instanceof TrimmedDataAccessException) return open({ ShardIteratorType: "TRIM_HORIZON" });
    throw error;
  }
}

function toLambdaRecord(record: SdkRecord, arn: string): DynamoDBRecord {
  const {
    Keys,
    NewImage,
    OldImage,
    ApproximateCreationDateTime: created,
    SequenceNumber,
    SizeBytes,
    StreamViewType,
  } = record.dynamodb ?? {};
  return {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion ?? "1.1",
    eventSource: "aws:dynamodb",
    // The embedded engine puts its own name here.
    awsRegion: LOCAL_REGION,
    dynamodb: {
      ...(created !== undefined && { ApproximateCreationDateTime: Math.floor(created.getTime() / 1000) }),
      ...(Keys !== undefined && { Keys: toLambdaMap(Keys) }),
      ...(NewImage !== undefined && { NewImage: toLambdaMap(NewImage) }),
      ...(OldImage !== undefined && { OldImage: toLambdaMap(OldImage) }),
      SequenceNumber,
      SizeBytes,
      StreamViewType,
    },
    eventSourceARN: arn,
  };
}

function toLambdaMap(map: Record<string, SdkValue>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, toLambdaValue(value)]));
}

/** The same value; only binary differs: the SDK gives bytes, Lambda base64. */
function toLambdaValue(value: SdkValue): AttributeValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.M !== undefined) return { M: toLambdaMap(value.M) };
  if (value.L !== undefined) return { L: value.L.map(toLambdaValue) };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  return { NULL: true };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
