import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "./engine.ts";
import { openLocalTable } from "./local-table.ts";
import { openQueues, type Queues } from "./queues.ts";
import { clientConfig, TABLE_NAMES } from "./tables.ts";

const FILE = "running.json";

/** Leaves word, in the data folder, of where the running ledger's engine listens; gives back how to remove it. */
export function announceRunning(folder: string, endpoint: string): () => void {
  const path = join(folder, FILE);
  writeFileSync(path, JSON.stringify({ endpoint }), { mode: 0o600 });
  return () => rmSync(path, { force: true });
}

function announcedEndpoint(folder: string): string | undefined {
  const path = join(folder, FILE);
  if (!existsSync(path)) return undefined;
  const written: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (typeof written !== "object" || written === null || !("endpoint" in written)) return undefined;
  return String(written.endpoint);
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(1_000) });
    return true;
  } catch {
    return false;
  }
}

/**
 * The queues of the ledger in a folder: through its running engine, or through one started for the purpose.
 *
 * @throws an Error when the folder holds no ledger.
 */
export async function openQueuesOf(folder: string): Promise<{ queues: Queues; close: () => Promise<void> }> {
  if (!existsSync(join(folder, "ledger.db")))
    throw new Error(`there is no ledger in ${folder}: name its folder with --data`);
  const announced = announcedEndpoint(folder);
  const running = announced !== undefined && (await answers(announced)) ? announced : undefined;
  const engine = running === undefined ? await startEngine({ folder }) : undefined;
  const client = new DynamoDBClient(clientConfig(engine?.endpoint ?? running ?? ""));
  return {
    queues: openQueues(openLocalTable(client, TABLE_NAMES.local)),
    async close() {
      client.destroy();
      await engine?.stop();
    },
  };
}
