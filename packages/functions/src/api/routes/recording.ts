import { RecordStatementInput } from "@on-record/core/commands/inputs";
import { recordStatement } from "@on-record/core/commands/record-statement";
import type { Statement } from "@on-record/core/domain/statement/state";
import { MINIMAL, prefersMinimal } from "../../http/preferences.ts";
import { carryOut, type Offer } from "../answer.ts";
import { askedOf } from "../dry-run.ts";
import { presentStatement } from "../present.ts";
import type { ApiContext, ApiParts, RouteModule } from "../route.ts";
import { similarTo } from "../similar.ts";

/** Where statements are recorded. */
export const RECORDING_PATH = "/v1/statements";

function addressOf({ id }: Statement): string {
  return `${RECORDING_PATH}/${id}`;
}

/** Recording, and looking for similar statements meanwhile: neither waits for the other. For one request. */
function recordingWhole(parts: ApiParts): Offer<typeof RecordStatementInput, Statement> {
  let similar: ReturnType<typeof similarTo> | undefined;
  return {
    schema: RecordStatementInput,
    act: "create",
    run: (commands, request) =>
      recordStatement(commands, request, (statement) => {
        similar = similarTo(parts, statement);
      }),
    async tell({ state }) {
      const body = { statement: presentStatement(state), similar: (await similar) ?? null };
      return { body, created: true, location: addressOf(state) };
    },
  };
}

/** Recording for who prefers little: the caller knows what it said, and looks for similar statements itself or not. */
const RECORDING_BRIEFLY: Offer<typeof RecordStatementInput, Statement> = {
  schema: RecordStatementInput,
  act: "create",
  run: (commands, request) => recordStatement(commands, request),
  tell({ state, version }) {
    const body = { statement: { id: state.id, version } };
    return { body, created: true, location: addressOf(state), headers: MINIMAL };
  },
};

function answerRecording(c: ApiContext, parts: ApiParts): Promise<Response> {
  // A dry run is there to be looked at.
  const isBrief = prefersMinimal(c.req.raw) && !askedOf(c, parts).dryRun;
  return carryOut(c, parts, isBrief ? RECORDING_BRIEFLY : recordingWhole(parts));
}

/** Recording one statement: what most requests do. */
export const recording: RouteModule = (parts) => [
  { method: "POST", scope: "record", path: RECORDING_PATH, handle: (c) => answerRecording(c, parts) },
];
