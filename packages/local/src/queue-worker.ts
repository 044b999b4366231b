import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { createHash } from "node:crypto";
import { invoke, LOCAL_ACCOUNT, LOCAL_REGION, reasonOf, type Invocation, type LambdaHandler } from "./invoke.ts";
import { backoffMs, startLoop, systemClock, type Backoff, type Clock, type Loop, type Pause } from "./loops.ts";
import type { QueueMessage } from "./queue-items.ts";
import type { Queues } from "./queues.ts";

/** Handles a batch; resolves to the messages that failed, by id, with the reason. */
export type BatchHandler = (messages: readonly QueueMessage[]) => Promise<ReadonlyMap<string, string>>;

export interface QueueWorkerOptions {
  readonly queues: Queues;
  readonly queue: string;
  readonly batchSize: number;
  readonly visibilitySeconds: number;
  readonly maxReceives: number;
  /** The wait before a failed message comes again; SQS would make it wait for its whole visibility timeout. */
  readonly backoff?: Backoff;
  /** How often to look when nothing was sent in this process: what another one redrives is found so. */
  readonly idlePollMs?: number;
  readonly clock?: Clock;
  /** Told of what a handler throws and of what goes wrong with the queue itself; everything is tried again. */
  readonly onError: (error: unknown) => void;
}

export interface QueueConsumerOptions extends QueueWorkerOptions {
  readonly functionName: string;
}

const DEFAULT_BACKOFF: Backoff = { baseMs: 200, capMs: 30_000 };
const DEFAULT_IDLE_POLL_MS = 250;

/**
 * Receives from a queue and hands batches on, one at a time. What failed comes again after a backoff and, after
 * `maxReceives`, goes to the dead letters. At its start it takes over what a killed process had in hand.
 */
export function startQueueWorker(handle: BatchHandler, options: QueueWorkerOptions): Loop {
  const { queues, queue, clock = systemClock, onError, idlePollMs = DEFAULT_IDLE_POLL_MS } = options;
  const receive = {
    max: options.batchSize,
    visibilityMs: options.visibilitySeconds * 1000,
    maxReceives: options.maxReceives,
  };
  let recovered = false;
  const step = async (): Promise<Pause> => {
    if (!recovered) await queues.recover(queue);
    recovered = true;
    const { messages, nextVisibleAt } = await queues.receive(queue, receive);
    if (messages.length > 0) {
      await settle(messages, await handle(messages), options);
      return { ms: 0 };
    }
    const untilVisible = nextVisibleAt === undefined ? idlePollMs : nextVisibleAt - clock.now();
    return { ms: Math.min(idlePollMs, Math.max(1, untilVisible)) };
  };
  const loop = startLoop(step, { clock, onError });
  const unsubscribe = queues.onSend(queue, loop.nudge);
  return {
    nudge: loop.nudge,
    stop() {
      unsubscribe();
      return loop.stop();
    },
  };
}

async function settle(
  messages: readonly QueueMessage[],
  failed: ReadonlyMap<string, string>,
  options: QueueWorkerOptions,
): Promise<void> {
  const { queues, maxReceives, backoff = DEFAULT_BACKOFF } = options;
  await queues.remove(messages.filter(({ id }) => !failed.has(id)));
  for (const message of messages) {
    const reason = failed.get(message.id);
    if (reason === undefined) continue;
    if (message.receives >= maxReceives) await queues.bury(message, reason);
    else await queues.retryLater(message, backoffMs(backoff, message.receives));
  }
}

/** SQS → Lambda with `ReportBatchItemFailures`: a throw, or a failure that names no message of the batch, fails it whole. */
export function startSqsConsumer(
  handler: LambdaHandler<SQSEvent, SQSBatchResponse | void>,
  options: QueueConsumerOptions,
): Loop {
  const invocation = invocationOf(options);
  const { onError } = options;
  return startQueueWorker(async (messages) => {
    const all = (reason: string): ReadonlyMap<string, string> => new Map(messages.map(({ id }) => [id, reason]));
    try {
      const event = { Records: messages.map(toSqsRecord) };
      const response = await invoke(handler, event, invocation);
      const ids = (response?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
      if (ids.some((id) => !messages.some((message) => message.id === id)))
        return all("the handler reported a failure of an unknown message");
      return new Map(ids.map((id) => [id, "reported by the handler in batchItemFailures"]));
    } catch (error) {
      onError(error);
      return all(reasonOf(error));
    }
  }, options);
}

/** An asynchronous Lambda invocation: the handler receives each message's body, parsed, by itself. */
export function startFunctionConsumer<Event>(handler: LambdaHandler<Event>, options: QueueConsumerOptions): Loop {
  const invocation = invocationOf(options);
  const { onError } = options;
  return startQueueWorker(async (messages) => {
    const failed = new Map<string, string>();
    const one = async ({ id, body }: QueueMessage): Promise<void> => {
      try {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the sender wrote it from an Event
        const event = JSON.parse(body) as Event;
        await invoke(handler, event, invocation);
      } catch (error) {
        onError(error);
        failed.set(id, reasonOf(error));
      }
    };
    await Promise.all(messages.map(one));
    return failed;
  }, options);
}

function invocationOf({ functionName, visibilitySeconds }: QueueConsumerOptions): Invocation {
  return { functionName, timeoutMs: visibilitySeconds * 1000 };
}

function toSqsRecord({ id, queue, body, receives, sentAt, firstReceivedAt, item }: QueueMessage): SQSRecord {
  return {
    messageId: id,
    receiptHandle: item.sk,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: "local",
      ApproximateFirstReceiveTimestamp: String(firstReceivedAt),
    },
    messageAttributes: {},
    md5OfBody: createHash("md5").update(body).digest("hex"),
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${LOCAL_REGION}:${LOCAL_ACCOUNT}:${queue}`,
    awsRegion: LOCAL_REGION,
  };
}
