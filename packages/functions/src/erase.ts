import { eraseWaiting } from "@on-record/core/erasure/run";
import { StreamName } from "@on-record/core/log/envelope";
import type { SQSEvent } from "aws-lambda";
import * as z from "zod";
import { erasureDeps } from "./deps.ts";
import { createLogger } from "./http/logger.ts";
import { once } from "./once.ts";

const deps = once(erasureDeps);
const logger = createLogger();

/** A wake-up as the bus puts it on a queue. One that names nothing wakes all the same. */
const WakeUp = z.object({ detail: z.object({ stream: StreamName }) });

function streamIn(body: string): StreamName[] {
  try {
    const read = WakeUp.safeParse(JSON.parse(body));
    return read.success ? [read.data.detail.stream] : [];
  } catch {
    return [];
  }
}

/** Tombstones → the words are gone. When one fails all wake-ups of the batch come again. */
export const handler = async ({ Records: records }: SQSEvent): Promise<void> => {
  const named = [...new Set(records.flatMap(({ body }) => streamIn(body)))];
  for (const erased of await eraseWaiting(deps(), named)) logger.info("erased", { ...erased });
};
