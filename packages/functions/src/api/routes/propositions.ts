import { putProposition } from "@on-record/core/commands/registry-entries";
import { loadStream, PROPOSITIONS } from "@on-record/core/commands/streams";
import { PropositionId } from "@on-record/core/domain/ids";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import { LedgerError } from "@on-record/core/errors";
import { pathId } from "../../http/validate.ts";
import { carryOut } from "../answer.ts";
import { answerEntry } from "../entry.ts";
import { answerEvents } from "../events.ts";
import { presentProposition } from "../present.ts";
import type { ApiContext, RouteModule } from "../route.ts";

const PATH = "/v1/propositions/:id";

function idOf(c: ApiContext): PropositionId {
  return pathId(PropositionId, c.req.param("id"), "proposition_not_found");
}

/** What a position can be about. */
export const propositions: RouteModule = (parts) => [
  {
    method: "PUT",
    scope: "edit",
    path: PATH,
    async handle(c) {
      const id = idOf(c);
      return carryOut(c, parts, {
        schema: PropositionProfile,
        act: "put",
        run: (commands, request) => putProposition(commands, id, request),
        tell({ state, version, event }) {
          if (state === null) throw new Error("a proposition that was put has a state");
          const body = { proposition: presentProposition(state, version) };
          return { body, created: event?.version === 1, location: `/v1/propositions/${id}` };
        },
      });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: PATH,
    handle(c) {
      const id = idOf(c);
      return answerEntry(c, parts, {
        kind: "proposition",
        id,
        newest: () => loadStream(parts.streams, PROPOSITIONS, id),
        present: (state, version) => ({ proposition: presentProposition(state, version) }),
      });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: `${PATH}/events`,
    handle(c) {
      const id = idOf(c);
      const notFound = new LedgerError("proposition_not_found", `there is no proposition ${id}`);
      return answerEvents(c, parts, PROPOSITIONS.streamOf(id), notFound);
    },
  },
];
