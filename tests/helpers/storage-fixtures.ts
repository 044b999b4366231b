import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { randomBytes, randomUUID } from "node:crypto";
import { PrincipalId } from "@on-record/core/domain/ids";
import { instantOf, type Instant } from "@on-record/core/domain/time";
import { saltedDigest } from "@on-record/core/log/digest";
import { envelopeOf, eventIdOf, StreamName, type LogEntry, type StoredEvent } from "@on-record/core/log/envelope";
import { EMPTY_HEAD, type LogHead, type LogStore, type Seal, type Segment } from "@on-record/core/log/ports";
import type { DynamoTable } from "@on-record/core/storage/dynamo-table";
import { startTestEngine, type TestEngine } from "./engine-for-tests.ts";

/** A stream that nothing else uses. */
export function freshStream(): StreamName {
  return StreamName.parse(`statement/st_${randomBytes(8).toString("hex")}`);
}

/** A whole event with its own salt; the store does not look into `data`. */
export function sampleEvent(stream: StreamName, version: number, data: unknown = { reason: "mistyped" }): StoredEvent {
  const salt = randomBytes(16).toString("base64url");
  return {
    id: eventIdOf(stream, version),
    stream,
    version,
    type: "StatementCorrected",
    schemaVersion: 2,
    receivedAt: instantOf(Date.UTC(2025, 7, 19, 12)),
    recordedBy: PrincipalId.parse("newsroom.desk-1"),
    requestId: randomUUID(),
    digest: saltedDigest(salt, data),
    data,
    salt,
    requestDigest: randomBytes(32).toString("base64url"),
  };
}

/** The moment at which sample segments enter the log, a second apart by their first number. */
export function momentOf(first: number): Instant {
  return instantOf(Date.UTC(2025, 7, 19) + first * 1000);
}

/** Entries for a segment from `first`: versions 1 to `count` of one stream. */
export function sampleSegment(first: number, count: number, stream = freshStream()): Segment {
  const recordedAt = momentOf(first);
  const entries = Array.from({ length: count }, (_, at): LogEntry => {
    return { ...envelopeOf(sampleEvent(stream, at + 1)), sequence: first + at, recordedAt };
  });
  return { first, recordedAt, entries };
}

/** A head as it stands before a segment from `size`. */
export function headAt(size: number): LogHead {
  return { ...EMPTY_HEAD, size };
}

/** What the stores keep with a commit without looking into it. */
export const SEAL: Seal = { frontier: ["a", "b"], checkpoint: "a note\n" };

/** Commits sample segments of the given lengths behind the head, and gives them. */
export async function commitSegments(log: LogStore, ...lengths: number[]): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const length of lengths) {
    const head = await log.head();
    const segment = sampleSegment(head.size, length);
    if (!(await log.commit(head, segment, SEAL))) throw new Error("another committed");
    segments.push(segment);
  }
  return segments;
}

/** One engine for a test file, started when the first table is asked for. */
export class StorageEngine {
  #engine: Promise<TestEngine> | undefined;

  /** A new empty table. */
  async table(): Promise<DynamoTable & { client: DynamoDBClient }> {
    this.#engine ??= startTestEngine();
    const engine = await this.#engine;
    const table = `t-${randomUUID()}`;
    await engine.createTable(table);
    return { client: engine.client, table };
  }

  async stop(): Promise<void> {
    await (await this.#engine)?.stop();
  }
}
