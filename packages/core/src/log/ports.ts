import type { Remains } from "../domain/statement/erased-event.ts";
import type { Instant } from "../domain/time.ts";
import type { Envelope, EventId, LogEntry, StoredEvent, StreamName } from "./envelope.ts";

/**
 * The truth: streams of immutable events.
 * Every method throws `LedgerError("store_unavailable")` when the store cannot be reached; a write may then
 * have happened or not, and asking again is safe.
 */
export interface StreamStore {
  /**
   * Adds an event behind `version − 1`. Durable once resolved. Of racing appends to one place exactly one
   * resolves; the others throw `version_conflict`. Appending the very same event again (same salt and digest)
   * resolves: an answer that was lost does no harm. The caller has just read version − 1: gaps cannot arise.
   */
  append(event: StoredEvent): Promise<void>;
  /** All events of a stream in order, from `fromVersion` (default 1). Sees every append that had resolved. */
  load(stream: StreamName, fromVersion?: number): Promise<StoredEvent[]>;
  /**
   * As `load`, but the envelopes alone: what was said is neither read nor parsed. Not a snapshot: while events are
   * appended a later one may be seen without the one before it.
   */
  envelopes(stream: StreamName, fromVersion: number): Promise<Envelope[]>;
  /** Named events, in the order asked; what is not there is `null`. Sees every append that had resolved. */
  read(ids: readonly EventId[]): Promise<(StoredEvent | null)[]>;
  /** The names of all events in pages, in no order: for recovery and audit. May miss what is appended meanwhile. */
  scan(): AsyncIterable<{ stream: StreamName; version: number }[]>;
}

/** Erasure's way into the streams. Nobody else may alter or remove an event. */
export interface EventEraser {
  /**
   * Puts what is to be left in place of an event's data, and removes its salt and its request's digest; the envelope
   * stays. Durable once resolved; again, it changes nothing. Throws when another event stands there, or none.
   */
  erase(event: Envelope, remains: Remains): Promise<void>;
}

/** Where the log stands. */
export interface LogHead {
  /** Entries committed; the next sequence number. */
  size: number;
  /** recordedAt of the newest entry; `null` in an empty log. */
  recordedAt: Instant | null;
  /** The frontier of the Merkle tree over all entries: base64 hashes, as `formatFrontier` writes them. */
  frontier: readonly string[];
  /** The newest checkpoint, a signed note over the tree of `size` entries; `null` in an empty log. */
  checkpoint: string | null;
  /** Entries below this have their pointer, and the tiles that they fill are kept. */
  pointedThrough: number;
  /** Entries below this were accepted by the bus. */
  publishedThrough: number;
}

export const EMPTY_HEAD: LogHead = {
  size: 0,
  recordedAt: null,
  frontier: [],
  checkpoint: null,
  pointedThrough: 0,
  publishedThrough: 0,
};

/** Entries that entered the log together, with one recordedAt and consecutive sequence numbers. Never empty. */
export interface Segment {
  first: number;
  recordedAt: Instant;
  entries: LogEntry[];
}

/** What a commit says of the tree that it makes: it stands in the head with the new size, or not at all. */
export interface Seal {
  frontier: readonly string[];
  checkpoint: string;
}

/** Reads the log. Everything below `head().size` can be read, always. */
export interface LogReader {
  /** Sees the newest commit that had resolved. */
  head(): Promise<LogHead>;
  /** The segment that holds a sequence number; `null` beyond the end. */
  segmentAt(sequence: number): Promise<Segment | null>;
  /** The sequence number of an event; `null` while it has none, or its pointer is not written yet. */
  sequenceOf(id: EventId): Promise<number | null>;
  /** The leaf hashes of a full tile of level 0, one behind the other; `null` where none is kept. */
  tile(index: number): Promise<Uint8Array | null>;
  /** The roots of the full tiles below a tile of a level from 1 on, in order from the first, as far as they are kept. */
  subtrees(level: number, index: number): Promise<Uint8Array[]>;
}

