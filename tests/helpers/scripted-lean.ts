import { DynamoDBClient, GetItemCommand, type PutItemCommandInput } from "@aws-sdk/client-dynamodb";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { leanClient, type LeanOptions } from "@on-record/core/storage/lean-client";
import { onTestFinished } from "vitest";
import { startScriptedService, type DynamoCall, type ScriptedAnswer } from "./scripted-storage.ts";
import { freshStream, sampleEvent } from "./storage-fixtures.ts";

/** A read of an item that is not there. */
export const NOTHING = { TableName: "t", Key: { pk: { S: "-" }, sk: { S: "-" } } };

type Script = (call: DynamoCall, nth: number) => ScriptedAnswer;

export const done: ScriptedAnswer = { body: {} };

/**
 * Streams behind a scripted service, through a lean client that knows its way. `calls` are those after that, and
 * `bySdk` names those among them that the SDK made.
 */
export async function scriptedLean(script: Script, options: Partial<LeanOptions> = {}) {
  let knowsTheWay = false;
  const service = await startScriptedService<DynamoCall["body"]>((call, nth) =>
    knowsTheWay ? script(call, nth) : done,
  );
  const sdk = new DynamoDBClient({ endpoint: service.endpoint, maxAttempts: 1 });
  onTestFinished(() => sdk.destroy());
  const client = leanClient(sdk, { requestMs: 200, ...options });
  await client.send(new GetItemCommand(NOTHING));
  knowsTheWay = true;
  service.calls.length = 0;
  const bySdk: string[] = [];
  sdk.middlewareStack.add(
    (next, context) => async (args) => {
      bySdk.push(String(context.commandName));
      return next(args);
    },
    { step: "initialize", name: "notes" },
  );
  return { calls: service.calls, bySdk, client, sdk, streams: new DynamoStreams({ client, table: "t" }) };
}

/** Appends an event of its own. */
export const append = (streams: DynamoStreams) => streams.append(sampleEvent(freshStream(), 1));

/** A put that knows itself when it is made twice. */
export const PUT: PutItemCommandInput = {
  TableName: "t",
  Item: { pk: { S: "Київ" }, sk: { N: "1" } },
  ConditionExpression: "attribute_not_exists(pk)",
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
};
