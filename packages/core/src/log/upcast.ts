import { isErased, type LedgerEvent, type StoredEvent } from "./envelope.ts";
import { ActorEvent } from "../domain/actor.ts";
import { PropositionEvent } from "../domain/proposition.ts";
import { ErasedEvent } from "../domain/statement/erased-event.ts";
import { StatementEvent } from "../domain/statement/events.ts";

/** Turns the data of one schema version into the next. */
export type Upcast = (data: unknown) => unknown;

/** Per event type, the steps from version 1 on: step `n − 1` turns version n into n + 1. Events are never rewritten. */
export type Upcasters = Readonly<Record<string, readonly Upcast[]>>;

const UPCASTERS: Upcasters = {};

function stepsOf(type: string, upcasters: Upcasters): readonly Upcast[] {
  return (Object.hasOwn(upcasters, type) && upcasters[type]) || [];
}

/** The schema version that new events of a type are written in. */
export function schemaVersionOf(type: string, upcasters: Upcasters = UPCASTERS): number {
  return stepsOf(type, upcasters).length + 1;
}

/** An event's data in today's form. Throws on a version that this software does not know: a newer one wrote it. */
export function upcast(
  event: Pick<StoredEvent, "type" | "schemaVersion" | "data">,
  upcasters: Upcasters = UPCASTERS,
): unknown {
  const steps = stepsOf(event.type, upcasters);
  const { type, schemaVersion } = event;
  if (!Number.isInteger(schemaVersion) || schemaVersion < 1 || schemaVersion > steps.length + 1) {
    throw new Error(`${type} has schema version ${schemaVersion}; this software reads up to ${steps.length + 1}`);
  }
  return steps.slice(schemaVersion - 1).reduce((data, step) => step(data), event.data);
}

/** Reads a stored event as today's software understands it; the schema has the last word. */
export function readEvent(event: StoredEvent): LedgerEvent {
  if (isErased(event)) return ErasedEvent.parse({ type: "Erased", data: event.data });
  const candidate = { type: event.type, data: upcast(event) };
  const kind = event.stream.slice(0, event.stream.indexOf("/"));
  if (kind === "actor") return ActorEvent.parse(candidate);
  if (kind === "proposition") return PropositionEvent.parse(candidate);
  return StatementEvent.parse(candidate);
}
