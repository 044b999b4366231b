import type { LogEntry, LedgerEvent } from "../log/envelope.ts";
import type { LogReader, StreamStore, ViewRow, ViewStore } from "../log/ports.ts";

/** Rows of a projection, as it reads them itself. */
export type ViewReader = Pick<ViewStore, "get" | "query">;

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
  /** Names the checkpoint and prefixes the rows. */
  readonly name: string;
  /** Counts the forms of its rows: with a new one, what is shown is built anew. */
  readonly revision: number;
  /** The rows that the event makes; reads none that a later event made. */
  apply(logged: LoggedEvent, rows: ViewReader): Promise<ViewRow[]>;
}

/** What a projection over blocks reads from: what is below the log's pointers, streams up to there, its own rows. */
export interface BlockSources {
  log: Pick<LogReader, "segmentAt" | "sequenceOf">;
  streams: Pick<StreamStore, "load">;
  views: Pick<ViewStore, "query">;
}

/**
 * A read model that is written in blocks of the log: so many events at once, and only when all of them are there. What
 * readers ask of the events behind its checkpoint, fewer than a block, they read from the log. The rows of a block
 * follow from the log up to its end, and are named by its last sequence number.
 */
export interface BlockProjection extends Pick<Projection, "name" | "revision"> {
  readonly blockEvents: number;
  apply(block: readonly LoggedEvent[], sources: BlockSources): Promise<ViewRow[]>;
}

/** Sequence numbers from `first` up to, and without, `end`. */
export interface LogRange {
  first: number;
  end: number;
}

/**
 * A read model of another's rows, written in blocks of the log too: it stays behind the other's checkpoint and reads no
 * events. What readers ask of the rest they read from the other's rows.
 */
export interface FollowingProjection extends Pick<BlockProjection, "name" | "revision" | "blockEvents"> {
  /** The key of the other's checkpoint. */
  readonly follows: string;
  apply(block: LogRange, views: Pick<ViewStore, "query">): Promise<ViewRow[]>;
}

export type AnyProjection = Projection | BlockProjection | FollowingProjection;

const SEQUENCE_DIGITS = 12;

/** A sequence number as it stands in sort keys. */
export function sequenceKey(sequence: number): string {
  return String(sequence).padStart(SEQUENCE_DIGITS, "0");
}

/** The sequence number at the end of a sort key. */
export function sequenceIn(sk: string): number {
  return Number(sk.slice(-SEQUENCE_DIGITS));
}
