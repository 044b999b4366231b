import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEngine } from "@on-record/local/engine";
import { formatSignerKey, formatVerifierKey, parseSignerKey } from "@on-record/core/log/tree/keys";
import { TABLE_NAMES } from "@on-record/local/tables";

export const TOKEN = "only-the-bench-knows";
export const LEDGER_KEY = Buffer.alloc(32, 7);
export const SIGNER_KEY = formatSignerKey("ledger.example/bench", new Uint8Array(32).fill(7));
const VERIFIER_KEY = formatVerifierKey(parseSignerKey(SIGNER_KEY));

export interface BenchOptions {
  rounds: number;
  count: number;
  clients: number;
  statements: number;
  restMs: number;
  only: string;
}

/** A running engine with the ledger's empty tables, its streams indexed, and the environment that handlers read. */
export interface Place {
  endpoint: string;
  stop(): Promise<void>;
}

export async function withPlace<T>(folder: string | undefined, work: (place: Place) => Promise<T>): Promise<T> {
  const own = mkdtempSync(join(folder ?? tmpdir(), "on-record-bench-"));
  const engine = await startEngine({ folder: own });
  Object.assign(process.env, {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    ON_RECORD_EVENTS_TABLE: TABLE_NAMES.events,
    ON_RECORD_LOG_TABLE: TABLE_NAMES.log,
    ON_RECORD_VIEWS_TABLE: TABLE_NAMES.views,
    ON_RECORD_CONTROL_TABLE: TABLE_NAMES.control,
    ON_RECORD_BUS: "on-record",
    ON_RECORD_LEDGER_KEY: LEDGER_KEY.toString("base64url"),
    ON_RECORD_LOG_SIGNING_KEYS: SIGNER_KEY,
    ON_RECORD_LOG_VERIFIER_KEYS: VERIFIER_KEY,
    ON_RECORD_TOKEN: TOKEN,
  });
  try {
    return await work({ endpoint: engine.endpoint, stop: () => engine.stop() });
  } finally {
    await engine.stop();
    rmSync(own, { recursive: true, force: true });
  }
}
