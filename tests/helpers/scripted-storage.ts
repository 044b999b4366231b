import { DynamoDBClient, type DynamoDBClientConfig, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { onTestFinished } from "vitest";
import type { DynamoTable, Item } from "@on-record/core/storage/dynamo-table";

/** What the scripted service answers: a body, an error by its code, a cut connection, or silence. */
export type ScriptedAnswer =
  | { body: object }
  | { error: string; status?: number; more?: object }
  | "hang up"
  | "silence";

/** One request as it reached the service: `PutItem` and its body, taken to have the form that the test expects. */
export interface ScriptedCall<Body> {
  operation: string;
  body: Body;
}

/** A service on loopback that speaks the AWS JSON protocol from a script. It keeps every call. */
export interface ScriptedService<Body> {
  endpoint: string;
  calls: ScriptedCall<Body>[];
  stop: () => Promise<void>;
}

/** Starts one for the running test; `script` answers the nth call (from 1). */
export async function startScriptedService<Body>(
  script: (call: ScriptedCall<Body>, nth: number) => ScriptedAnswer,
): Promise<ScriptedService<Body>> {
  const calls: ScriptedCall<Body>[] = [];
  const server = createServer((request, response) => {
    void read<Body>(request).then((call) => {
      calls.push(call);
      const answer = script(call, calls.length);
      if (answer === "hang up") return request.socket.destroy();
      if (answer === "silence") return;
      const failed = "error" in answer;
      response.writeHead(failed ? (answer.status ?? 400) : 200, { "content-type": "application/x-amz-json-1.0" });
      const problem = failed
        ? { __type: `com.amazonaws.dynamodb#${answer.error}`, message: "scripted", ...answer.more }
        : {};
      return response.end(JSON.stringify(failed ? problem : answer.body));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const stop = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  onTestFinished(stop);
  return { endpoint: `http://127.0.0.1:${address.port}`, calls, stop };
}

async function read<Body>(request: IncomingMessage): Promise<ScriptedCall<Body>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
  return { operation, body: JSON.parse(Buffer.concat(chunks).toString()) };
}

/** The parts of a request to DynamoDB that tests look at, as far as its operation has them. */
interface DynamoRequest {
  Item: Item;
  TransactItems: { Put: { Item: Item } }[];
  RequestItems: { t: (WriteRequest[] & { ConsistentRead?: never }) | { Keys: Item[]; ConsistentRead: boolean } };
  ConsistentRead?: boolean;
  Limit?: number;
  ExclusiveStartKey?: { sk: { S: string } };
}

export type DynamoCall = ScriptedCall<DynamoRequest>;

/** A table `t` behind a scripted DynamoDB. One attempt a call, so that what is seen is the adapter's doing and not the SDK's. */
export async function scriptedTable(
  script: (call: DynamoCall, nth: number) => ScriptedAnswer,
  config: DynamoDBClientConfig = {},
): Promise<DynamoTable & ScriptedService<DynamoRequest>> {
  const service = await startScriptedService(script);
  const client = new DynamoDBClient({ endpoint: service.endpoint, maxAttempts: 1, ...config });
  onTestFinished(() => client.destroy());
  return { client, table: "t", ...service };
}
