import * as z from "zod";
import { LIMITS } from "../limits.ts";
import type { Decider } from "./decider.ts";
import { ActorId } from "./ids.ts";
import { sameJson } from "./same-json.ts";
import { words } from "./words.ts";

const Name = words(LIMITS.nameChars);

/** What is known of an actor. A PUT gives all of it. */
export const ActorProfile = z.strictObject({
  /** The name to show. */
  name: Name,
  kind: z.enum(["person", "office", "organisation"]),
  /** Other names under which it is found. */
  aliases: z.array(Name).max(LIMITS.aliasesCount).default([]),
  /** Its item in Wikidata, such as `Q22686`. */
  wikidata: z
    .string()
    .regex(/^Q[1-9]\d{0,11}$/, "a Wikidata item id, such as Q22686")
    .optional(),
  description: words(LIMITS.descriptionChars).optional(),
  /** The actors whose positions this one states, when it speaks for them. */
  speaksFor: z.array(ActorId).max(LIMITS.aliasesCount).default([]),
});
export type ActorProfile = z.infer<typeof ActorProfile>;

export const ActorEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ActorRegistered"), data: ActorProfile.extend({ actor: ActorId }) }),
  z.strictObject({ type: z.literal("ActorRevised"), data: ActorProfile.extend({ actor: ActorId }) }),
]);
export type ActorEvent = z.infer<typeof ActorEvent>;

export type ActorState = (ActorProfile & { actor: ActorId }) | null;
export type ActorCommand = { type: "PutActor"; actor: ActorId; profile: ActorProfile };

/** Registers an actor, revises it, or finds nothing to change. */
export const actorDecider: Decider<ActorState, ActorCommand, ActorEvent> = {
  initial: null,
  decide({ actor, profile }, state) {
    const data = { actor, ...profile };
    if (state === null) return { type: "ActorRegistered", data };
    return sameJson(state, data) ? null : { type: "ActorRevised", data };
  },
  evolve: (_state, event) => event.data,
};
