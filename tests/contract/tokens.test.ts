import { afterAll, expect, test } from "vitest";
import { instantOf } from "@on-record/core/domain/time";
import { DynamoTokens } from "@on-record/core/storage/dynamo-tokens";
import { FaultyTokens } from "@on-record/core/storage/faulty";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { scriptedTable, type ScriptedAnswer } from "../helpers/scripted-storage.ts";
import { StorageEngine } from "../helpers/storage-fixtures.ts";
import { sampleToken } from "../helpers/tokens.ts";
import { describeTokensContract } from "./tokens.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

describeTokensContract("memory", async () => new MemoryTokens());
describeTokensContract(
  "faulty, with no fault planned",
  async () => new FaultyTokens(new MemoryTokens(), () => undefined),
);
describeTokensContract("DynamoDB", async () => new DynamoTokens(await engine.table()));

const revocation = { revokedAt: instantOf(1), revokedBy: sampleToken().createdBy };

test("faulty: every method can fail, before and after its work", async () => {
  for (const fail of ["before", "after"] as const) {
    const token = sampleToken();
    const tokens = new FaultyTokens(new MemoryTokens(), () => ({ fail }));
    const calls = [
      tokens.create(token),
      tokens.find(token.id),
      tokens.list({ limit: 1 }),
      tokens.replace(token.id, token.createdAt, sampleToken()),
      tokens.revoke(token.id, revocation),
    ];
    const failed = { status: "rejected", reason: { code: "store_unavailable" } };
    expect(await Promise.allSettled(calls)).toMatchObject(calls.map(() => failed));
  }
});

test("DynamoDB: a token is looked up by one consistent read", async () => {
  const table = await scriptedTable(() => ({ body: {} }));
  expect(await new DynamoTokens(table).find(sampleToken().id)).toBeNull();
  expect(table.calls).toMatchObject([{ operation: "GetItem", body: { ConsistentRead: true } }]);
});

test("DynamoDB: a store that does not answer is store_unavailable, whatever is asked of it", async () => {
  const tokens = new DynamoTokens(await scriptedTable(() => "hang up"));
  const { id, createdAt } = sampleToken();
  const unavailable = { code: "store_unavailable" };
  await expect(tokens.create(sampleToken())).rejects.toMatchObject(unavailable);
  await expect(tokens.find(id)).rejects.toMatchObject(unavailable);
  await expect(tokens.list({ limit: 1 })).rejects.toMatchObject(unavailable);
  await expect(tokens.replace(id, createdAt, sampleToken())).rejects.toMatchObject(unavailable);
  await expect(tokens.revoke(id, revocation)).rejects.toMatchObject(unavailable);
});

test("DynamoDB: a token or replacement that meets itself, as an answer was lost between attempts, was written", async () => {
  const standing: Record<string, unknown>[] = [];
  const table = await scriptedTable(
    ({ operation, body }, nth): ScriptedAnswer => {
      if (operation === "GetItem") return { body: { Item: standing.at(-1) } };
      standing.push(operation === "PutItem" ? body.Item : (body.TransactItems[0]?.Put.Item ?? {}));
      if (nth % 2 === 1) return "hang up";
      return operation === "PutItem"
        ? { error: "ConditionalCheckFailedException", more: { Item: standing.at(-1) } }
        : {
            error: "TransactionCanceledException",
            more: { CancellationReasons: [{ Code: "ConditionalCheckFailed" }, { Code: "ConditionalCheckFailed" }] },
          };
    },
    { maxAttempts: 2 },
  );
  const tokens = new DynamoTokens(table);
  expect(await tokens.create(sampleToken())).toBe(true);
  expect(await tokens.replace(sampleToken().id, instantOf(1), sampleToken())).toBe(true);
});
