import { putProposition } from "@on-record/core/commands/registry-entries";
import { loadStream, PROPOSITIONS } from "@on-record/core/commands/streams";
import { PropositionId } from "@on-record/core/domain/ids";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import { LedgerError } from "@on-record/core/errors";
import { pathId } from "../../http/validate.ts";
import { answer, commandRequest, etagOf } from "../answer.ts";
import { presentProposition } from "../present.ts";
import type { ApiContext, RouteModule } from "../route.ts";

const PATH = "/v1/propositions/:id";

function idOf(c: ApiContext): PropositionId {
  return pathId(PropositionId, c.req.param("id"), "proposition_not_found");
}

/** What a position can be about. */
export const propositions: RouteModule = ({ commands, streams }) => [
  {
    method: "PUT",
    scope: "edit",
    path: PATH,
    async handle(c) {
      const id = idOf(c);
      const outcome = await putProposition(commands, id, await commandRequest(c, PropositionProfile));
      const { state, version, event } = outcome;
      if (state === null) throw new Error("a proposition that was put has a state");
      const body = { proposition: presentProposition(state, version) };
      return answer(c, outcome, { body, created: event?.version === 1, location: `/v1/propositions/${id}` });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: PATH,
    async handle(c) {
      const id = idOf(c);
      const { state, events } = await loadStream(streams, PROPOSITIONS, id);
      if (state === null) throw new LedgerError("proposition_not_found", `there is no proposition ${id}`);
      c.header("etag", etagOf(events.length));
      return c.json({ proposition: presentProposition(state, events.length) });
    },
  },
];
