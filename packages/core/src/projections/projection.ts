import type { LogEntry, LedgerEvent } from "../log/envelope.ts";
import type { ViewRow, ViewStore } from "../log/ports.ts";

/** An event as a projection gets it: its line of the log, and what it says. */
export interface LoggedEvent {
  entry: LogEntry;
  event: LedgerEvent;
}

/**
 * A read model: how one event's effect is written, given all rows that the events before it made.
 * Rows carry the sequence that made them in their sort key and are never altered, so the same event applied
 * again, or by two at once, writes the same rows.
 */
export interface Projection {
  /** Names the checkpoint and prefixes the rows; a new revision is built beside the live one. */
  readonly name: string;
  readonly revision: number;
  /** The rows that the event makes; reads none that a later event made. */
  apply(logged: LoggedEvent, views: ViewStore): Promise<ViewRow[]>;
}

/** The key of a projection's checkpoint, and the prefix of its partitions. */
export function revisionKey(projection: Pick<Projection, "name" | "revision">): string {
  return `${projection.name}@${projection.revision}`;
}

const SEQUENCE_DIGITS = 12;

/** A sequence number as it stands in sort keys. */
export function sequenceKey(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, "0");
}

/** The sequence number at the end of a sort key. */
export function sequenceIn(sk: string): number {
  return Number(sk.slice(-SEQUENCE_DIGITS));
}
