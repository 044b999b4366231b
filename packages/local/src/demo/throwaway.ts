import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLedger, type Ledger, type Log } from "../runtime.ts";
import { localSettings } from "../settings.ts";

/** A ledger that nothing is left of. */
export interface ThrowawayLedger extends Ledger {
  readonly token: string;
  /** For what else is to go with it. */
  readonly folder: string;
}

/**
 * Takes away what the environment says of AWS and of a ledger of one's own: the demo writes into no store but its own,
 * whatever `AWS_ENDPOINT_URL_DYNAMODB` or a profile would lead to.
 */
export function forgetOtherLedgers(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) {
    if (/^(?:AWS_(?!SDK_JS_)|ON_RECORD_)/.test(name)) delete environment[name];
  }
}

/** A folder that goes when the process ends in any way but `kill -9`. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "on-record-demo-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts a ledger in a folder, on a free port, with a token of its own. */
export async function startThrowaway(folder: string, log: Log): Promise<ThrowawayLedger> {
  const data = join(folder, "ledger");
  mkdirSync(data);
  const settings = localSettings({ ON_RECORD_DATA: data, ON_RECORD_PORT: "0" });
  const ledger = await startLedger(settings, log);
  return { ...ledger, stop: () => ledger.stop(), token: settings.token, folder };
}
