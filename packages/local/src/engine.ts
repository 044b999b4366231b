import { mkdirSync, realpathSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { findEngineBinary } from "./engine-binary.ts";
import { endStray, startChild, type EngineChild } from "./engine-child.ts";
import { careForStreams } from "./engine-files.ts";
import { lockFolder } from "./engine-lock.ts";
import { freePort } from "./engine-port.ts";
import { clientConfig, createTables } from "./tables.ts";

const FIRST_BACKOFF_MS = 20;
const MAX_BACKOFF_MS = 2_000;
const MAX_STARTS_IN_A_ROW = 10;
/** An engine that ran this long was healthy: its crash is not one more of a row of failed starts. */
const HEALTHY_MS = 10_000;

/** Why there is no engine any more: it was stopped, or it could not be kept running. */
export type EngineEnd = { readonly reason: "stopped" } | { readonly reason: "failed"; readonly error: Error };

/** A running DynamoDB-compatible endpoint with the ledger's tables in it. */
export interface Engine {
  readonly endpoint: string;
  /** The engine's process now (a restart changes it); 0 for an endpoint that is not ours. */
  readonly pid: number;
  /** Resolves when the engine has gone for good; never rejects. A crash that was repaired does not count. */
  readonly exited: Promise<EngineEnd>;
  /** Ends the engine and frees the folder. */
  stop(): Promise<void>;
  /** Prunes old stream records. The endpoint is away for a fraction of a second meanwhile: callers retry. */
  maintain(): Promise<void>;
}

/** Where the ledger lives, and who hears of crashes and restarts. */
export interface EngineOptions {
  readonly folder: string;
  readonly log?: (message: string) => void;
}

/**
 * Starts the embedded engine on a folder: durable, on a random loopback port, its tables made and its streams indexed.
 * It dies with this process, however that ends, and is started again when it crashes by itself.
 *
 * @throws an Error that names the remedy: no binary, or another live ledger on the folder.
 */
export async function startEngine({ folder, log = () => undefined }: EngineOptions): Promise<Engine> {
  const binary = findEngineBinary();
  mkdirSync(folder, { recursive: true });
  const place = realpathSync(folder); // one spelling of the path, for the lock and for the engine's command line
  const lock = lockFolder(place);
  let engine: SupervisedEngine | undefined;
  try {
    engine = await firstStart(binary, place, log);
    const client = new DynamoDBClient(clientConfig(engine.endpoint));
    await createTables(client).finally(() => client.destroy());
  } catch (error) {
    await engine?.stop();
    lock.release();
    throw error;
  }
  void engine.exited.then(() => lock.release());
  return engine;
}

/** The same `Engine` over an endpoint that somebody else runs (`AWS_ENDPOINT_URL_DYNAMODB`): only the tables are ours. */
export async function connectEndpoint(endpoint: string): Promise<Engine> {
  const client = new DynamoDBClient(clientConfig(endpoint));
  try {
    await createTables(client);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`The tables could not be made at AWS_ENDPOINT_URL_DYNAMODB=${endpoint}: ${why}`, { cause: error });
  } finally {
    client.destroy();
  }
  const { promise: exited, resolve } = deferred<EngineEnd>();
  return {
    endpoint,
    pid: 0,
    exited,
    stop: async () => resolve({ reason: "stopped" }),
    maintain: async () => undefined,
  };
}

async function firstStart(binary: string, folder: string, log: (message: string) => void): Promise<SupervisedEngine> {
  const port = await freePort();
  const start = () => startChild({ binary, folder, port });
  await endStray(folder);
  if (!careForStreams(folder).indexed) {
    // A new folder: the engine makes its schema at its first start, and only then is there something to index.
    const first = await start();
    await first.stop();
    if (!careForStreams(folder).indexed) {
      log(
        `engine: ${binary} keeps its stream records unlike 1.2.1; they cannot be indexed and will slow down as they grow`,
      );
    }
  }
  return new SupervisedEngine(await start(), start, { folder, port, log });
}

interface Setting {
  readonly folder: string;
  readonly port: number;
  readonly log: (message: string) => void;
}

class SupervisedEngine implements Engine {
  readonly endpoint: string;
  readonly exited: Promise<EngineEnd>;
  readonly #end: (end: EngineEnd) => void;
  readonly #start: () => Promise<EngineChild>;
  readonly #setting: Setting;
  #child: EngineChild;
  #startedAt = 0;
  #startsInARow = 0;
  #stopping = false;
  #ended = false;
  /** Stops, maintenance and restarts, one after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(child: EngineChild, start: () => Promise<EngineChild>, setting: Setting) {
    const { promise, resolve } = deferred<EngineEnd>();
    this.endpoint = `http://127.0.0.1:${setting.port}`;
    this.exited = promise;
    this.#end = resolve;
    this.#start = start;
    this.#setting = setting;
    this.#child = child;
    this.#watch(child);
  }

  get pid(): number {
    return this.#child.pid;
  }

  stop(): Promise<void> {
    this.#stopping = true; // at once, so that a row of restarts does not have to run out first
    return this.#inTurn(async () => {
      if (this.#ended) return;
      this.#ended = true;
      await this.#child.stop();
      this.#end({ reason: "stopped" });
    });
  }

  maintain(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#ended || this.#stopping) return;
      await this.#child.stop();
      this.#startsInARow = 0;
      try {
        const { pruned } = careForStreams(this.#setting.folder);
        if (pruned > 0) this.#setting.log(`engine: ${pruned} old stream records pruned`);
      } finally {
        await this.#startAgain();
      }
    });
  }

  #watch(child: EngineChild): void {
    this.#child = child;
    this.#startedAt = Date.now();
    void child.exited.then(({ code, stderr }) =>
      this.#inTurn(async () => {
        // Ended by our own hand, or seen to already: a later turn put another in its place.
        if (this.#ended || this.#child !== child) return;
        this.#setting.log(`engine: process ${child.pid} ended by itself (${code ?? "killed"}) ${stderr}`.trimEnd());
        if (Date.now() - this.#startedAt > HEALTHY_MS) this.#startsInARow = 0;
        await this.#startAgain();
      }),
    );
  }

  /** On the same port, with more patience each time; gives up at the bound and says so through `exited`. */
  async #startAgain(): Promise<void> {
    let error: unknown;
    while (!this.#stopping) {
      if (this.#startsInARow >= MAX_STARTS_IN_A_ROW) return this.#giveUp(error);
      if (this.#startsInARow > 0) await sleep(Math.min(FIRST_BACKOFF_MS * 2 ** this.#startsInARow, MAX_BACKOFF_MS));
      this.#startsInARow += 1;
      try {
        this.#watch(await this.#start());
        return;
      } catch (caught) {
        error = caught;
        this.#setting.log(`engine: ${String(caught)}`);
      }
    }
  }

  #giveUp(cause: unknown): void {
    this.#ended = true;
    const message = `The engine on ${this.#setting.folder} could not be kept running; nothing acknowledged is lost. Start the ledger again.`;
    this.#end({ reason: "failed", error: new Error(message, { cause }) });
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#work.then(task);
    this.#work = turn.catch(() => undefined);
    return turn;
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
