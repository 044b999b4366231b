import { putActor } from "@on-record/core/commands/registry-entries";
import { ACTORS, loadStream } from "@on-record/core/commands/streams";
import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { pathId } from "../../http/validate.ts";
import { carryOut } from "../answer.ts";
import { answerEntry } from "../entry.ts";
import { answerEvents } from "../events.ts";
import { presentActor } from "../present.ts";
import type { ApiContext, RouteModule } from "../route.ts";

const PATH = "/v1/actors/:id";

function idOf(c: ApiContext): ActorId {
  return pathId(ActorId, c.req.param("id"), "actor_not_found");
}

/** Who can take a position. */
export const actors: RouteModule = (parts) => [
  {
    method: "PUT",
    scope: "edit",
    path: PATH,
    async handle(c) {
      const id = idOf(c);
      return carryOut(c, parts, {
        schema: ActorProfile,
        act: "put",
        run: (commands, request) => putActor(commands, id, request),
        tell({ state, version, event }) {
          if (state === null) throw new Error("an actor that was put has a state");
          const body = { actor: presentActor(state, version) };
          return { body, created: event?.version === 1, location: `/v1/actors/${id}` };
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
        kind: "actor",
        id,
        newest: () => loadStream(parts.streams, ACTORS, id),
        present: (state, version) => ({ actor: presentActor(state, version) }),
      });
    },
  },
  {
    method: "GET",
    scope: "read",
    path: `${PATH}/events`,
    handle(c) {
      const id = idOf(c);
      const notFound = new LedgerError("actor_not_found", `there is no actor ${id}`);
      return answerEvents(c, parts, ACTORS.streamOf(id), notFound);
    },
  },
];
