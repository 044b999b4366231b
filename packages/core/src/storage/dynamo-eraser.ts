import { ConditionalCheckFailedException, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { Remains } from "../domain/statement/erased-event.ts";
import type { Envelope } from "../log/envelope.ts";
import type { EventEraser } from "../log/ports.ts";
import { callAws } from "./aws-calls.ts";
import { keyItem, type DynamoTable } from "./dynamo-table.ts";
import { versionKey } from "./forms.ts";

/** Erasure in the Events table: one conditional update an event. */
export class DynamoEraser implements EventEraser {
  readonly #at: DynamoTable;

  constructor(at: DynamoTable) {
    this.#at = at;
  }

  async erase({ id, stream, version, digest }: Envelope, remains: Remains): Promise<void> {
    const { client, table } = this.#at;
    const command = new UpdateItemCommand({
      TableName: table,
      Key: keyItem(stream, versionKey(version)),
      UpdateExpression: "SET #data = :remains REMOVE salt, requestDigest",
      // Whatever else comes to stand there is not this event, and nothing may make one here.
      ConditionExpression: "digest = :digest",
      ExpressionAttributeNames: { "#data": "data" },
      ExpressionAttributeValues: { ":remains": { S: JSON.stringify(remains) }, ":digest": { S: digest } },
    });
    try {
      await callAws(async () => client.send(command));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      throw new Error(`${id} is not what is to be erased`, { cause: error });
    }
  }
}
