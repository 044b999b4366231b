import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { leanClient } from "@on-record/core/storage/lean-client";
import { afterAll, describe, expect, test } from "vitest";
import { startScriptedService, type DynamoCall, type ScriptedAnswer } from "../helpers/scripted-storage.ts";
import { freshStream, sampleEvent, StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeLogContract } from "./log.contract.ts";
import { describeStreamsContract } from "./streams.contract.ts";
import { describeViewsContract } from "./views.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

/** A table through a lean client that knows its way already: the first call is the SDK's. */
async function leanTable() {
  const { client: sdk, table } = await engine.table();
  const lean = leanClient(sdk, { requestMs: 5_000 });
  await lean.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "-" }, sk: { S: "-" } } }));
  return { client: lean, table };
}

describeStreamsContract("DynamoDB, lean", async () => new DynamoStreams(await leanTable()));
describeLogContract("DynamoDB, lean", async () => new DynamoLog(await leanTable()));
describeViewsContract("DynamoDB, lean", async () => new DynamoViews(await leanTable()));

type Script = (call: DynamoCall, nth: number) => ScriptedAnswer;

/** Streams behind a scripted service, and which client made each call: the SDK says so in a header of its own. */
async function scripted(script: Script) {
  const service = await startScriptedService<DynamoCall["body"]>((call, nth) => script(call, nth));
  const sdk = new DynamoDBClient({ endpoint: service.endpoint, maxAttempts: 1 });
  const bySdk: string[] = [];
  sdk.middlewareStack.add(
    (next, context) => async (args) => {
      bySdk.push(String(context.commandName));
      return next(args);
    },
    { step: "initialize", name: "notes" },
  );
  const client = leanClient(sdk, { requestMs: 200 });
  return { ...service, bySdk, client, streams: new DynamoStreams({ client, table: "t" }) };
}

const done: ScriptedAnswer = { body: {} };

describe("the short way", () => {
  test("is taken from the second call on", async () => {
    const { streams, bySdk, calls } = await scripted(() => done);
    for (let n = 0; n < 3; n += 1) await streams.append(sampleEvent(freshStream(), 1));
    expect(calls.map(({ operation }) => operation)).toEqual(["PutItem", "PutItem", "PutItem"]);
    expect(bySdk).toEqual(["PutItemCommand"]);
  });

  test("puts on the wire what the SDK does", async () => {
    const { client, calls } = await scripted(() => done);
    const command = new PutItemCommand({ TableName: "t", Item: { pk: { S: "Київ" }, sk: { N: "1" } } });
    await client.send(command);
    await client.send(command);
    expect(calls[1]).toEqual(calls[0]);
  });

  test.each<[string, ScriptedAnswer]>([
    ["a refusal", { error: "ValidationException" }],
    ["a 500", { error: "InternalServerError", status: 500 }],
    ["a cut connection", "hang up"],
    ["silence", "silence"],
  ])("ends at %s: the SDK asks again, and its answer counts", async (_, answer) => {
    const { streams, bySdk, calls } = await scripted((_call, nth) => (nth === 2 ? answer : done));
    await streams.append(sampleEvent(freshStream(), 1));
    await streams.append(sampleEvent(freshStream(), 1));
    expect(calls).toHaveLength(3);
    expect(bySdk).toHaveLength(2);
  });

  test.each(["ValidationException", "ResourceNotFoundException"])("leaves %s to the SDK to tell", async (error) => {
    const { streams } = await scripted((_call, nth) => (nth === 1 ? done : { error }));
    await streams.append(sampleEvent(freshStream(), 1));
    const failure = streams.append(sampleEvent(freshStream(), 1));
    const expected = error === "ValidationException" ? { name: error } : { code: "store_unavailable" };
    await expect(failure).rejects.toMatchObject(expected);
  });

  test("that wrote, but lost the answer, leaves one event: the SDK meets it and tells so", async () => {
    const { streams } = await scripted((call, nth) => {
      if (nth === 1) return done;
      if (nth === 2) return "hang up";
      return { error: "ConditionalCheckFailedException", more: { Item: call.body.Item } };
    });
    await streams.append(sampleEvent(freshStream(), 1));
    await streams.append(sampleEvent(freshStream(), 1));
  });

  test("is not taken by what must not happen twice", async () => {
    const { client, bySdk } = await scripted(() => done);
    const log = new DynamoLog({ client, table: "t" });
    await log.advance({ pointedThrough: 1 });
    await log.advance({ publishedThrough: 2 });
    expect(bySdk).toEqual(["UpdateItemCommand", "UpdateItemCommand"]);
  });
});
