import {
  ConditionalCheckFailedException,
  PutItemCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Revocation, TokenStore } from "../access/ports.ts";
import type { Instant } from "../domain/time.ts";
import { StoredToken, type TokenId } from "../domain/token.ts";
import { callAws } from "./aws-calls.ts";
import { cancellationCodes } from "./aws-errors.ts";
import { getItem, keyItem, queryItems, type DynamoTable, type Item } from "./dynamo-table.ts";

const TOKENS = "tokens";

/** Tokens in the Control table: one item a token, pk = `tokens`, sk = id, without its value. */
export class DynamoTokens implements TokenStore {
  readonly #at: DynamoTable;

  constructor(at: DynamoTable) {
    this.#at = at;
  }

  async create(token: StoredToken): Promise<boolean> {
    const { client, table } = this.#at;
    const command = new PutItemCommand({
      TableName: table,
      Item: toItem(token),
      ConditionExpression: "attribute_not_exists(pk)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await callAws(async () => client.send(command));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // The SDK asks again when an answer is lost, and then meets what it wrote itself.
      return error.Item?.["hash"]?.S === token.hash;
    }
  }

  async find(id: TokenId): Promise<StoredToken | null> {
    const item = await getItem(this.#at, TOKENS, id);
    return item === undefined ? null : fromItem(item);
  }

  async list({ after, limit }: { after?: TokenId | undefined; limit: number }): Promise<StoredToken[]> {
    const query =
      after === undefined
        ? { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": { S: TOKENS } } }
        : {
            KeyConditionExpression: "pk = :pk AND sk > :after",
            ExpressionAttributeValues: { ":pk": { S: TOKENS }, ":after": { S: after } },
          };
    return (await queryItems(this.#at, query, limit)).map(fromItem);
  }

  async replace(old: TokenId, expiresAt: Instant, replacement: StoredToken): Promise<boolean> {
    const { client, table } = this.#at;
    const put = { TableName: table, Item: toItem(replacement), ConditionExpression: "attribute_not_exists(pk)" };
    const end = {
      TableName: table,
      Key: keyItem(TOKENS, old),
      UpdateExpression: "SET expiresAt = :expiresAt, replacedBy = :replacedBy",
      ConditionExpression:
        "attribute_exists(pk) AND attribute_not_exists(revokedAt) AND attribute_not_exists(replacedBy)",
      ExpressionAttributeValues: { ":expiresAt": { S: expiresAt }, ":replacedBy": { S: replacement.id } },
    };
    const command = new TransactWriteItemsCommand({ TransactItems: [{ Put: put }, { Update: end }] });
    try {
      await callAws(async () => client.send(command));
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      if (!cancellationCodes(error).includes("ConditionalCheckFailed")) throw error;
      // As above: refused by its own success.
      return (await this.find(replacement.id))?.hash === replacement.hash;
    }
  }

  async revoke(id: TokenId, { revokedAt, revokedBy }: Revocation): Promise<StoredToken | null> {
    const { client, table } = this.#at;
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyItem(TOKENS, id),
      UpdateExpression: "SET revokedAt = :at, revokedBy = :by",
      ConditionExpression: "attribute_exists(pk) AND attribute_not_exists(revokedAt)",
      ExpressionAttributeValues: { ":at": { S: revokedAt }, ":by": { S: revokedBy } },
    });
    try {
      await callAws(async () => client.send(command));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
    return this.find(id);
  }
}

/** Scopes are a list; all else is text. What is not there has no attribute. */
function toItem({ id, scopes, ...texts }: StoredToken) {
  const item: Item = { scopes: { L: scopes.map((scope) => ({ S: scope })) } };
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) item[name] = { S: text };
  return { ...item, ...keyItem(TOKENS, id) };
}

function fromItem(item: Item): StoredToken {
  const { pk: _pk, sk, scopes, ...texts } = item;
  const fields = Object.entries(texts).map(([name, { S: text }]) => [name, text] as const);
  return StoredToken.parse({
    ...Object.fromEntries(fields),
    id: sk?.S,
    scopes: scopes?.L?.map(({ S: scope }) => scope),
  });
}
