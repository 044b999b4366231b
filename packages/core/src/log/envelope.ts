import * as z from "zod";
import type { ActorEvent } from "../domain/actor.ts";
import { PrincipalId } from "../domain/ids.ts";
import type { PropositionEvent } from "../domain/proposition.ts";
import type { StatementFact } from "../domain/statement/erased-event.ts";
import { Instant } from "../domain/time.ts";

/** A stream's name: its kind and the aggregate's id, as in `statement/st_…`. */
export const StreamName = z
  .string()
  .max(100)
  .regex(/^(actor|proposition|statement)\/[a-z0-9_-]+$/)
  .brand<"StreamName">();
export type StreamName = z.infer<typeof StreamName>;

/** An event's name, unique in the ledger: its stream and version, as in `statement/st_…@3`. */
export const EventId = z
  .string()
  .max(110)
  .regex(/^(actor|proposition|statement)\/[a-z0-9_-]+@[1-9]\d{0,5}$/)
  .brand<"EventId">();
export type EventId = z.infer<typeof EventId>;

/** Everything that can happen in the ledger, and what is left of it once it was erased. */
export type LedgerEvent = ActorEvent | PropositionEvent | StatementFact;

/** The part of an event that enters the log for good: everything but what was said. */
export const Envelope = z.strictObject({
  id: EventId,
  stream: StreamName,
  /** Place in the stream, from 1. */
  version: z.int().min(1),
  type: z.string().max(40),
  /** Which form of this event's data; older forms are upcast on read. */
  schemaVersion: z.int().min(1),
  /** When the append was accepted. */
  receivedAt: Instant,
  recordedBy: PrincipalId,
  /** A keyed hash of the caller's Idempotency-Key, or a random id. */
  requestId: z.string().max(64),
  /** SHA-256 over the salt and the canonical JSON of the data, base64url. */
  digest: z.string().length(43),
});
export type Envelope = z.infer<typeof Envelope>;

/**
 * An event as the Events table holds it. When it is erased, `salt` and `requestDigest` go, and read as empty; `data` is
 * then what erasure left in its place.
 */
export interface StoredEvent extends Envelope {
  data: unknown;
  salt: string;
  /** Keyed hash of the request that led to it: tells a retry from another payload under the same key. */
  requestDigest: string;
}

/** One line of the log, in its final form: the envelope and what the sequencer gives. */
export const LogEntry = Envelope.extend({
  /** Place in the whole ledger, from 0, without gaps. */
  sequence: z.int().min(0),
  /** When it entered the log; never runs backwards along the sequence. */
  recordedAt: Instant,
});
export type LogEntry = z.infer<typeof LogEntry>;

export function eventIdOf(stream: StreamName, version: number): EventId {
  return EventId.parse(`${stream}@${version}`);
}

/** The stream and version that an event id names. */
export function splitEventId(id: EventId): { stream: StreamName; version: number } {
  const at = id.lastIndexOf("@");
  return { stream: StreamName.parse(id.slice(0, at)), version: Number(id.slice(at + 1)) };
}

/** Whether what the event said was erased: nothing is appended without a salt. */
export function isErased({ salt }: Pick<StoredEvent, "salt">): boolean {
  return salt === "";
}

/**
 * A stream's events as they may be shown: once there is a tombstone, nothing but that one says what it said, whether
 * or not the rest has left the table yet.
 */
export function withoutErased(events: readonly StoredEvent[]): StoredEvent[] {
  const isGone = events.at(-1)?.type === "StatementErased";
  return events.map((event) => {
    const isShown = event.type === "StatementErased" || (!isGone && !isErased(event));
    return isShown ? event : { ...event, data: null, salt: "", requestDigest: "" };
  });
}

/** The envelope alone: what one who may not see the data may see, and what the log keeps. */
export function envelopeOf(event: StoredEvent): Envelope {
  const { id, stream, version, type, schemaVersion, receivedAt, recordedBy, requestId, digest } = event;
  return { id, stream, version, type, schemaVersion, receivedAt, recordedBy, requestId, digest };
}
