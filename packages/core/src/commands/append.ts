import { LIMITS } from "../limits.ts";
import { LedgerError } from "../errors.ts";
import type { PrincipalId } from "../domain/ids.ts";
import { instantOf } from "../domain/time.ts";
import { saltedDigest } from "../log/digest.ts";
import { eventIdOf, type StoredEvent, type StreamName } from "../log/envelope.ts";
import { schemaVersionOf } from "../log/upcast.ts";
import type { CommandDeps, RequestMarks } from "./request.ts";

const SALT_BYTES = 16;

/** Where a new event goes, and on whose account. */
export interface Placement {
  stream: StreamName;
  version: number;
  recordedBy: PrincipalId;
  marks: RequestMarks;
}

/** Makes a decided event ready to store: name, time, salt, digest. */
export function seal(
  { clock, random }: Pick<CommandDeps, "clock" | "random">,
  { stream, version, recordedBy, marks }: Placement,
  { type, data }: { type: string; data: unknown },
): StoredEvent {
  const salt = Buffer.from(random(SALT_BYTES)).toString("base64url");
  return {
    id: eventIdOf(stream, version),
    stream,
    version,
    type,
    schemaVersion: schemaVersionOf(type),
    receivedAt: instantOf(clock()),
    recordedBy,
    ...marks,
    digest: saltedDigest(salt, data),
    data,
    salt,
  };
}

/** Refuses an event that would make its stream, or what the stream comes to, larger than a read may be. */
export function refuseOverLimit(version: number, state: unknown): void {
  if (version > LIMITS.streamEventsCount) {
    const message = `the stream holds ${LIMITS.streamEventsCount} events, which is the limit`;
    throw new LedgerError("limit_reached", message, { details: { limit: "streamEventsCount" } });
  }
  if (Buffer.byteLength(JSON.stringify(state)) > LIMITS.stateBytes) {
    const message = `the whole would be larger than ${LIMITS.stateBytes} bytes, which is the limit`;
    throw new LedgerError("limit_reached", message, { details: { limit: "stateBytes" } });
  }
}

/** Whether another append took the place first. */
export function isConflict(error: unknown): boolean {
  return error instanceof LedgerError && error.code === "version_conflict";
}
