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
import type { StatementEvent } from "../domain/statement/events.ts";
import type { StatementState } from "../domain/statement/state.ts";
import { StreamName, type LedgerEvent, type StoredEvent } from "../log/envelope.ts";
import type { StreamStore } from "../log/ports.ts";
import { readEvent } from "../log/upcast.ts";

/** One kind of stream: how it is named, its rules, and which events belong in it. */
export interface StreamKind<I extends string, S, C, E extends { type: string; data: unknown }> {
  streamOf: (id: I) => StreamName;
  decider: Decider<S, C, E>;
  owns: (event: LedgerEvent) => event is E & LedgerEvent;
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

export const STATEMENTS: StreamKind<StatementId, StatementState, StatementCommand, StatementEvent> = {
  streamOf: (id) => StreamName.parse(`statement/${id}`),
  decider: statementDecider,
  // `readEvent` has chosen the schema by the stream's kind; what is neither of the other two is a statement's.
  owns: (event): event is StatementEvent => !ACTORS.owns(event) && !PROPOSITIONS.owns(event),
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

/** What the events of a stream, from its first on, come to. */
export function fold<I extends string, S, C, E extends { type: string; data: unknown }>(
  { decider, owns }: StreamKind<I, S, C, E>,
  events: readonly StoredEvent[],
): S {
  let state = decider.initial;
  for (const stored of events) {
    const event = readEvent(stored);
    if (!owns(event)) throw new Error(`${stored.id} is a ${event.type}, which its stream cannot hold`);
    const occurred: Occurred<E> = { ...event, version: stored.version, recordedBy: stored.recordedBy };
    state = decider.evolve(state, occurred);
  }
  return state;
}
