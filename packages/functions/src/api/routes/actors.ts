import { putActor } from "@on-record/core/commands/registry-entries";
import { ACTORS, loadStream } from "@on-record/core/commands/streams";
import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { pathId } from "../../http/validate.ts";
import { answer, commandRequest, etagOf } from "../answer.ts";
import { presentActor } from "../present.ts";
import type { ApiContext, RouteModule } from "../route.ts";

const PATH = "/v1/actors/:id";

function idOf(c: ApiContext): ActorId {
  return pathId(ActorId, c.req.param("id"), "actor_not_found");
}

/** Who can take a position. */
export const actors: RouteModule = ({ commands, streams }) => [
  {
    method: "PUT",
    scope: "edit",
    path: PATH,
    async handle(c) {
      const id = idOf(c);
      const outcome = await putActor(commands, id, await commandRequest(c, ActorProfile));
      const { state, version, event } = outcome;
      if (state === null) throw new Error("an actor that was put has a state");
      const body = { actor: presentActor(state, version) };
      return answer(c, outcome, { body, created: event?.version === 1, location: `/v1/actors/${id}` });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: PATH,
    async handle(c) {
      const id = idOf(c);
      const { state, events } = await loadStream(streams, ACTORS, id);
      if (state === null) throw new LedgerError("actor_not_found", `there is no actor ${id}`);
      c.header("etag", etagOf(events.length));
      return c.json({ actor: presentActor(state, events.length) });
    },
  },
];
