import { setTimeout as sleep } from "node:timers/promises";
import { CreateTableCommand, DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { AttributeValue, CreateTableCommandInput } from "@aws-sdk/client-dynamodb";
import { FUNCTIONS } from "@on-record/local/functions";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { castorePusher } from "./pusher.ts";
import { startHost } from "./http-clients.ts";
import type { BenchOptions, Place } from "./place.ts";
import { measure, median, type Measured, type Way } from "./rounds.ts";
import { tableOf } from "./report.ts";
import { gatewayEvent, REGISTRY, statementOf, type Sent } from "./statement.ts";

type Item = Record<string, AttributeValue>;

const BARE = "BenchBare";
const CASTORE = "BenchCastore";

/** Headers by which the caller says that a short answer will do. */
const MINIMAL = { prefer: "return=minimal" };

/** Calls the exported Lambda handler. */
async function call(sent: Sent, headers: Record<string, string> = {}): Promise<void> {
  const answer = await FUNCTIONS.api(gatewayEvent(sent, headers));
  if (answer.statusCode !== 201) throw new Error(`${sent.path} answered ${answer.statusCode}: ${answer.body ?? ""}`);
}

/** A table with a stream, as Events is: what follows a put in the engine is then the same for all. */
async function createTable(client: DynamoDBClient, name: string, keys: readonly [string, "S" | "N"][]): Promise<void> {
  const input: CreateTableCommandInput = {
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: keys.map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keys.map(([AttributeName], at) => ({ AttributeName, KeyType: at === 0 ? "HASH" : "RANGE" })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  };
  await client.send(new CreateTableCommand(input));
}

/** The item that one recorded statement is. */
async function recordedItem(client: DynamoDBClient): Promise<Item> {
  const { Items: items = [] } = await client.send(new ScanCommand({ TableName: TABLE_NAMES.events }));
  const item = items.find((some) => some["pk"]?.S?.startsWith("statement/"));
  if (item === undefined) throw new Error("no statement was recorded");
  return item;
}

function sizeOf(item: Item): number {
  const bytes = ([name, { S = "", N = "" }]: [string, AttributeValue]) => Buffer.byteLength(name + S + N);
  return Object.entries(item).reduce((sum, entry) => sum + bytes(entry), 0);
}

/** Recording, as it is and beside what it could be, on one engine in one run. */
export async function appendRows({ endpoint }: Place, options: BenchOptions): Promise<string> {
  const client = new DynamoDBClient(clientConfig(endpoint));
  await createTable(client, BARE, [
    ["pk", "S"],
    ["sk", "S"],
  ]);
  await createTable(client, CASTORE, [
    ["aggregateId", "S"],
    ["version", "N"],
  ]);
  for (const sent of [...REGISTRY, statementOf(0)]) await call(sent);
  const item = await recordedItem(client);
  const pk = item["pk"]?.S ?? "";
  const push = castorePusher(client, CASTORE, item);
  const host = await startHost(options.clients);
  const putBare = (n: number) =>
    client.send(new PutItemCommand({ TableName: BARE, Item: { ...item, pk: { S: `${pk}${n}` } } }));
  const ways: Way[] = [
    { name: "bare SDK, `PutItem` of the same item", run: putBare },
    { name: "castore, `pushEvent`", run: (n) => push(`${pk}${n}`) },
    { name: "**record**, looking for similar ones", run: (n) => call(statementOf(n + 1)) },
    { name: "**record**, minimal", run: (n) => call(statementOf(n + 1), MINIMAL) },
    { name: "record behind loopback HTTP", run: (n) => host.post(statementOf(n + 1)) },
  ];
  const measured = await measure(
    ways.filter(({ name }) => name.includes(options.only)),
    {
      ...options,
      async onRound(round) {
        console.error(`round ${round}`);
        await sleep(options.restMs);
      },
    },
  );
  await host.stop();
  client.destroy();
  const { rounds, count, clients } = options;
  const about = `An event of ${sizeOf(item)} bytes; ${clients} clients, ${rounds} rounds of ${count}, medians (least–most).`;
  return `${about}\n\n${comparison(measured)}`;
}

function comparison(measured: readonly Measured[]): string {
  const [bare, castore] = measured;
  const rows = measured.map(({ name, perSecond, cpuMs }) => [
    name,
    `${median(perSecond).toFixed(0)} (${Math.min(...perSecond).toFixed(0)}–${Math.max(...perSecond).toFixed(0)})`,
    ratios(perSecond, bare?.perSecond),
    ratios(perSecond, castore?.perSecond),
    median(cpuMs).toFixed(2),
  ]);
  return tableOf(["way", "a second", "vs bare SDK", "vs castore", "CPU ms, this process"], rows);
}

/** Of each round's pair, as both met the same noise; then their median. */
function ratios(some: readonly number[], base: readonly number[] = []): string {
  return median(some.map((value, round) => value / (base[round] ?? Number.NaN))).toFixed(2);
}
