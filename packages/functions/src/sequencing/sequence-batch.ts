import { hintsOf } from "@on-record/core/sequencer/hints";
import { sequence, type SequencerDeps } from "@on-record/core/sequencer/sequence";
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import type { Logger } from "../http/logger.ts";

/**
 * A batch of the Events table's stream. When the sequencer fails, the first record is named as failed, so that the whole
 * batch comes again and nothing is skipped: records are hints, and hints that are repeated change nothing.
 */
export async function sequenceBatch(
  deps: SequencerDeps,
  logger: Logger,
  { Records: records }: DynamoDBStreamEvent,
): Promise<DynamoDBBatchResponse> {
  const { hints, ignored } = hintsOf(records);
  if (ignored.length > 0) logger.error("records of the Events stream name no event", { count: ignored.length });
  try {
    const { gaps } = await sequence(deps, hints);
    if (gaps.length > 0) logger.error("streams have a hole", { gaps });
    return { batchItemFailures: [] };
  } catch (error) {
    logger.error("the sequencer failed and will be given its batch again", { records: records.length, error });
    const first = records[0]?.dynamodb?.SequenceNumber;
    // Without a name for the record only a failure of the whole invocation brings the batch back.
    if (first === undefined) throw error;
    return { batchItemFailures: [{ itemIdentifier: first }] };
  }
}
