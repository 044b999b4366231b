import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { compilePattern } from "./event-pattern/compile-pattern.ts";
import { invoke, reasonOf, type LambdaHandler } from "./invoke.ts";
import type { LocalTable } from "./local-table.ts";
import { backoffMs, startLoop, systemClock, type Backoff, type Clock, type Loop, type Pause } from "./loops.ts";
import { startQueueWorker } from "./queue-worker.ts";
import type { Queues } from "./queues.ts";
import { openStreamReader, type StreamReader } from "./stream-reader.ts";

export interface StreamPumpOptions {
  /** Names the checkpoint and the dead letters (`stream/<name>`), so it must be the same after a restart. */
  readonly name: string;
  readonly tableName: string;
  readonly streams: DynamoDBStreamsClient;
  readonly table: LocalTable;
  readonly queues: Queues;
  readonly handler: LambdaHandler<DynamoDBStreamEvent, DynamoDBBatchResponse | void>;
  readonly batchSize: number;
  /** Lambda event filters: a record is handed on if one matches; without any, every record is. */
  readonly filters?: readonly unknown[];
  readonly timeoutSeconds?: number;
  /** A record this old goes to the dead letters when it fails. A stream on AWS keeps records for 24 hours. */
  readonly maxRecordAgeMs?: number;
  /** Between polls after records came; doubles on each empty poll up to `idlePollMs`. */
  readonly activePollMs?: number;
  readonly idlePollMs?: number;
  readonly backoff?: Backoff;
  readonly clock?: Clock;
  /** Told of what the handler throws and of what goes wrong with the stream; everything is tried again. */
  readonly onError: (error: unknown) => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_BACKOFF: Backoff = { baseMs: 100, capMs: 30_000 };
/** Records that no filter lets through move the stored checkpoint only this often: reading them again is harmless. */
const MAX_UNSAVED_RECORDS = 500;
const REDRIVE_TRIES = 5;
const REDRIVE_POLL_MS = 1_000;

/** DynamoDB stream → Lambda: batches in order, the checkpoint stored only after the handler has succeeded. */
export function startStreamPump(options: StreamPumpOptions): Loop {
  const { clock = systemClock, onError } = options;
  const pump = new StreamPump(options, clock);
  const loop = startLoop(() => pump.step(), { clock, onError });
  const redriven = startRedriveWorker(options);
  return {
    nudge: loop.nudge,
    async stop() {
      await Promise.all([loop.stop(), redriven.stop()]);
      await pump.saveProgress();
    },
  };
}

/** A redriven dead letter of the stream comes back as a batch of its one record. */
function startRedriveWorker(options: StreamPumpOptions): Loop {
  const { queues, name, clock, onError } = options;
  return startQueueWorker(
    async (messages) => {
      const failed = new Map<string, string>();
      for (const { id, body } of messages) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- buried below, from a record
        const record = JSON.parse(body) as DynamoDBRecord;
        const { done, reason } = await handleBatch([record], options);
        if (done === 0) failed.set(id, reason);
      }
      return failed;
    },
    {
      queues,
      queue: deadLetterQueue(name),
      batchSize: 1,
      visibilitySeconds: timeoutMs(options) / 1000,
      maxReceives: REDRIVE_TRIES,
      idlePollMs: REDRIVE_POLL_MS,
      ...(clock !== undefined && { clock }),
      onError,
    },
  );
}

class StreamPump {
  readonly #options: StreamPumpOptions;
  readonly #clock: Clock;
  readonly #wanted: (record: DynamoDBRecord) => boolean;
  #reader: StreamReader | undefined;
  /** Read, let through by the filters, not handled yet. */
  #pending: DynamoDBRecord[] = [];
  #readThrough: string | undefined;
  #unsaved = 0;
  #failures = 0;
  #emptyPolls = 0;

  constructor(options: StreamPumpOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    const matchers = (options.filters ?? []).map(compilePattern);
    this.#wanted = (record) => matchers.length === 0 || matchers.some((matches) => matches(record));
  }

