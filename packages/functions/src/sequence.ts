import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { sequencerDeps } from "./deps.ts";
import { createLogger } from "./http/logger.ts";
import { once } from "./once.ts";
import { sequenceBatch } from "./sequencing/sequence-batch.ts";

const deps = once(sequencerDeps);
const logger = createLogger();

/** The Events table's stream → the log → the bus. */
export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
  sequenceBatch(deps(), logger, event);
