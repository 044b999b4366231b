import { PROJECTIONS } from "@on-record/core/projections/all";
import { keepUp } from "@on-record/core/projections/replay";
import type { SQSEvent } from "aws-lambda";
import { projectionDeps } from "./deps.ts";
import { once } from "./once.ts";

const deps = once(projectionDeps);

/**
 * Wake-ups → read models. What a wake-up says does not matter: each projection reads the log from its own checkpoint.
 * When one fails all wake-ups of the batch come again.
 */
export const handler = async (_wakeUps: SQSEvent): Promise<void> => {
  for (const projection of PROJECTIONS) await keepUp(projection, deps());
};
