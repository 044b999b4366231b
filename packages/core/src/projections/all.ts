import { changes } from "./changes.ts";
import { positions } from "./positions.ts";
import type { AnyProjection } from "./projection.ts";
import { registry } from "./registry.ts";
import { statements } from "./statements.ts";

/** Every read model of the ledger. A wake-up brings each of them up to the log's end; who follows another, behind it. */
export const PROJECTIONS: readonly AnyProjection[] = [registry, positions, statements, changes];
