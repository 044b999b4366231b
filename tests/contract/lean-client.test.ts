import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoTokens } from "@on-record/core/storage/dynamo-tokens";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { leanClient, type LeanOptions } from "@on-record/core/storage/lean-client";
import { networkInterfaces } from "node:os";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { startLosingProxy } from "../helpers/losing-proxy.ts";
import { rawAnswer, startRawService } from "../helpers/raw-service.ts";
import { startScriptedService, type DynamoCall, type ScriptedAnswer } from "../helpers/scripted-storage.ts";
import { freshStream, sampleEvent, StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeLogContract } from "./log.contract.ts";
import { describeStreamsContract } from "./streams.contract.ts";
import { describeTokensContract } from "./tokens.contract.ts";
import { describeViewsContract } from "./views.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

const NOTHING = { TableName: "t", Key: { pk: { S: "-" }, sk: { S: "-" } } };

/** A table through a lean client that knows its way already: the first call is the SDK's. */
async function leanTable() {
  const { client: sdk, table } = await engine.table();
  const lean = leanClient(sdk, { requestMs: 5_000 });
  await lean.send(new GetItemCommand({ ...NOTHING, TableName: table }));
  return { client: lean, table };
}

/** As above, but each third answer to the lean client is lost after the call was carried out. */
async function losingTable() {
  const { client: engineClient, table } = await engine.table();
  const proxy = await startLosingProxy(engineClient, ({ headers }) => headers["amz-sdk-invocation-id"] === undefined);
  const sdk = new DynamoDBClient({ endpoint: proxy.endpoint });
  onTestFinished(() => sdk.destroy());
  const lean = leanClient(sdk, { requestMs: 5_000 });
  await lean.send(new GetItemCommand({ ...NOTHING, TableName: table }));
  return { client: lean, table, proxy };
}

describeStreamsContract("DynamoDB, lean, answers get lost", async () => new DynamoStreams(await losingTable()));
describeTokensContract("DynamoDB, lean, answers get lost", async () => new DynamoTokens(await losingTable()));
describeViewsContract("DynamoDB, lean, answers get lost", async () => new DynamoViews(await losingTable()));

describeStreamsContract("DynamoDB, lean", async () => new DynamoStreams(await leanTable()));
describeLogContract("DynamoDB, lean", async () => new DynamoLog(await leanTable()));
describeViewsContract("DynamoDB, lean", async () => new DynamoViews(await leanTable()));
describeTokensContract("DynamoDB, lean", async () => new DynamoTokens(await leanTable()));

type Script = (call: DynamoCall, nth: number) => ScriptedAnswer;

const done: ScriptedAnswer = { body: {} };

/**
 * Streams behind a scripted service, through a lean client that knows its way. `calls` are those after that, and
 * `bySdk` names those among them that the SDK made.
 */
