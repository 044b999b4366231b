import { handler as api } from "@on-record/functions/api";
import { handler as erase } from "@on-record/functions/erase";
import { handler as project } from "@on-record/functions/project";
import { handler as publishChanges } from "@on-record/functions/publish-changes";
import { handler as recover } from "@on-record/functions/recover";
import { handler as sequence } from "@on-record/functions/sequence";

/** Loaded when it is first asked for: most ledgers never are, and a start need not wait for it. */
const describe: typeof api = async (event) => (await import("@on-record/functions/describe")).handler(event);

/** The exported Lambda handlers, by the names that the wiring gives them. */
export const FUNCTIONS = {
  api,
  describe,
  sequence,
  project,
  erase,
  "publish-changes": publishChanges,
  recover,
} as const;
