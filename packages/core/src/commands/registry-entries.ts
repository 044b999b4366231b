import { LIMITS } from "../limits.ts";
import { fieldError } from "../errors.ts";
import type { ActorProfile, ActorState } from "../domain/actor.ts";
import type { ActorId, PropositionId } from "../domain/ids.ts";
import type { PropositionProfile, PropositionState } from "../domain/proposition.ts";
import type { StreamStore } from "../log/ports.ts";
import { execute } from "./execute.ts";
import type { CommandDeps, CommandRequest, Outcome } from "./request.ts";
import { ACTORS, loadStream, PROPOSITIONS } from "./streams.ts";

/** Registers an actor or revises it. Throws `unknown_actor` for a `speaksFor` that is not registered. */
export function putActor(
  deps: CommandDeps,
  actor: ActorId,
  request: CommandRequest<ActorProfile>,
): Promise<Outcome<ActorState>> {
  const profile = request.payload;
  return execute(deps, ACTORS, actor, "PutActor", request, {
    command: () => ({ type: "PutActor", actor, profile }),
    references: profile.speaksFor.map((id, index) => ({ kind: "actor", id, path: `speaksFor.${index}` })),
    overwrites: true,
  });
}

/** Defines a proposition or revises it. Throws `unknown_proposition` and `broader_cycle`. */
export function putProposition(
  deps: CommandDeps,
  proposition: PropositionId,
  request: CommandRequest<PropositionProfile>,
): Promise<Outcome<PropositionState>> {
  const profile = request.payload;
  return execute(deps, PROPOSITIONS, proposition, "PutProposition", request, {
    command: () => ({ type: "PutProposition", proposition, profile }),
    references: profile.broader.map((id, index) => ({ kind: "proposition", id, path: `broader.${index}` })),
    overwrites: true,
    permit: () => refuseCycle(deps.streams, proposition, profile.broader),
  });
}

/** How many propositions may stand above one, through all levels. */
const ABOVE_COUNT = LIMITS.broaderCount * 10;

/**
 * Walks upwards, level by level, and refuses a way back to where it began. Two writers that link a → b and b → a at
 * the same moment can both pass, as they write to two streams: readers of `broader` must bound their own walk.
 */
async function refuseCycle(
  streams: StreamStore,
  start: PropositionId,
  broader: readonly PropositionId[],
): Promise<void> {
  const cameFrom = new Map(broader.map((id, index) => [id, index]));
  let level = [...cameFrom.keys()];
  while (level.length > 0) {
    const held = await Promise.all(level.map((id) => loadStream(streams, PROPOSITIONS, id)));
    const above: PropositionId[] = [];
    for (const { state } of held) {
      const index = state === null ? undefined : cameFrom.get(state.proposition);
      if (state === null || index === undefined) continue;
      for (const id of state.broader.filter((id) => !cameFrom.has(id))) {
        if (id === start) throw fieldError("broader_cycle", `broader.${index}`, `leads back to ${start}`);
        cameFrom.set(id, index);
        above.push(id);
      }
    }
    if (cameFrom.size > ABOVE_COUNT) {
      throw fieldError("limit_reached", "broader", `more than ${ABOVE_COUNT} propositions would stand above this one`);
    }
    level = above;
  }
}