  async step(): Promise<Pause> {
    if (this.#pending.length === 0 && !(await this.#read())) return this.#idle();
    if (this.#pending.length === 0) return { ms: 0 };
    const batch = this.#pending.slice(0, this.#options.batchSize);
    const { done, reason } = await handleBatch(batch, this.#options);
    if (done > 0) await this.#advance(done);
    if (done === batch.length) return { ms: 0 };
    const expired = await this.#buryExpired(batch.slice(done), reason);
    if (expired > 0) return { ms: 0 };
    this.#failures += 1;
    return { ms: backoffMs(this.#options.backoff ?? DEFAULT_BACKOFF, this.#failures), firm: true };
  }

  /** Stores how far filtered records have been read, so that a restart need not read them again. */
  async saveProgress(): Promise<void> {
    if (this.#pending.length === 0 && this.#unsaved > 0) await this.#save(this.#readThrough);
  }

  async #read(): Promise<boolean> {
    this.#reader ??= await this.#open();
    const records = await this.#reader.next();
    if (records.length === 0) return false;
    this.#emptyPolls = 0;
    this.#pending = records.filter(this.#wanted);
    this.#readThrough = sequenceOf(records.at(-1));
    this.#unsaved += records.length;
    if (this.#unsaved > MAX_UNSAVED_RECORDS) await this.saveProgress();
    return true;
  }

  async #open(): Promise<StreamReader> {
    const { streams, tableName, table } = this.#options;
    const stored = (await table.get(this.#checkpointKey()))?.["sequenceNumber"];
    return openStreamReader(streams, tableName, typeof stored === "string" ? stored : undefined);
  }

  #idle(): Pause {
    const { activePollMs = 25, idlePollMs = 250 } = this.#options;
    const ms = Math.min(idlePollMs, activePollMs * 2 ** Math.min(this.#emptyPolls, 20));
    this.#emptyPolls += 1;
    return { ms };
  }

  /** Stores the checkpoint first: if that fails the same records are handled again, never skipped. */
  async #advance(done: number): Promise<void> {
    const isAll = done === this.#pending.length;
    await this.#save(isAll ? this.#readThrough : sequenceOf(this.#pending[done - 1]));
    this.#pending.splice(0, done);
    this.#failures = 0;
  }

  async #save(sequenceNumber: string | undefined): Promise<void> {
    if (sequenceNumber === undefined) return;
    await this.#options.table.put({ ...this.#checkpointKey(), sequenceNumber });
    this.#unsaved = 0;
  }

  #checkpointKey(): { pk: string; sk: string } {
    return { pk: `checkpoint#${this.#options.name}`, sk: this.#options.tableName };
  }

  async #buryExpired(failed: readonly DynamoDBRecord[], reason: string): Promise<number> {
    const { queues, name, maxRecordAgeMs = DAY_MS } = this.#options;
    const now = this.#clock.now();
    const isYoung = (record: DynamoDBRecord): boolean => now - createdAt(record, now) < maxRecordAgeMs;
    const firstYoung = failed.findIndex(isYoung);
    const expired = firstYoung < 0 ? failed : failed.slice(0, firstYoung);
    for (const record of expired) {
      await queues.addDeadLetter({
        queue: deadLetterQueue(name),
        // The same after a crash before the checkpoint, so that it replaces itself.
        id: (sequenceOf(record) ?? "").padStart(20, "0"),
        body: JSON.stringify(record),
        reason,
        receives: this.#failures + 1,
        sentAt: createdAt(record, now),
        buriedAt: now,
      });
    }
    if (expired.length > 0) await this.#advance(expired.length);
    return expired.length;
  }
}

/** Resolves to how many records from the front of the batch are done: all before the lowest that failed. */
async function handleBatch(
  batch: readonly DynamoDBRecord[],
  options: StreamPumpOptions,
): Promise<{ done: number; reason: string }> {
  try {
    const invocation = { functionName: options.name, timeoutMs: timeoutMs(options) };
    const response = await invoke(options.handler, { Records: [...batch] }, invocation);
    const failures = response?.batchItemFailures ?? [];
    const indexes = failures.map(({ itemIdentifier }) =>
      batch.findIndex((record) => sameSequence(sequenceOf(record), itemIdentifier)),
    );
    // As on AWS, a failure that names no record of the batch fails it whole.
    const lowest = indexes.includes(-1) ? 0 : Math.min(batch.length, ...indexes);
    return { done: lowest, reason: "reported by the handler in batchItemFailures" };
  } catch (error) {
    options.onError(error);
    return { done: 0, reason: reasonOf(error) };
  }
}

function deadLetterQueue(name: string): string {
  return `stream/${name}`;
}

function timeoutMs({ timeoutSeconds = 60 }: StreamPumpOptions): number {
  return timeoutSeconds * 1000;
}

function sequenceOf(record: DynamoDBRecord | undefined): string | undefined {
  return record?.dynamodb?.SequenceNumber;
}

/** Sequence numbers are integers of any length; AWS's have leading zeros, the engine's have none. */
function sameSequence(a: string | undefined, b: string): boolean {
  return a !== undefined && /^\d+$/.test(a) && /^\d+$/.test(b) && BigInt(a) === BigInt(b);
}

function createdAt(record: DynamoDBRecord, otherwise: number): number {
  const seconds = record.dynamodb?.ApproximateCreationDateTime;
  return seconds === undefined ? otherwise : seconds * 1000;
}
