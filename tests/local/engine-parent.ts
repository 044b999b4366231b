/** A ledger's process for tests: runs the engine on a folder, then writes items as fast as it can, naming each once it is acknowledged. */
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { startEngine } from "@on-record/local/engine";
import { TABLE_NAMES, clientConfig } from "@on-record/local/tables";

const folder = process.argv[2] ?? "";
const say = (line: string) => process.stdout.write(`${line}\n`);

const engine = await startEngine({ folder });
process.once("SIGTERM", () => void engine.stop().then(() => process.exit(0)));
say(`engine ${engine.pid}`);
const client = new DynamoDBClient(clientConfig(engine.endpoint));
for (let number = 0; ; number += 1) {
  await client.send(
    new PutItemCommand({ TableName: TABLE_NAMES.events, Item: { pk: { S: `item/${number}` }, sk: { S: "1" } } }),
  );
  say(`item/${number}`);
}
