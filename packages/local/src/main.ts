import { localSettings } from "./settings.ts";
import { startLedger, type Ledger } from "./runtime.ts";

function log(message: string, error?: unknown): void {
  const cause = error instanceof Error ? `: ${error.message}` : "";
  console.error(`${new Date().toISOString()} ${message}${cause}`);
}

function greet({ url }: Ledger, folder: string, token: string): void {
  console.log(`
On Record is running.

  address   ${url}
  token     ${token}
  data      ${folder}

Try:

  curl ${url}/health
  curl -H "Authorization: Bearer ${token}" ${url}/v1/changes

Settings: ON_RECORD_PORT, ON_RECORD_DATA, ON_RECORD_TOKEN, ON_RECORD_HOST (loopback unless set). Ctrl-C ends it.
`);
}

try {
  const settings = localSettings(process.env);
  const ledger = await startLedger(settings, log);
  greet(ledger, settings.folder, settings.token);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    void ledger.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  void ledger.ended.then((end) => {
    if (end.reason !== "failed") return;
    log("The engine could not be kept running", end.error);
    process.exit(1);
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
