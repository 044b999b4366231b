import { ActorEvent, ActorProfile } from "@on-record/core/domain/actor";
import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { PropositionEvent, PropositionProfile } from "@on-record/core/domain/proposition";
import * as z from "zod";
import { MayBeKnown, Outcome, Text, Through, Version } from "./common.ts";
import { asStored, rehearsalOf, wouldRecord } from "./rehearsal.ts";

export const Actor = z.strictObject({ id: ActorId, version: Version, ...ActorProfile.shape });
export const Proposition = z.strictObject({ id: PropositionId, version: Version, ...PropositionProfile.shape });

export const ActorAnswer = z.strictObject({ actor: Actor, ...MayBeKnown });
export const PropositionAnswer = z.strictObject({ proposition: Proposition, ...MayBeKnown });
export const ActorOutcome = z.strictObject({ actor: Actor, ...Outcome });
export const PropositionOutcome = z.strictObject({ proposition: Proposition, ...Outcome });

const [ActorRegistered, ActorRevised] = ActorEvent.options;
const [PropositionDefined, PropositionRevised] = PropositionEvent.options;

export const Actors = z.strictObject({
  actors: z.array(Actor),
  next: Text.optional(),
  ...MayBeKnown,
  through: Through,
});
export const Propositions = z.strictObject({
  propositions: z.array(Proposition),
  next: Text.optional(),
  ...MayBeKnown,
  through: Through,
});
export const ActorEvents = z.strictObject({
  events: z.array(z.discriminatedUnion("type", [asStored(ActorRegistered), asStored(ActorRevised)])),
});
export const PropositionEvents = z.strictObject({
  events: z.array(z.discriminatedUnion("type", [asStored(PropositionDefined), asStored(PropositionRevised)])),
});

export const ActorRehearsal = rehearsalOf(
  { actor: Actor },
  z.discriminatedUnion("type", [wouldRecord(ActorRegistered), wouldRecord(ActorRevised)]),
);
export const PropositionRehearsal = rehearsalOf(
  { proposition: Proposition },
  z.discriminatedUnion("type", [wouldRecord(PropositionDefined), wouldRecord(PropositionRevised)]),
);
