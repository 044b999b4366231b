import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "./engine.ts";
import { openLocalTable } from "./local-table.ts";
import { openQueues, type Queues } from "./queues.ts";
import { clientConfig, TABLE_NAMES } from "./tables.ts";

const FILE = "running.json";
const DATABASE = "ledger.db";

/** Where a running ledger is reached: its engine, and its API once that listens. */
export interface Addresses {
  endpoint: string;
  url?: string;
}

/** Leaves word, in the data folder, of where the running ledger is reached; gives back how to remove it. */
export function announceRunning(folder: string, { endpoint, url }: Addresses): () => void {
  const path = join(folder, FILE);
  // Read by others at any time: it is there as a whole.
  writeFileSync(`${path}.tmp`, JSON.stringify({ endpoint, url }), { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
  return () => rmSync(path, { force: true });
}

function announced(folder: string): Addresses | undefined {
  const path = join(folder, FILE);
  if (!existsSync(path)) return undefined;
  const written: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof written !== "object" || written === null || !("endpoint" in written)) return undefined;
  const url = "url" in written && typeof written.url === "string" ? { url: written.url } : {};
  return { endpoint: String(written.endpoint), ...url };
}

/** Whether somebody listens at an address. Who only takes long is there: a machine may be busy. */
async function answers(address: string): Promise<boolean> {
  const limit = AbortSignal.timeout(1_000);
  try {
    await fetch(address, { signal: limit });
    return true;
  } catch {
    return limit.aborted;
  }
}

/** Where the ledger in a folder answers over HTTP; `undefined` while it is not running. */
export async function runningUrl(folder: string): Promise<string | undefined> {
  const url = announced(folder)?.url;
  return url !== undefined && (await answers(`${url}/health`)) ? url : undefined;
}

/** Where the engine of the ledger in a folder listens; `undefined` while it is not running. */
export async function runningEngine(folder: string): Promise<string | undefined> {
  const endpoint = announced(folder)?.endpoint;
  return endpoint !== undefined && (await answers(endpoint)) ? endpoint : undefined;
}

/** A client of a ledger's engine, and how to be done with it. */
export interface OpenEngine {
  client: DynamoDBClient;
  close: () => Promise<void>;
}

/**
 * The engine of the ledger in a folder: the running one, or one started for the purpose.
 *
 * @throws an Error when the folder holds no ledger.
 */
export async function openEngineOf(folder: string): Promise<OpenEngine> {
  const running = await runningEngine(folder);
  if (running === undefined && !existsSync(join(folder, DATABASE)))
    throw new Error(`there is no ledger in ${folder}: name its folder with --data`);
  const engine = running === undefined ? await startEngine({ folder }) : undefined;
  const client = new DynamoDBClient(clientConfig(engine?.endpoint ?? running ?? ""));
  return {
    client,
    async close() {
      client.destroy();
      await engine?.stop();
    },
  };
}

/** The queues of the ledger in a folder, whether it is running or not. Throws as `openEngineOf` does. */
export async function openQueuesOf(folder: string): Promise<{ queues: Queues; close: () => Promise<void> }> {
  const { client, close } = await openEngineOf(folder);
  return { queues: openQueues(openLocalTable(client, TABLE_NAMES.local)), close };
}
