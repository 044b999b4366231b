import { ConditionalCheckFailedException, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { randomUUID } from "node:crypto";
import { Instant } from "../domain/time.ts";
import type { Checkpoint, ViewEraser, ViewRange, ViewRow, ViewStore, ViewUpkeep } from "../log/ports.ts";
import { callAws } from "./aws-calls.ts";
import {
  getItem,
  keyItem,
  numberOf,
  putItems,
  queryItems,
  removeItems,
  textOf,
  type DynamoTable,
  type Item,
} from "./dynamo-table.ts";
import { compareUtf8, parseObject } from "./forms.ts";
import { CHECKPOINT_PK } from "../wiring.ts";

/** Read models in the Views table: a row's body is one JSON string; partition `checkpoint` holds the projections' places. */
export class DynamoViews implements ViewStore, ViewUpkeep, ViewEraser {
  readonly #at: DynamoTable;

  constructor(at: DynamoTable) {
    this.#at = at;
  }

  async get(pk: string, sk: string): Promise<object | undefined> {
    const item = await getItem(this.#at, pk, sk);
    return item === undefined ? undefined : bodyIn(item);
  }

  async query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    const { from = "", to, descending = false, limit } = range;
    // DynamoDB refuses limits of 0, empty keys and ranges that end before they begin; there is no row in them.
    if (limit === 0 || to === "" || (to !== undefined && compareUtf8(from, to) > 0)) return [];
    const query = { ...keyCondition(pk, from, to), ScanIndexForward: !descending };
    const items = await queryItems(this.#at, query, limit);
    return items.map((item) => ({ pk, sk: textOf(item, "sk"), body: bodyIn(item) }));
  }

  async put(rows: readonly ViewRow[]): Promise<void> {
    await putItems(
      this.#at,
      rows.map(({ pk, sk, body }) => ({ ...keyItem(pk, sk), body: { S: JSON.stringify(body) } })),
    );
  }

  async rewrite(rows: readonly ViewRow[]): Promise<void> {
    // In DynamoDB a put is both.
    await this.put(rows);
  }

  async *scan(): AsyncGenerator<ViewRow[]> {
    const { client, table } = this.#at;
    let start: Item | undefined;
    do {
      const command = new ScanCommand({ TableName: table, ConsistentRead: true, ExclusiveStartKey: start });
      const page = await callAws(async () => client.send(command));
      const items = (page.Items ?? []).filter((item) => textOf(item, "pk") !== CHECKPOINT_PK);
      yield items.map((item) => ({ pk: textOf(item, "pk"), sk: textOf(item, "sk"), body: bodyIn(item) }));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
  }

  async remove(rows: readonly Pick<ViewRow, "pk" | "sk">[]): Promise<void> {
    await removeItems(this.#at, rows);
  }

  async checkpoint(projection: string): Promise<Checkpoint> {
    const item = await getItem(this.#at, CHECKPOINT_PK, projection);
    if (item === undefined) return { next: 0, recordedAt: null };
    const recordedAt = item["recordedAt"]?.S;
    return {
      next: numberOf(item, "next"),
      recordedAt: recordedAt === undefined ? null : Instant.parse(recordedAt),
      ...(item["build"] && { build: numberOf(item, "build") }),
      ...(item["revision"] && { revision: numberOf(item, "revision") }),
    };
  }

  async advance(projection: string, expected: Checkpoint, to: Checkpoint): Promise<boolean> {
    const { client, table } = this.#at;
    const mover = randomUUID();
    const command = new PutItemCommand({
      TableName: table,
      Item: {
        ...keyItem(CHECKPOINT_PK, projection),
        next: { N: String(to.next) },
        ...(to.recordedAt === null ? {} : { recordedAt: { S: to.recordedAt } }),
        ...(to.build === undefined ? {} : { build: { N: String(to.build) } }),
        ...(to.revision === undefined ? {} : { revision: { N: String(to.revision) } }),
        mover: { S: mover },
      },
      ...stillAt(expected),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await callAws(async () => client.send(command));
      return true;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      // Another may have moved to the very same place: only our own mark tells that an answer of ours was lost.
      return error.Item?.["mover"]?.S === mover;
    }
  }
}

function bodyIn(item: Item): object {
  return parseObject(textOf(item, "body"));
}

/** The condition that a place is where it was read. */
function stillAt({ next, build }: Checkpoint) {
  const sameBuild = build === undefined ? "attribute_not_exists(build)" : "build = :build";
  const same = `#next = :next AND ${sameBuild}`;
  return {
    ConditionExpression: next === 0 ? `attribute_not_exists(pk) OR (${same})` : same,
    ExpressionAttributeNames: { "#next": "next" },
    ExpressionAttributeValues: {
      ":next": { N: String(next) },
      ...(build !== undefined && { ":build": { N: String(build) } }),
    },
  };
}

function keyCondition(pk: string, from: string, to: string | undefined) {
  const values: Item = { ":pk": { S: pk } };
  if (from !== "") values[":from"] = { S: from };
  if (to !== undefined) values[":to"] = { S: to };
  return { KeyConditionExpression: `pk = :pk${rangeCondition(from, to)}`, ExpressionAttributeValues: values };
}

function rangeCondition(from: string, to: string | undefined): string {
  if (to === undefined) return from === "" ? "" : " AND sk >= :from";
  return from === "" ? " AND sk <= :to" : " AND sk BETWEEN :from AND :to";
}
