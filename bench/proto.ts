import { DynamoDBClient, PutItemCommand, CreateTableCommand, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { mkdtempSync } from "node:fs";
import { startEngine } from "@on-record/local/engine";
import { TABLE_NAMES, clientConfig } from "@on-record/local/tables";
import { FUNCTIONS } from "@on-record/local/functions";
import { leanClient } from "@on-record/core/storage/lean-client";
import { measure, median, type Way } from "./rounds.ts";

const folder = mkdtempSync("/tmp/bench-");
const engine = await startEngine({ folder });
Object.assign(process.env, {
  AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local",
  AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint, ON_RECORD_EVENTS_TABLE: TABLE_NAMES.events, ON_RECORD_LOG_TABLE: TABLE_NAMES.log,
  ON_RECORD_VIEWS_TABLE: TABLE_NAMES.views, ON_RECORD_CONTROL_TABLE: TABLE_NAMES.control, ON_RECORD_BUS: "x",
  ON_RECORD_LEDGER_KEY: "a".repeat(50), ON_RECORD_TOKEN: "tok",
});
const client = new DynamoDBClient(clientConfig(engine.endpoint));
for (const name of ["Bare", "Castore"]) await client.send(new CreateTableCommand({ TableName: name, BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: name === "Bare" ? [{AttributeName:"pk",AttributeType:"S"},{AttributeName:"sk",AttributeType:"S"}] : [{AttributeName:"aggregateId",AttributeType:"S"},{AttributeName:"version",AttributeType:"N"}],
  KeySchema: name === "Bare" ? [{AttributeName:"pk",KeyType:"HASH"},{AttributeName:"sk",KeyType:"RANGE"}] : [{AttributeName:"aggregateId",KeyType:"HASH"},{AttributeName:"version",KeyType:"RANGE"}],
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } }));
async function call(method: string, path: string, body: object, key: string) {
  const a = await FUNCTIONS.api({ version: "2.0", routeKey: "$default", rawPath: path, rawQueryString: "", headers: { authorization: "Bearer tok", "content-type": "application/json", "idempotency-key": key },
    requestContext: { domainName: "x.example", http: { method, path } } as never, isBase64Encoded: false, body: JSON.stringify(body) });
  if ((a.statusCode ?? 0) >= 300) throw new Error(a.body);
  return a;
}
await call("PUT", "/v1/actors/donald-trump", { name: "Donald Trump", kind: "person" }, "a");
await call("PUT", "/v1/propositions/us-troops", { wording: "The United States deploys ground troops in Ukraine" }, "b");
const body = (n: number) => ({ speaker: "donald-trump", text: "We will not place ground troops in Ukraine. You have my assurance, " + n, saidAt: new Date(1.7e12 + n * 1e6).toISOString(),
  report: { publisher: "Fox News", url: "https://fox.example/story/" + n }, assessments: [{ proposition: "us-troops", stance: "ruled_out", evidence: { start: 3, end: 11 }, cue: "will not" }] });
const record = (n: number) => call("POST", "/v1/statements", body(n), "k" + n);
await record(-1);
const items = (await client.send(new ScanCommand({ TableName: TABLE_NAMES.events }))).Items!;
const item = items.find((i) => i["pk"]!.S!.startsWith("statement/"))!;
console.log("item bytes", Object.entries(item).reduce((n, [k, v]) => n + k.length + Buffer.byteLength(v.S ?? v.N!), 0), item["data"]!.S!.length);
const cached = new DynamoDBClient({ ...clientConfig(engine.endpoint), cacheMiddleware: true });
const { PutItemCommand: Put2 } = { PutItemCommand };
const bare = new DynamoDBClient(clientConfig(engine.endpoint));
const lean = leanClient(new DynamoDBClient(clientConfig(engine.endpoint)) as never, { requestMs: 800 });

const castore = (await import("@castore/event-storage-adapter-dynamodb")) as any;
const store = new castore.DynamoDBSingleTableEventStorageAdapter({ tableName: "Castore", dynamoDBClient: new DynamoDBClient(clientConfig(engine.endpoint)) });
const data = JSON.parse(item["data"]!.S!);
const ways: Way[] = [
  { name: "bare", run: (n) => bare.send(new PutItemCommand({ TableName: "Bare", Item: { ...item, pk: { S: item["pk"]!.S! + n } } })) },
  { name: "castore", run: (n) => store.pushEvent({ aggregateId: item["pk"]!.S! + n, version: 1, type: "StatementRecorded", payload: data, metadata: { by: "admin", request: "x".repeat(43) } }, { eventStoreId: "statements" }) },
  { name: "cached", run: (n) => cached.send(new PutItemCommand({ TableName: "Bare", Item: { ...item, pk: { S: item["pk"]!.S! + n } } })) },
  { name: "lean", run: (n) => lean.send(new Put2({ TableName: "Bare", Item: { ...item, pk: { S: item["pk"]!.S! + n } } }) as never) },
  { name: "handler", run: record },
];
const only = process.env["ONLY"];
const count = Number(process.env["COUNT"] ?? 2000);
const measured = await measure(only ? ways.filter((w) => w.name === only) : ways, { rounds: Number(process.env["ROUNDS"] ?? 3), count, clients: 16 });
const base = median(measured[0]!.perSecond);
for (const m of measured) console.log(m.name, median(m.perSecond).toFixed(0), (median(m.perSecond) / base).toFixed(2), m.perSecond.map((x) => x.toFixed(0)).join(" "), "cpu", median(m.cpuMs).toFixed(3));
await engine.stop();
process.exit(0);
