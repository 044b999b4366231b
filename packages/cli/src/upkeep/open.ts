import type { OpenStores } from "@on-record/local/stores";
import { UsageError, type Io } from "../io.ts";
import { dataFolder } from "../ledger.ts";

/** Options that say whose stores are worked on. */
export const STORE_OPTIONS = {
  data: {
    type: "string",
    value: "<folder>",
    about: "the folder of this machine's ledger, running or not (default: ON_RECORD_DATA, else .on-record)",
  },
  aws: {
    type: "boolean",
    about:
      "a deployed ledger: its tables as in ON_RECORD_EVENTS_TABLE, _LOG_TABLE, _VIEWS_TABLE and _CONTROL_TABLE, region and credentials as the SDK finds them",
  },
} as const;

export interface StoreValues {
  data: string | undefined;
  aws: boolean;
}

const VARIABLES = {
  events: "ON_RECORD_EVENTS_TABLE",
  log: "ON_RECORD_LOG_TABLE",
  views: "ON_RECORD_VIEWS_TABLE",
  control: "ON_RECORD_CONTROL_TABLE",
} as const;

/** Opens the stores that the options name. Whoever opens them closes them. */
export async function openStores(io: Io, { data, aws }: StoreValues): Promise<OpenStores> {
  if (io.stores !== undefined) return io.stores();
  // The SDK takes its time to load: who does not need it does not wait for it.
  const { openDeployedStores, openStoresOf } = await import("@on-record/local/stores");
  if (!aws) return openStoresOf(dataFolder(io, data));
  if (data !== undefined) throw new UsageError("--data and --aws name two different ledgers: give one of them");
  const missing = Object.values(VARIABLES).filter((name) => !io.env[name]);
  if (missing.length > 0) throw new UsageError(`--aws needs ${missing.join(", ")}`);
  const name = (variable: string) => io.env[variable] ?? "";
  return openDeployedStores({
    events: name(VARIABLES.events),
    log: name(VARIABLES.log),
    views: name(VARIABLES.views),
    control: name(VARIABLES.control),
  });
}

/** Works on the stores that the options name, and closes them whatever comes. */
export async function withStores<T>(
  io: Io,
  values: StoreValues,
  work: (open: OpenStores["stores"]) => Promise<T>,
): Promise<T> {
  const { stores, close } = await openStores(io, values);
  try {
    return await work(stores);
  } finally {
    await close();
  }
}
