/** A host process to be killed: a bus whose only function prints each event's id once it has handled it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startBus } from "@on-record/local/bus";
import { openLocalTable } from "@on-record/local/local-table";
import { openQueues } from "@on-record/local/queues";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [endpoint = "", functionName = ""] = process.argv.slice(2);
const client = new DynamoDBClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});
const bus = await startBus({
  queues: openQueues(openLocalTable(client, "Local")),
  onError: (error) => writeSync(2, `${String(error)}\n`),
});
bus.addRule({
  name: "printer",
  pattern: { source: [{ exists: true }] },
  target: {
    functionName,
    async handler({ id }) {
      await sleep(20);
      writeSync(1, `${id}\n`);
    },
  },
});
writeSync(1, `${bus.endpoint}\n`);
