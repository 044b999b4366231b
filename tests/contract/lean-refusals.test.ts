import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { append, done, NOTHING, PUT, scriptedLean } from "../helpers/scripted-lean.ts";
import { freshStream } from "../helpers/storage-fixtures.ts";

describe("what DynamoDB refuses", () => {
  const refused = { error: "ConditionalCheckFailedException", more: { Item: { pk: { S: "x" } } } };

  test("by a condition is told after one call, with the item that stands there", async () => {
    const { client, calls } = await scriptedLean(() => refused);
    const error: unknown = await client.send(new PutItemCommand(PUT)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: { pk: { S: "x" } }, $metadata: { httpStatusCode: 400 } });
    expect(calls).toHaveLength(1);
  });

  test("of an append is a conflict after one call, or that very event", async () => {
    const other = await scriptedLean(() => refused);
    await expect(append(other.streams)).rejects.toMatchObject({ code: "version_conflict" });
    expect(other.calls).toHaveLength(1);
    const own = await scriptedLean(({ body }) => ({
      error: "ConditionalCheckFailedException",
      more: { Item: body.Item },
    }));
    await append(own.streams);
    expect(own.calls).toHaveLength(1);
  });

  test.each(["ValidationException", "AccessDeniedException", "ResourceNotFoundException"])(
    "as %s is told after one call, as the SDK tells it",
    async (error) => {
      const { client, sdk, calls } = await scriptedLean(() => ({ error }));
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
      const { streams, bySdk, calls } = await scriptedLean((_call, nth) => (nth < 3 ? { error } : done));
      await append(streams);
      expect(calls).toHaveLength(3);
      expect(bySdk).toEqual([]);
    },
  );

  test("for others' sake on and on is store_unavailable", async () => {
    const { streams, calls } = await scriptedLean(() => ({ error: "ThrottlingException" }));
    await expect(append(streams)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(calls.length).toBeLessThan(10);
  });

  test.each(["ExpiredTokenException", "InvalidSignatureException", "SomethingNew"])(
    "as %s the SDK may mend: it makes the call",
    async (error) => {
      const { streams, bySdk } = await scriptedLean((_call, nth) => (nth === 1 ? { error } : done));
      await append(streams);
      expect(bySdk).toEqual(["PutItemCommand"]);
    },
  );
});

test("an answer beyond the bound is store_unavailable, and not asked for again", async () => {
  const { streams, calls } = await scriptedLean(() => ({ body: { Items: [], more: "x".repeat(2_000) } }), {
    answerBytes: 1_000,
  });
  await expect(streams.load(freshStream())).rejects.toMatchObject({ code: "store_unavailable" });
  expect(calls).toHaveLength(1);
});
