import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { busDeps } from "./deps.ts";
import { createLogger } from "./http/logger.ts";
import { once } from "./once.ts";
import { publishBatch } from "./projecting/publish-batch.ts";

const deps = once(busDeps);
const logger = createLogger();

/** The Views table's stream → the bus: what changed, for subscribers. */
export const handler = async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> =>
  publishBatch(deps().bus, logger, event);
