import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { HTTP_PATHS, QUEUES, RULES, STREAM_CONSUMERS, type StreamConsumerName } from "@on-record/core/wiring";
import type { SQSEvent } from "aws-lambda";
import { startBus, type Bus, type Rule } from "./bus.ts";
import { connectEndpoint, startEngine, type Engine, type EngineEnd } from "./engine.ts";
import { FUNCTIONS } from "./functions.ts";
import { startFront, type ApiHandler } from "./http-front.ts";
import { invoke, type LambdaHandler } from "./invoke.ts";
import { openLocalTable, type LocalTable } from "./local-table.ts";
import { startLoop, systemClock, type Loop } from "./loops.ts";
import { openQueues, type Queues } from "./queues.ts";
import { startSqsConsumer } from "./queue-worker.ts";
import { announceRunning } from "./running.ts";
import type { LocalSettings } from "./settings.ts";
import { startStreamPump } from "./stream-pump.ts";
import { clientConfig, TABLE_NAMES } from "./tables.ts";

/** The bus's name here; rules of subscribers name it too. */
export const BUS_NAME = "on-record";

/** A running one-machine ledger. */
export interface Ledger {
  readonly url: string;
  /** For rules of one's own. */
  readonly bus: Bus;
  readonly queues: Queues;
  /** Resolves when the engine has gone for good. */
  readonly ended: Promise<EngineEnd>;
  /** Finishes what is in hand, then ends everything. */
  stop(): Promise<void>;
}

export type Log = (message: string, error?: unknown) => void;

const DAY_MS = 86_400_000;
/** Stream records are pruned after a day; a ledger that slept longer than this looks for what no record announces. */
const SLEPT_LONG_MS = 20 * 3_600_000;
const SEEN_EVERY_MS = 600_000;
const LAST_SEEN = { pk: "host", sk: "last-seen" };
const RECOVER_TIMEOUT_MS = 3_600_000;

/** Tells the handlers, which read the environment at their first call, where everything is. */
function tellHandlers(engine: Engine, bus: Bus, settings: LocalSettings): void {
  const { token, ledgerKey, logSigningKeys, logVerifierKeys } = settings;
  Object.assign(process.env, {
    AWS_REGION: process.env["AWS_REGION"] ?? "us-east-1",
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint,
    ON_RECORD_EVENTS_TABLE: TABLE_NAMES.events,
    ON_RECORD_LOG_TABLE: TABLE_NAMES.log,
    ON_RECORD_VIEWS_TABLE: TABLE_NAMES.views,
    ON_RECORD_CONTROL_TABLE: TABLE_NAMES.control,
    ON_RECORD_BUS: BUS_NAME,
    ON_RECORD_LEDGER_KEY: ledgerKey,
    ON_RECORD_LOG_SIGNING_KEYS: logSigningKeys,
    ON_RECORD_LOG_VERIFIER_KEYS: logVerifierKeys,
    ON_RECORD_TOKEN: token,
  });
}

/** The embedded engine checks no credentials: whatever the person has for AWS is not used, and cannot have expired. */
function useLocalCredentials(): void {
  for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN"]) delete process.env[name];
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
}

/** Streams and queues, pumped into their functions. A write that passed here is looked for at once. */
function startPumps(engine: Engine, table: LocalTable, queues: Queues, log: Log) {
  const streams = new DynamoDBStreamsClient(clientConfig(engine.endpoint));
  const failed = (name: string) => (error: unknown) => log(`${name} failed and will be tried again`, error);
  const pump = (name: StreamConsumerName, handler: (typeof FUNCTIONS)[StreamConsumerName]): Loop => {
    const { table: source, batchSize, filters } = STREAM_CONSUMERS[name];
    const tableName = TABLE_NAMES[source];
    return startStreamPump({
      name,
      tableName,
      streams,
      table,
      queues,
      handler,
      batchSize,
      filters,
      onError: failed(name),
    });
  };
  const events = pump("sequence", FUNCTIONS.sequence);
  const views = pump("publish-changes", FUNCTIONS["publish-changes"]);
  const workers = Object.entries(QUEUES).map(([queue, { handler, ...settings }]) => {
    const run: LambdaHandler<SQSEvent, void> = async (event, context) => {
      const handle: LambdaHandler<SQSEvent> = FUNCTIONS[handler];
      await handle(event, context);
      views.nudge();
    };
    return startSqsConsumer(run, { queues, queue, functionName: handler, ...settings, onError: failed(handler) });
  });
  return { events, loops: [events, views, ...workers] };
}

/**
 * What a schedule does on AWS. A crash may have left work whose wake-up is gone: the sequencer and the projections
 * finish it at the start. After a long sleep the whole Events table is looked through.
 */
