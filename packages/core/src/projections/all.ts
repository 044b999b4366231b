import { positions } from "./positions.ts";
import type { Projection } from "./projection.ts";
import { registry } from "./registry.ts";

/** Every read model of the ledger. A wake-up brings each of them up to the log's end. */
export const PROJECTIONS: readonly Projection[] = [registry, positions];