/** The sequencer's side of the log. */
export interface LogStore extends LogReader {
  /**
   * Appends a segment: all or nothing, and only while the head's size is still `expected.size`.
   * `true` also when this very segment stands already (an answer was lost); `false` when the head has moved for
   * another: nothing was written. When it throws, the segment is there or not: read the head to know.
   */
  commit(expected: LogHead, segment: Segment, seal: Seal): Promise<boolean>;
  /** Writes event → sequence for each entry. Idempotent. */
  point(entries: readonly LogEntry[]): Promise<void>;
  /** Keeps the leaf hashes of a full tile of level 0. Idempotent. */
  keepTile(index: number, hashes: Uint8Array): Promise<void>;
  /** Keeps the root of a full tile of the level below, by its number among all of them. Idempotent. */
  keepSubtree(level: number, index: number, hash: Uint8Array): Promise<void>;
  /** The highest version of the stream that has a pointer; 0 when none has. Sees every `point` that had resolved. */
  lastPointed(stream: StreamName): Promise<number>;
  /** Moves `pointedThrough` and `publishedThrough` forward, each to at least the value given; never back. */
  advance(to: { pointedThrough?: number; publishedThrough?: number }): Promise<void>;
}

/** What goes on the bus: EventBridge's PutEvents entry, before the bus name. */
export interface BusMessage {
  source: string;
  detailType: string;
  detail: object;
  time: Instant;
}

/** The event bus. */
export interface Bus {
  /**
   * Hands messages over in order and stops at the first that is refused.
   * Gives how many from the front were accepted; throws `LedgerError("store_unavailable")` when the bus
   * cannot be reached (then some may have been accepted: at least once).
   */
  publish(messages: readonly BusMessage[]): Promise<number>;
}

/** One row of a read model. `sk` orders rows within `pk`, by UTF-8 bytes. `body` is JSON. */
export interface ViewRow {
  pk: string;
  sk: string;
  body: object;
}

/** Which rows of a partition: `from` and `to` are sort keys, both inclusive. */
export interface ViewRange {
  from?: string;
  to?: string;
  descending?: boolean;
  limit?: number;
}

/** A projection's place: the next sequence it has not applied, and recordedAt of the newest it has. */
export interface Checkpoint {
  next: number;
  recordedAt: Instant | null;
  /** Which build of the rows is shown, counted from 0, which is left out. A replay makes the next one. */
  build?: number | undefined;
  /** The projection's revision that makes the rows. */
  revision?: number | undefined;
}

/** Read models. Rows are written before the checkpoint that makes them visible. */
export interface ViewStore {
  /** Sees every write that had resolved. `undefined` when absent. */
  get(pk: string, sk: string): Promise<object | undefined>;
  /** Rows of one partition in order. Sees every write that had resolved. */
  query(pk: string, range: ViewRange): Promise<ViewRow[]>;
  /**
   * Writes rows, in any order. Rows are named by the sequence that made them and never differ, so writing one
   * again changes nothing. Durable once resolved; when it throws, any part may have been written.
   */
  put(rows: readonly ViewRow[]): Promise<void>;
  /** A projection's place (kept in the partition `checkpoint`, which no row may use); `{next: 0, recordedAt: null}` before its first move. */
  checkpoint(projection: string): Promise<Checkpoint>;
  /** Moves the place while `next` and `build` are still as expected; `false` when not: nothing was written. */
  advance(projection: string, expected: Checkpoint, to: Checkpoint): Promise<boolean>;
}

/** What looking after the read models takes beside reading and writing them. */
export interface ViewUpkeep {
  /** All rows in pages, in no order, places left out. May miss what is written meanwhile. */
  scan(): AsyncIterable<ViewRow[]>;
  /** Removes rows that nothing shows any more. Idempotent; when it throws, any part may be gone. */
  remove(rows: readonly Pick<ViewRow, "pk" | "sk">[]): Promise<void>;
}

/** Erasure's way into the read models. Nobody else may alter a row. */
export interface ViewEraser {
  /** Puts rows in place of those of their names. Idempotent; when it throws, any part may have been written. */
  rewrite(rows: readonly ViewRow[]): Promise<void>;
}
