/** The ledger under load, to be killed: as `npm start`, with a subscriber whose every message is kept. */
import { startLedger } from "@on-record/local/runtime";
import { localSettings } from "@on-record/local/settings";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { AUDIT_QUEUE, SUBSCRIBER, SUBSCRIBER_FILE } from "./load-names.ts";

const settings = localSettings(process.env);
const pattern = { source: ["on-record.positions"] };
const ledger = await startLedger(
  settings,
  (message, error) => process.stderr.write(`${message} ${error instanceof Error ? error.message : ""}\n`),
  [
    // What the bus accepted: nobody takes it from the queue before the check does.
    { name: "audit", busName: "on-record", pattern, target: { queue: AUDIT_QUEUE } },
    {
      name: "subscriber",
      busName: "on-record",
      pattern,
      target: {
        functionName: SUBSCRIBER,
        handler: async ({ detail }) =>
          appendFileSync(join(settings.folder, SUBSCRIBER_FILE), `${JSON.stringify(detail)}\n`),
      },
    },
  ],
);
process.stdout.write(`address ${ledger.url}\ntoken ${settings.token}\n`);
process.once("SIGTERM", () => void ledger.stop().then(() => process.exit(0)));
