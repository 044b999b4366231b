import { recover, type Recovered } from "@on-record/core/sequencer/recover";
import { sequencerDeps } from "./deps.ts";
import { createLogger } from "./http/logger.ts";
import { once } from "./once.ts";

const deps = once(sequencerDeps);
const logger = createLogger();

/** Brings in events that no stream record announced. Called by a person, or by a schedule. */
export const handler = async (): Promise<Recovered> => {
  const recovered = await recover(deps());
  logger.info("recovered", { ...recovered });
  return recovered;
};
