import { type ActorProfile, actorDecider } from "@on-record/core/domain/actor";
import { PropositionId } from "@on-record/core/domain/ids";
import { type PropositionProfile, propositionDecider } from "@on-record/core/domain/proposition";
import { describe, expect, it } from "vitest";
import { AIR, LEAVITT, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { folded, given } from "../../helpers/given.ts";

const profile: ActorProfile = { name: "Karoline Leavitt", kind: "person", aliases: ["Leavitt"], speaksFor: [TRUMP] };
const put = (more: Partial<ActorProfile> = {}) => ({
  type: "PutActor" as const,
  actor: LEAVITT,
  profile: { ...profile, ...more },
});
const registered = { type: "ActorRegistered" as const, data: { actor: LEAVITT, ...profile } };

describe("an actor", () => {
  it("is registered when it is new", () => {
    given(actorDecider).when(put()).yields(registered);
  });

  it("is left alone by the same profile again", () => {
    given(actorDecider, registered).when(put()).yieldsNothing();
  });

  it("is left alone when only the order of keys differs", () => {
    const { name, ...rest } = profile;
    given(actorDecider, registered)
      .when({ type: "PutActor", actor: LEAVITT, profile: { ...rest, name } })
      .yieldsNothing();
  });

  const revisions: Partial<ActorProfile>[] = [
    { name: "K. Leavitt" },
    { kind: "office" },
    { aliases: [] },
    { wikidata: "Q1" },
    { description: "press secretary" },
    { speaksFor: [] },
  ];
  it.each(revisions)("is revised by %o", (more) => {
    given(actorDecider, registered)
      .when(put(more))
      .yields({ type: "ActorRevised", data: { actor: LEAVITT, ...profile, ...more } });
  });

  it("loses what a later profile leaves out", () => {
    const described = { type: "ActorRevised" as const, data: { ...registered.data, description: "press secretary" } };
    given(actorDecider, registered, described).when(put()).yields({ type: "ActorRevised", data: registered.data });
    expect(folded(actorDecider, [registered, described, { type: "ActorRevised", data: registered.data }])).toEqual(
      registered.data,
    );
  });
});

const claim: PropositionProfile = {
  wording: "The United States deploys ground troops in Ukraine",
  topics: ["war"],
  keywords: [],
  broader: [],
};
const state = (more: Partial<PropositionProfile> = {}) => ({
  type: "PutProposition" as const,
  proposition: TROOPS,
  profile: { ...claim, ...more },
});
const defined = { type: "PropositionDefined" as const, data: { proposition: TROOPS, ...claim } };

describe("a proposition", () => {
  it("is defined when it is new", () => {
    given(propositionDecider).when(state()).yields(defined);
  });

  it("is left alone by the same profile again", () => {
    given(propositionDecider, defined).when(state()).yieldsNothing();
  });

  const revisions: Partial<PropositionProfile>[] = [
    { wording: "U.S. troops are sent" },
    { topics: [] },
    { keywords: ["boots on the ground"] },
    { broader: [PropositionId.parse("any-troops")] },
    { description: "uniformed forces" },
  ];
  it.each(revisions)("is revised by %o", (more) => {
    given(propositionDecider, defined)
      .when(state(more))
      .yields({ type: "PropositionRevised", data: { ...defined.data, ...more } });
  });

  it("is never broader than itself, new or known", () => {
    given(propositionDecider)
      .when(state({ broader: [AIR, TROOPS] }))
      .fails("broader_cycle");
    given(propositionDecider, defined)
      .when(state({ broader: [TROOPS] }))
      .fails("broader_cycle");
  });
});
