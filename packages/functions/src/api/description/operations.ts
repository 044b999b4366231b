import { CHANGES } from "./changes.ts";
import { ERASURE } from "./erasure.ts";
import { EXPORT } from "./export.ts";
import { LIFE } from "./life.ts";
import { LOG_TREE } from "./log-tree.ts";
import { POSITIONS } from "./positions.ts";
import { REGISTRY } from "./registry.ts";
import { SERVICE } from "./service.ts";
import { STATEMENTS } from "./statements.ts";

/** Every route, by its operation's name. The client takes its types from here. */
export const OPERATIONS = {
  ...STATEMENTS,
  ...LIFE,
  ...ERASURE,
  ...REGISTRY,
  ...POSITIONS,
  ...CHANGES,
  ...LOG_TREE,
  ...EXPORT,
  ...SERVICE,
};
export type Operations = typeof OPERATIONS;
