import type { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { LedgerError } from "@on-record/core/errors";
import { REGISTRY } from "@on-record/core/projections/registry-key";
import type { RegistryKind } from "@on-record/core/projections/search";
import { registryEntryAt } from "@on-record/core/queries/registry-search";
import * as z from "zod";
import { queryOf, validate } from "../http/validate.ts";
import { answerState } from "./answer.ts";
import { KnownQuery, knownOn, momentOf, waitAfter } from "./moment.ts";
import type { ApiContext, ApiParts } from "./route.ts";

export const EntryQuery = z.strictObject(KnownQuery);

/** An actor or a proposition, and how it is shown. */
interface Entry<S> {
  kind: RegistryKind;
  id: ActorId | PropositionId;
  /** As its stream stands. */
  newest: () => Promise<{ state: S | null; events: readonly unknown[] }>;
  present: (state: S, version: number) => object;
}

/** Answers with an entry of the registry as its stream stands or, where `knownAt` is asked for, as it was known then. */
export async function answerEntry<S extends object>(
  c: ApiContext,
  parts: ApiParts,
  { kind, id, newest, present }: Entry<S>,
): Promise<Response> {
  const { after, ...asked } = validate(EntryQuery, queryOf(c.req.raw));
  await waitAfter(after, REGISTRY, parts);
  if (asked.knownAt === undefined) {
    const { state, events } = await newest();
    if (state === null) throw new LedgerError(`${kind}_not_found`, `there is no ${kind} ${id}`);
    return answerState(c, events.length, present(state, events.length));
  }
  const answer = await registryEntryAt<S>(parts.views, { kind, id }, momentOf(asked, parts.clock));
  const rests = knownOn(answer);
  if (answer.value === null) {
    throw new LedgerError(`${kind}_not_found`, `there was no ${kind} ${id} at that moment`, { details: rests });
  }
  const { state, version } = answer.value;
  return answerState(c, version, { ...present(state, version), ...rests });
}
