import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { compilePattern, type Matcher } from "./event-pattern/compile-pattern.ts";
import type { LambdaHandler } from "./invoke.ts";
import { systemClock, type Backoff, type Clock, type Loop } from "./loops.ts";
import { readPutEvents, RequestRefused, shortBusName, type BusEvent } from "./put-events.ts";
import { startFunctionConsumer } from "./queue-worker.ts";
import type { Queues } from "./queues.ts";

/** Where a rule's events go: a queue (the body is the event as JSON), or a function that receives the event itself. */
export type RuleTarget =
  | { readonly queue: string }
  | {
      /** Names the function's queue, so it must be the same after a restart. */
      readonly functionName: string;
      readonly handler: LambdaHandler<BusEvent>;
      readonly timeoutSeconds?: number;
      /** The wait before each of the two further tries. */
      readonly backoff?: Backoff;
    };

export interface Rule {
  readonly name: string;
  /** Without it, the account's default bus. */
  readonly busName?: string;
  /** An EventBridge event pattern. */
  readonly pattern: unknown;
  readonly target: RuleTarget;
}

export interface RuleHandle {
  /** Ends the rule. What its function has not handled yet stays, for the next rule with that function's name. */
  remove(): Promise<void>;
}

export interface BusOptions {
  readonly queues: Queues;
  readonly rules?: readonly Rule[];
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly clock?: Clock;
  /** Told of what could not be stored and of what a function throws. */
  readonly onError: (error: unknown) => void;
}

export interface Bus {
  /** For `AWS_ENDPOINT_URL_EVENTBRIDGE`. */
  readonly endpoint: string;
  /** @throws InvalidPatternError for a bad pattern, and an error when a rule of that name exists. */
  addRule(rule: Rule): RuleHandle;
  /** Answers what has come in, finishes what functions have in hand, then ends. */
  stop(): Promise<void>;
}

interface ActiveRule {
  readonly busName: string;
  readonly matches: Matcher;
  readonly queue: string;
  readonly consumer: Loop | undefined;
}

const FUNCTION_TRIES = 3;
const FUNCTION_BATCH = 10;
const FUNCTION_TIMEOUT_SECONDS = 60;
const FUNCTION_BACKOFF: Backoff = { baseMs: 500, capMs: 5_000 };
/** Escapes can make a body of 1 MB of entries six times as long. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/** EventBridge's `PutEvents` on loopback: an event that was accepted is on every matching rule's queue, durably. */
export async function startBus(options: BusOptions): Promise<Bus> {
  const { queues, clock = systemClock, onError } = options;
  const rules = new Map<string, ActiveRule>();

  const addRule = (rule: Rule): RuleHandle => {
    if (rules.has(rule.name)) throw new Error(`rule ${rule.name} exists already`);
    const matches = compilePattern(rule.pattern);
    const active = {
      busName: shortBusName(rule.busName),
      matches,
      ...startTarget(rule.target, { queues, clock, onError }),
    };
    rules.set(rule.name, active);
    return {
      async remove() {
        rules.delete(rule.name);
        await active.consumer?.stop();
      },
    };
  };
  const putEvents = async (body: string): Promise<unknown> => {
    const outcomes = readPutEvents(body, clock.now());
    const sends = outcomes.flatMap((outcome) =>
      "event" in outcome ? deliveries(rules.values(), outcome.busName, outcome.event) : [],
    );
    await queues.sendAll(sends);
    const entries = outcomes.map((outcome) => ("event" in outcome ? { EventId: outcome.event.id } : outcome));
    return { FailedEntryCount: outcomes.filter((outcome) => !("event" in outcome)).length, Entries: entries };
  };

  for (const rule of options.rules ?? []) addRule(rule);
  const server = createServer((request, response) => void serve(request, response, putEvents, onError));
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the bus has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    addRule,
    async stop() {
      const closed = once(server, "close");
      server.close();
      await closed;
      for (const { consumer } of rules.values()) await consumer?.stop();
    },
  };
}

function startTarget(
  target: RuleTarget,
  shared: { queues: Queues; clock: Clock; onError: (error: unknown) => void },
): Pick<ActiveRule, "queue" | "consumer"> {
  if ("queue" in target) return { queue: target.queue, consumer: undefined };
  const { functionName, handler, timeoutSeconds = FUNCTION_TIMEOUT_SECONDS, backoff = FUNCTION_BACKOFF } = target;
  const queue = `function/${functionName}`;
  const consumer = startFunctionConsumer(handler, {
    ...shared,
    queue,
    functionName,
    batchSize: FUNCTION_BATCH,
    visibilitySeconds: timeoutSeconds,
    maxReceives: FUNCTION_TRIES,
    backoff,
  });
  return { queue, consumer };
}

function deliveries(rules: Iterable<ActiveRule>, busName: string, event: BusEvent): { queue: string; body: string }[] {
  const body = JSON.stringify(event);
  return [...rules]
    .filter((rule) => rule.busName === busName && rule.matches(event))
    .map(({ queue }) => ({ queue, body }));
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  putEvents: (body: string) => Promise<unknown>,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const target = request.headers["x-amz-target"];
    const body = await readBody(request);
    // A browser names the page's origin; no page has business here, whatever it found the port by.
    if (request.headers.origin !== undefined)
      return answer(response, 403, { __type: "AccessDeniedException", message: "Not for web pages." });
    if (target !== "AWSEvents.PutEvents") return answer(response, 400, { __type: "UnknownOperationException" });
    answer(response, 200, await putEvents(body));
  } catch (error) {
    if (error instanceof RequestRefused) return answer(response, 400, { __type: error.code, message: error.message });
    onError(error);
    answer(response, 500, { __type: "InternalException", message: "The event could not be stored." });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    // Read on without keeping it: an answer sent before the request has ended may never be seen.
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (length > MAX_BODY_BYTES)
    throw new RequestRefused("RequestEntityTooLargeException", "The request body is too large.");
  return Buffer.concat(chunks).toString("utf8");
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() });
  response.end(JSON.stringify(body));
}
