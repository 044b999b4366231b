import { positions } from "./positions.ts";
import type { BlockProjection, Projection } from "./projection.ts";
import { registry } from "./registry.ts";
import { statements } from "./statements.ts";

/** Every read model of the ledger. A wake-up brings each of them up to the log's end. */
export const PROJECTIONS: readonly (Projection | BlockProjection)[] = [registry, positions, statements];
