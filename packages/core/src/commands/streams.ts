import { actorDecider, type ActorCommand, type ActorEvent, type ActorState } from "../domain/actor.ts";
import type { Decider, Occurred } from "../domain/decider.ts";
import type { ActorId, PropositionId, StatementId } from "../domain/ids.ts";
import {
  propositionDecider,
  type PropositionCommand,
  type PropositionEvent,
  type PropositionState,
} from "../domain/proposition.ts";
import { statementDecider, type StatementCommand } from "../domain/statement/decide.ts";
import type { StatementFact } from "../domain/statement/erased-event.ts";
import { erasedError } from "../domain/statement/erasure.ts";
import type { StatementState } from "../domain/statement/state.ts";
import { StreamName, type LedgerEvent, type StoredEvent } from "../log/envelope.ts";
import type { StreamStore } from "../log/ports.ts";
import { readEvent } from "../log/upcast.ts";

/** One kind of stream: how it is named, its rules, and which events belong in it. */
export interface StreamKind<I extends string, S, C, E extends { type: string; data: unknown }> {
  streamOf: (id: I) => StreamName;
  decider: Decider<S, C, E>;
  owns: (event: LedgerEvent) => event is E & LedgerEvent;
  /** Refuses to tell again what an earlier request came to, where that is to be known no longer. */
  refuseRepeat?: (state: S, earlier: StoredEvent) => void;
}

export const ACTORS: StreamKind<ActorId, ActorState, ActorCommand, ActorEvent> = {
  streamOf: (id) => StreamName.parse(`actor/${id}`),
  decider: actorDecider,
  owns: (event): event is ActorEvent => event.type === "ActorRegistered" || event.type === "ActorRevised",
};

export const PROPOSITIONS: StreamKind<PropositionId, PropositionState, PropositionCommand, PropositionEvent> = {
  streamOf: (id) => StreamName.parse(`proposition/${id}`),
  decider: propositionDecider,
  owns: (event): event is PropositionEvent =>
    event.type === "PropositionDefined" || event.type === "PropositionRevised",
};

export const STATEMENTS: StreamKind<StatementId, StatementState, StatementCommand, StatementFact> = {
  streamOf: (id) => StreamName.parse(`statement/${id}`),
  decider: statementDecider,
  // `readEvent` has chosen the schema by the stream's kind; what is neither of the other two is a statement's.
  owns: (event): event is StatementFact => !ACTORS.owns(event) && !PROPOSITIONS.owns(event),
  refuseRepeat(state, { type }) {
    const { erased } = state ?? {};
    if (state !== null && erased !== undefined && type !== "StatementErased") throw erasedError({ ...state, erased });
  },
};

/** A stream as it was read, and what its events come to. */
export interface HeldStream<S> {
  events: StoredEvent[];
  state: S;
}

/** Reads a whole stream, consistently, and folds it. */
export async function loadStream<I extends string, S, C, E extends { type: string; data: unknown }>(
  streams: StreamStore,
  kind: StreamKind<I, S, C, E>,
  id: I,
): Promise<HeldStream<S>> {
  const events = await streams.load(kind.streamOf(id));
  return { events, state: fold(kind, events) };
}

/** The events of a stream as its rules fold them. */
export function occurredIn<I extends string, S, C, E extends { type: string; data: unknown }>(
  { owns }: StreamKind<I, S, C, E>,
  events: readonly StoredEvent[],
): Occurred<E>[] {
  return events.map((stored) => {
    const event = readEvent(stored);
    if (!owns(event)) throw new Error(`${stored.id} is a ${event.type}, which its stream cannot hold`);
    return { ...event, version: stored.version, recordedBy: stored.recordedBy };
  });
}

/** What the events of a stream, from its first on, come to. */
export function fold<I extends string, S, C, E extends { type: string; data: unknown }>(
  kind: StreamKind<I, S, C, E>,
  events: readonly StoredEvent[],
): S {
  const { decider } = kind;
  let state = decider.initial;
  for (const event of occurredIn(kind, events)) state = decider.evolve(state, event);
  return state;
}
