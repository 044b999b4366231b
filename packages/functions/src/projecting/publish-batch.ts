import { derivedMessage } from "@on-record/core/delivery/derived-messages";
import type { Bus } from "@on-record/core/log/ports";
import { DerivedEvent } from "@on-record/core/projections/positions/derived";
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import type { Logger } from "../http/logger.ts";

function eventIn(record: DynamoDBRecord): DerivedEvent {
  return DerivedEvent.parse(JSON.parse(record.dynamodb?.NewImage?.["body"]?.S ?? "null"));
}

/**
 * A batch of derived events from the Views table's stream → the bus, in order.
 *
 * The first record that the bus did not take is named as failed: it and all behind it come again. Dies before the
 * bus's answer: the batch comes again, under the same ids. Dies after: the same; who ignores repeated ids sees each once.
 */
export async function publishBatch(
  bus: Bus,
  logger: Logger,
  { Records: records }: DynamoDBStreamEvent,
): Promise<DynamoDBBatchResponse> {
  let accepted = 0;
  try {
    accepted = await bus.publish(records.map((record) => derivedMessage(eventIn(record))));
    if (accepted === records.length) return { batchItemFailures: [] };
    logger.error("the bus refused a derived event and will be offered it again", { accepted, of: records.length });
  } catch (error) {
    logger.error("derived events could not be published and will come again", { records: records.length, error });
    if (records[accepted]?.dynamodb?.SequenceNumber === undefined) throw error;
  }
  const first = records[accepted]?.dynamodb?.SequenceNumber;
  if (first === undefined) throw new Error("the bus refused a record that has no sequence number");
  return { batchItemFailures: [{ itemIdentifier: first }] };
}
