import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoTokens } from "@on-record/core/storage/dynamo-tokens";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { leanClient } from "@on-record/core/storage/lean-client";
import { networkInterfaces } from "node:os";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { startLosingProxy } from "../helpers/losing-proxy.ts";
import { rawAnswer, startRawService } from "../helpers/raw-service.ts";
import { append, done, NOTHING, PUT, scriptedLean } from "../helpers/scripted-lean.ts";
import type { ScriptedAnswer } from "../helpers/scripted-storage.ts";
import { freshStream, sampleEvent, StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeLogContract } from "./log.contract.ts";
import { describeStreamsContract } from "./streams.contract.ts";
import { describeTokensContract } from "./tokens.contract.ts";
import { describeViewsContract } from "./views.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

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

describe("the short way", () => {
  test("is taken once the SDK has shown where", async () => {
    const { streams, bySdk, calls } = await scriptedLean(() => done);
    for (let n = 0; n < 3; n += 1) await append(streams);
    expect(calls.map(({ operation }) => operation)).toEqual(["PutItem", "PutItem", "PutItem"]);
    expect(bySdk).toEqual([]);
  });

  test("puts on the wire what the SDK does", async () => {
    const { client, sdk, calls } = await scriptedLean(() => done);
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
    const { streams, bySdk, calls } = await scriptedLean((_call, nth) => (nth === 1 ? answer : done));
    await append(streams);
    expect(calls).toHaveLength(2);
    expect(bySdk).toEqual(["PutItemCommand"]);
  });

  test("an append that was written leaves one event: the SDK meets it and tells so", async () => {
    const { streams } = await scriptedLean((call, nth) =>
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
    const { streams, calls } = await scriptedLean(() => "hang up");
    await expect(append(streams)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(calls).toHaveLength(2);
  });

  test("writes do not go there that would not know themselves", async () => {
    const { client, bySdk } = await scriptedLean(() => done);
    const { ConditionExpression: _condition, ...always } = PUT;
    const { ReturnValuesOnConditionCheckFailure: _shown, ...blind } = PUT;
    await client.send(new PutItemCommand(always));
    await client.send(new PutItemCommand(blind));
    await client.send(new BatchWriteItemCommand({ RequestItems: { t: [{ PutRequest: { Item: PUT.Item } }] } }));
    await new DynamoLog({ client, table: "t" }).advance({ pointedThrough: 1 });
    expect(bySdk).toEqual(["PutItemCommand", "PutItemCommand", "BatchWriteItemCommand", "UpdateItemCommand"]);
  });
});
