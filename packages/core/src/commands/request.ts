import type { PrincipalId } from "../domain/ids.ts";
import { keyedHash } from "../log/digest.ts";
import type { EventId, StoredEvent } from "../log/envelope.ts";
import type { StreamStore } from "../log/ports.ts";
import type { Expected } from "./precondition.ts";
import type { Registry } from "./registry.ts";

/** What every command needs. */
export interface CommandDeps {
  streams: StreamStore;
  registry: Registry;
  /** The ledger's own secret: ids and request digests reveal nothing without it. */
  ledgerKey: Uint8Array;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** That many bytes nobody can guess. */
  random: (bytes: number) => Uint8Array;
}

/** A command as it was asked: by whom, under which Idempotency-Key, and with what (already validated). */
export interface CommandRequest<P> {
  principal: PrincipalId;
  idempotencyKey?: string | undefined;
  payload: P;
  /** What the caller knows of the stream. Told by `precondition_failed` when it is otherwise; a replay needs none. */
  expected?: Expected | undefined;
}

/** What a command came to. */
export interface Outcome<S> {
  /** As of `event`; as it stands when nothing was left to do. */
  state: S;
  /** The stream's version that `state` is as of. */
  version: number;
  /** The event that the request led to, now or the first time; `null` when nothing was left to do. */
  event: { id: EventId; version: number } | null;
  /** The same request was answered before; this is that answer. */
  replayed: boolean;
  /** Nothing was left to do. */
  unchanged: boolean;
}

/** By what an event remembers the request that led to it. */
export interface RequestMarks {
  requestId: string;
  requestDigest: string;
}

const RANDOM_ID_BYTES = 24;

/**
 * The marks of a request of one kind. The same principal and Idempotency-Key always give the same `requestId`, so a
 * retry finds its event in the stream; without a key the id is random and never met again.
 */
export function marksOf(
  { ledgerKey, random }: Pick<CommandDeps, "ledgerKey" | "random">,
  type: string,
  { principal, idempotencyKey, payload }: CommandRequest<unknown>,
): RequestMarks {
  const requestId =
    idempotencyKey === undefined
      ? Buffer.from(random(RANDOM_ID_BYTES)).toString("base64url")
      : keyedHash(ledgerKey, "request", [principal, idempotencyKey]).toString("base64url");
  return { requestId, requestDigest: keyedHash(ledgerKey, "request digest", [type, payload]).toString("base64url") };
}

/** The name and place of an event, as outcomes carry it. */
export function nameOf({ id, version }: StoredEvent): { id: EventId; version: number } {
  return { id, version };
}
