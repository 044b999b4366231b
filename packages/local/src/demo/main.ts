import { parseArgs } from "node:util";
import { Checklist } from "./checklist.ts";
import { Page } from "./page.ts";
import { play } from "./play.ts";
import { showStaysUp, showVerdict } from "./ending.ts";
import { forgetOtherLedgers, startThrowaway, temporaryFolder } from "./throwaway.ts";

const INTERRUPTED = 130;

function log(message: string, error?: unknown): void {
  console.error(`${message}${error instanceof Error ? `: ${error.message}` : ""}`);
}

const { values } = parseArgs({ options: { exit: { type: "boolean", default: false } } });
const page = new Page(process.stdout, process.env, console.log);
const checks = new Checklist(page);
forgetOtherLedgers(process.env);
const started = startThrowaway(temporaryFolder(), log);

let code = INTERRUPTED;
let stopping = false;
/** Whenever it comes, also while the ledger is still starting. A second Ctrl-C does not wait. */
async function stop(): Promise<void> {
  if (stopping) process.exit(code);
  stopping = true;
  await started.then((ledger) => ledger.stop()).catch(() => undefined);
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop());

try {
  const ledger = await started;
  void ledger.ended.then((end) => {
    if (end.reason !== "failed" || stopping) return;
    log("The engine could not be kept running", end.error);
    process.exit(1);
  });
  await play(ledger, page, checks).catch((error: unknown) => {
    if (!stopping) checks.broke(error instanceof Error ? error.message : String(error));
  });
  if (!stopping) {
    showVerdict(page, checks);
    code = checks.failed.length === 0 ? 0 : 1;
    if (values.exit) await stop();
    else showStaysUp(page, ledger);
  }
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
