import * as z from "zod";
import { fieldError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { Decider } from "./decider.ts";
import { PropositionId } from "./ids.ts";
import { sameJson } from "./same-json.ts";
import { words } from "./words.ts";

const Tag = words(LIMITS.idChars);

/** What a proposition says. A PUT gives all of it. */
export const PropositionProfile = z.strictObject({
  /** Worded as an act or a state: "The United States deploys ground troops in Ukraine". */
  wording: words(LIMITS.wordingChars),
  /** Tags to group by. */
  topics: z.array(Tag).max(LIMITS.keywordsCount).default([]),
  /** Words by which a text about it can be found. */
  keywords: z.array(Tag).max(LIMITS.keywordsCount).default([]),
  /** Propositions that this one is a case of: who rules out the broader one has ruled this one out. */
  broader: z.array(PropositionId).max(LIMITS.broaderCount).default([]),
  description: words(LIMITS.descriptionChars).optional(),
});
export type PropositionProfile = z.infer<typeof PropositionProfile>;

const Data = PropositionProfile.extend({ proposition: PropositionId });

export const PropositionEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("PropositionDefined"), data: Data }),
  z.strictObject({ type: z.literal("PropositionRevised"), data: Data }),
]);
export type PropositionEvent = z.infer<typeof PropositionEvent>;

export type PropositionState = (PropositionProfile & { proposition: PropositionId }) | null;
export type PropositionCommand = { type: "PutProposition"; proposition: PropositionId; profile: PropositionProfile };

/** Defines a proposition, revises it, or finds nothing to change. */
export const propositionDecider: Decider<PropositionState, PropositionCommand, PropositionEvent> = {
  initial: null,
  decide({ proposition, profile }, state) {
    if (profile.broader.includes(proposition)) {
      throw fieldError("broader_cycle", "broader", "a proposition is not broader than itself");
    }
    const data = { proposition, ...profile };
    if (state === null) return { type: "PropositionDefined", data };
    return sameJson(state, data) ? null : { type: "PropositionRevised", data };
  },
  evolve: (_state, event) => event.data,
};
