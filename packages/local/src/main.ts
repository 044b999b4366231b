import { opennessOf, type Openness } from "@on-record/functions/settings";
import { localSettings } from "./settings.ts";
import { startLedger, type Ledger } from "./runtime.ts";

function log(message: string, error?: unknown): void {
  const cause = error instanceof Error ? `: ${error.message}` : "";
  console.error(`${new Date().toISOString()} ${message}${cause}`);
}

/** What is open that is closed unless set. */
function linesOf({ publicRead, corsOrigins }: Openness): string {
  const reading = publicRead ? "\n  reading   open to everybody, without a token" : "";
  const origins = corsOrigins.length > 0 ? `\n  origins   ${corsOrigins.join(", ")}` : "";
  return reading + origins;
}

function greet({ url }: Ledger, folder: string, token: string, openness: Openness): void {
  console.log(`
On Record is running.

  address   ${url}
  token     ${token}
  data      ${folder}${linesOf(openness)}

Try:

  curl ${url}/health
  curl -H "Authorization: Bearer ${token}" ${url}/v1/changes

Settings: ON_RECORD_PORT, ON_RECORD_DATA, ON_RECORD_TOKEN, ON_RECORD_HOST (loopback unless set). Ctrl-C ends it.
`);
}

try {
  const settings = localSettings(process.env);
  // The handlers read it themselves, but at their first call: what is malformed shall fail here.
  const openness = opennessOf(process.env);
  const ledger = await startLedger(settings, log);
  let stopping = false;
  const stop = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    void ledger.stop().then(() => process.exit(0));
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // Last: whoever has read it may send a signal at once.
  greet(ledger, settings.folder, settings.token, openness);
  void ledger.ended.then((end) => {
    if (end.reason !== "failed") return;
    log("The engine could not be kept running", end.error);
    process.exit(1);
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
