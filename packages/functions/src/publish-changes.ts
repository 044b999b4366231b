import { publishDerived } from "@on-record/core/delivery/publish-derived";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { publishDeps } from "./deps.ts";
import { once } from "./once.ts";

const deps = once(publishDeps);

/**
 * The Views table's stream → the bus: what changed, for subscribers. Its records are hints that something has become
 * visible. A failure throws, so that the batch comes again.
 */
export const handler = async (_hints: DynamoDBStreamEvent): Promise<void> => {
  await publishDerived(deps());
};