async function finishWhatWasLeft(table: LocalTable, queues: Queues, log: Log): Promise<void> {
  const seen = await table.get(LAST_SEEN);
  const sleptMs = seen === undefined ? 0 : Date.now() - Number(seen["at"]);
  if (sleptMs > SLEPT_LONG_MS) {
    log(`The ledger slept for ${Math.round(sleptMs / 3_600_000)} hours: looking for events that nothing announced.`);
    await invoke(FUNCTIONS.recover, {}, { functionName: "recover", timeoutMs: RECOVER_TIMEOUT_MS });
  } else {
    await invoke(FUNCTIONS.sequence, { Records: [] }, { functionName: "sequence", timeoutMs: RECOVER_TIMEOUT_MS });
  }
  await invoke(
    FUNCTIONS["publish-changes"],
    { Records: [] },
    { functionName: "publish-changes", timeoutMs: RECOVER_TIMEOUT_MS },
  );
  await queues.send(RULES["wake-projections"].queue, ["{}"]);
}

/**
 * Finishes what was left, trying again until it has succeeded; only from then on does the ledger count as seen.
 * Otherwise a search that failed would not be made up for at the next start either.
 */
function startPresence(table: LocalTable, queues: Queues, log: Log): Loop {
  let finished = false;
  const step = async () => {
    if (!finished) await finishWhatWasLeft(table, queues, log);
    finished = true;
    // On AWS a schedule: what was erased is looked at once more when nothing can bring it back.
    await queues.send(RULES["wake-erasure"].queue, ["{}"]);
    await table.put({ ...LAST_SEEN, at: Date.now() });
    return { ms: SEEN_EVERY_MS };
  };
  return startLoop(step, {
    clock: systemClock,
    onError: (error) => log("what was left could not be finished and will be tried again", error),
  });
}

/** The function that answers at a path, as API Gateway's routes say. */
function functionAt(path: string): "api" | (typeof HTTP_PATHS)[keyof typeof HTTP_PATHS] {
  const paths: Readonly<Record<string, (typeof HTTP_PATHS)[keyof typeof HTTP_PATHS]>> = HTTP_PATHS;
  return Object.hasOwn(HTTP_PATHS, path) ? (paths[path] ?? "api") : "api";
}

/**
 * Starts the cloud on one machine: engine, bus, pumps and the API, around the same handlers that run on Lambda.
 *
 * @param subscriptions rules that hold from the first event on: what a killed ledger left to publish goes out at the
 *   start, before a rule could be added to the bus that this gives.
 */
export async function startLedger(
  settings: LocalSettings,
  log: Log,
  subscriptions: readonly Rule[] = [],
): Promise<Ledger> {
  const given = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
  const hasOwn = process.env["AWS_ACCESS_KEY_ID"] !== undefined || process.env["AWS_PROFILE"] !== undefined;
  // Another endpoint may check them; one that is given without any does not.
  if (!given || !hasOwn) useLocalCredentials();
  const engine = given ? await connectEndpoint(given) : await startEngine({ folder: settings.folder, log });
  const table = openLocalTable(new DynamoDBClient(clientConfig(engine.endpoint)), TABLE_NAMES.local);
  const queues = openQueues(table);
  const onError = (error: unknown) => log("the bus failed", error);
  const rules = Object.entries(RULES).map(([name, { pattern, queue }]) => {
    return { name, busName: BUS_NAME, pattern, target: { queue } };
  });
  const bus = await startBus({ queues, rules: [...rules, ...subscriptions], onError });
  tellHandlers(engine, bus, settings);
  const forget = announceRunning(settings.folder, { endpoint: engine.endpoint });
  const { events, loops } = startPumps(engine, table, queues, log);
  const api: ApiHandler = async (event) => {
    const answer = await FUNCTIONS[functionAt(event.rawPath)](event);
    if (event.requestContext.http.method !== "GET") events.nudge();
    return answer;
  };
  const stopBehindTheFront = async (): Promise<void> => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await bus.stop();
    forget();
    await engine.stop();
  };
  const { host, port } = settings;
  const front = await startFront({ host, port, handler: api, log }).catch(async (error: unknown) => {
    await stopBehindTheFront();
    throw error;
  });
  announceRunning(settings.folder, { endpoint: engine.endpoint, url: front.url });
  const presence = startPresence(table, queues, log);
  const daily = setInterval(
    () => void engine.maintain().catch((error: unknown) => log("maintenance failed", error)),
    DAY_MS,
  );
  return {
    url: front.url,
    bus,
    queues,
    ended: engine.exited,
    async stop() {
      clearInterval(daily);
      await front.close();
      await presence.stop();
      await stopBehindTheFront();
    },
  };
}
