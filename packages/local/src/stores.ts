import { mkdirSync } from "node:fs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LogStore, StreamStore, ViewStore, ViewUpkeep } from "@on-record/core/log/ports";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import type { TableName } from "@on-record/core/wiring";
import { startEngine } from "./engine.ts";
import { openEngineOf, runningEngine, type OpenEngine } from "./running.ts";
import { localSettings, placeSecrets, type GivenSecrets, type LocalSettings } from "./settings.ts";
import { clientConfig, TABLE_NAMES } from "./tables.ts";

/** A ledger's own stores, for who looks after it. Nothing stands between them and a mistake. */
export interface LedgerStores {
  streams: StreamStore;
  log: LogStore;
  views: ViewStore & ViewUpkeep;
  /** Where delivery keeps its places: in the Control table. */
  places: Pick<ViewStore, "checkpoint" | "advance">;
}

export interface OpenStores {
  stores: LedgerStores;
  close: () => Promise<void>;
}

function storesOn(client: DynamoDBClient, names: Readonly<Record<TableName, string>>): LedgerStores {
  return {
    streams: new DynamoStreams({ client, table: names.events }),
    log: new DynamoLog({ client, table: names.log }),
    views: new DynamoViews({ client, table: names.views }),
    places: new DynamoViews({ client, table: names.control }),
  };
}

/** The stores of the ledger in a folder, whether it is running or not. Throws when the folder holds none. */
export async function openStoresOf(folder: string): Promise<OpenStores> {
  return opened(await openEngineOf(folder), TABLE_NAMES);
}

/** The stores of a deployed ledger: its tables by name, the region and the credentials as the SDK finds them. */
export function openDeployedStores(names: Readonly<Record<TableName, string>>): OpenStores {
  const client = new DynamoDBClient({ maxAttempts: 5, cacheMiddleware: true });
  return opened({ client, close: async () => client.destroy() }, names);
}

/**
 * The stores of a ledger in a folder that need not hold one yet, and what it will start with. Nothing else may use it
 * meanwhile: throws while a ledger is running on it.
 *
 * @param secrets take their place in the folder; what is not given is made, as at a first start.
 */
export async function openNewStores(
  folder: string,
  secrets: GivenSecrets,
): Promise<OpenStores & { settings: LocalSettings }> {
  if ((await runningEngine(folder)) !== undefined) throw new Error(`a ledger is running on ${folder}: stop it first`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  placeSecrets(folder, secrets);
  const settings = localSettings({ ON_RECORD_DATA: folder });
  const engine = await startEngine({ folder });
  const client = new DynamoDBClient(clientConfig(engine.endpoint));
  const close = async () => {
    client.destroy();
    await engine.stop();
  };
  return { ...opened({ client, close }, TABLE_NAMES), settings };
}

function opened({ client, close }: OpenEngine, names: Readonly<Record<TableName, string>>): OpenStores {
  return { stores: storesOn(client, names), close };
}