async function scripted(script: Script, options: Partial<LeanOptions> = {}) {
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

const append = (streams: DynamoStreams) => streams.append(sampleEvent(freshStream(), 1));

const PUT: PutItemCommandInput = {
  TableName: "t",
  Item: { pk: { S: "Київ" }, sk: { N: "1" } },
  ConditionExpression: "attribute_not_exists(pk)",
  ReturnValuesOnConditionCheckFailure: "ALL_OLD",
};

describe("the short way", () => {
  test("is taken once the SDK has shown where", async () => {
    const { streams, bySdk, calls } = await scripted(() => done);
    for (let n = 0; n < 3; n += 1) await append(streams);
    expect(calls.map(({ operation }) => operation)).toEqual(["PutItem", "PutItem", "PutItem"]);
    expect(bySdk).toEqual([]);
  });

  test("puts on the wire what the SDK does", async () => {
    const { client, sdk, calls } = await scripted(() => done);
    await client.send(new PutItemCommand(PUT));
    await sdk.send(new PutItemCommand(PUT));
    expect(calls[0]).toEqual(calls[1]);
  });

  test("leads to a host that is an IPv6 address", async ({ skip }) => {
    const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
    skip(!hasIPv6, "this machine has no IPv6");
    const service = await startRawService(({ socket }) => void socket.write(rawAnswer("{}")), { host: "::1" });
    const sdk = new DynamoDBClient({ endpoint: `http://[::1]:${service.port}`, maxAttempts: 1 });
    onTestFinished(() => sdk.destroy());
    const client = leanClient(sdk, { requestMs: 5_000 });
    for (let n = 0; n < 2; n += 1) await client.send(new GetItemCommand(NOTHING));
    const hosts = service.requests.map(({ head }) => /^host: (.*)$/im.exec(head)?.[1]);
    expect(hosts).toEqual([`[::1]:${service.port}`, `[::1]:${service.port}`]);
  });

  test("is signed with the credentials of the moment, and their session's token", async () => {
    const service = await startRawService(({ socket }) => void socket.write(rawAnswer("{}")));
    let session = 0;
    const sdk = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${service.port}`,
      // Expired as soon as they are given: the SDK asks for new ones before each call.
      credentials: async () => {
        session += 1;
        const given = { accessKeyId: `key-${session}`, secretAccessKey: "secret", sessionToken: `session-${session}` };
        return { ...given, expiration: new Date(0) };
      },
    });
    onTestFinished(() => sdk.destroy());
    const client = leanClient(sdk, { requestMs: 5_000 });
    for (let n = 0; n < 3; n += 1) await client.send(new GetItemCommand(NOTHING));
    const shown = service.requests.map(({ head }) => ({
      token: /^x-amz-security-token: session-(\d+)$/im.exec(head)?.[1],
      key: /Credential=key-(\d+)\//.exec(head)?.[1],
      signed: /SignedHeaders=[^,]*x-amz-security-token/.test(head),
    }));
    expect(shown.map(({ token, signed }) => [token !== undefined, signed])).toEqual(shown.map(() => [true, true]));
    expect(shown.map(({ token }) => token)).toEqual(shown.map(({ key }) => key));
    expect(new Set(shown.map(({ key }) => key)).size).toBe(3);
  });
});

describe("where nobody knows whether a call was carried out", () => {
  test.each<[string, ScriptedAnswer]>([
    ["a 500", { error: "InternalServerError", status: 500 }],
    ["a 503 of something in between", { error: "Whatever", status: 503 }],
    ["a cut connection", "hang up"],
    ["silence", "silence"],
  ])("as after %s, the SDK makes it again, and its answer counts", async (_, answer) => {
    const { streams, bySdk, calls } = await scripted((_call, nth) => (nth === 1 ? answer : done));
    await append(streams);
    expect(calls).toHaveLength(2);
    expect(bySdk).toEqual(["PutItemCommand"]);
  });

  test("an append that was written leaves one event: the SDK meets it and tells so", async () => {
    const { streams } = await scripted((call, nth) =>
      nth === 1 ? "hang up" : { error: "ConditionalCheckFailedException", more: { Item: call.body.Item } },
    );
    await append(streams);
  });

  test("every append stands once, and each third answer was truly lost", async () => {
    const { proxy, ...table } = await losingTable();
    const streams = new DynamoStreams(table);
    const events = Array.from({ length: 30 }, () => sampleEvent(freshStream(), 1));
    for (const event of events) await streams.append(event);
    expect(proxy.lostCount()).toBe(10);
    expect(await streams.read(events.map(({ id }) => id))).toEqual(events);
  });

  test("a store that goes on like this is store_unavailable", async () => {
    const { streams, calls } = await scripted(() => "hang up");
    await expect(append(streams)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(calls).toHaveLength(2);
  });

  test("writes do not go there that would not know themselves", async () => {
    const { client, bySdk } = await scripted(() => done);
    const { ConditionExpression: _condition, ...always } = PUT;
    const { ReturnValuesOnConditionCheckFailure: _shown, ...blind } = PUT;
    await client.send(new PutItemCommand(always));
    await client.send(new PutItemCommand(blind));
    await client.send(new BatchWriteItemCommand({ RequestItems: { t: [{ PutRequest: { Item: PUT.Item } }] } }));
    await new DynamoLog({ client, table: "t" }).advance({ pointedThrough: 1 });
    expect(bySdk).toEqual(["PutItemCommand", "PutItemCommand", "BatchWriteItemCommand", "UpdateItemCommand"]);
  });
});

describe("what DynamoDB refuses", () => {
  const refused = { error: "ConditionalCheckFailedException", more: { Item: { pk: { S: "x" } } } };

  test("by a condition is told after one call, with the item that stands there", async () => {
    const { client, calls } = await scripted(() => refused);
    const error: unknown = await client.send(new PutItemCommand(PUT)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: { pk: { S: "x" } }, $metadata: { httpStatusCode: 400 } });
    expect(calls).toHaveLength(1);
  });

  test("of an append is a conflict after one call, or that very event", async () => {
    const other = await scripted(() => refused);
    await expect(append(other.streams)).rejects.toMatchObject({ code: "version_conflict" });
    expect(other.calls).toHaveLength(1);
    const own = await scripted(({ body }) => ({ error: "ConditionalCheckFailedException", more: { Item: body.Item } }));
    await append(own.streams);
    expect(own.calls).toHaveLength(1);
  });

  test.each(["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])(
    "as %s is told after one call, as the SDK tells it",
    async (error) => {
      const { client, sdk, calls } = await scripted(() => ({ error }));
      const facts = { name: error, message: "scripted", $fault: "client", $metadata: { httpStatusCode: 400 } };
      await expect(sdk.send(new GetItemCommand(NOTHING))).rejects.toMatchObject(facts);
      const lean = client.send(new GetItemCommand(NOTHING));
      await expect(lean).rejects.toMatchObject(facts);
      await expect(lean).rejects.toBeInstanceOf(DynamoDBServiceException);
      expect(calls).toHaveLength(2);
    },
  );

  test.each(["ThrottlingException", "ProvisionedThroughputExceededException", "TransactionConflictException"])(
    "for others' sake (%s) is asked again after a while, without the SDK",
    async (error) => {
      const { streams, bySdk, calls } = await scripted((_call, nth) => (nth < 3 ? { error } : done));
      await append(streams);
      expect(calls).toHaveLength(3);
      expect(bySdk).toEqual([]);
    },
  );

  test("for others' sake on and on is store_unavailable", async () => {
    const { streams, calls } = await scripted(() => ({ error: "ThrottlingException" }));
    await expect(append(streams)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(calls.length).toBeLessThan(10);
  });

  test.each(["ExpiredTokenException", "InvalidSignatureException", "SomethingNew"])(
    "as %s the SDK may mend: it makes the call",
    async (error) => {
      const { streams, bySdk } = await scripted((_call, nth) => (nth === 1 ? { error } : done));
      await append(streams);
      expect(bySdk).toEqual(["PutItemCommand"]);
    },
  );
});

test("an answer beyond the bound is store_unavailable, and not asked for again", async () => {
  const { streams, calls } = await scripted(() => ({ body: { Items: [], more: "x".repeat(2_000) } }), {
    answerBytes: 1_000,
  });
  await expect(streams.load(freshStream())).rejects.toMatchObject({ code: "store_unavailable" });
  expect(calls).toHaveLength(1);
});
