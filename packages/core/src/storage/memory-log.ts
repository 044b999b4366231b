import { setImmediate as turn } from "node:timers/promises";
import type { EventId, LogEntry, StreamName } from "../log/envelope.ts";
import { EMPTY_HEAD, type LogHead, type LogStore, type Seal, type Segment } from "../log/ports.ts";
import { TILE_WIDTH } from "../log/tree/tile.ts";
import { assertFollows, encodeEntries } from "./segment-form.ts";

/** The log in memory, for tests. Every call takes a turn of the event loop, so that races interleave. */
export class MemoryLog implements LogStore {
  #head: LogHead = EMPTY_HEAD;
  /** At each sequence number, the segment that holds it. */
  readonly #segments: Segment[] = [];
  readonly #pointers = new Map<EventId, number>();
  readonly #lastPointed = new Map<StreamName, number>();
  readonly #tiles = new Map<number, Uint8Array>();
  readonly #subtrees = new Map<string, Uint8Array>();

  async head(): Promise<LogHead> {
    await turn();
    return { ...this.#head };
  }

  async segmentAt(sequence: number): Promise<Segment | null> {
    await turn();
    const segment = this.#segments[sequence];
    return segment === undefined ? null : copyOf(segment);
  }

  async sequenceOf(id: EventId): Promise<number | null> {
    await turn();
    return this.#pointers.get(id) ?? null;
  }

  async tile(index: number): Promise<Uint8Array | null> {
    await turn();
    return this.#tiles.get(index)?.slice() ?? null;
  }

  async subtrees(level: number, index: number): Promise<Uint8Array[]> {
    await turn();
    const found: Uint8Array[] = [];
    for (let at = index * TILE_WIDTH; found.length < TILE_WIDTH; at += 1) {
      const hash = this.#subtrees.get(`${level}#${at}`);
      if (hash === undefined) break;
      found.push(hash.slice());
    }
    return found;
  }

  async commit(expected: LogHead, segment: Segment, { frontier, checkpoint }: Seal): Promise<boolean> {
    assertFollows(expected, segment);
    const stored = copyOf(segment);
    await turn();
    if (this.#head.size !== expected.size) return this.#stands(stored);
    this.#segments.push(...stored.entries.map(() => stored));
    const { recordedAt } = stored;
    this.#head = { ...this.#head, size: this.#segments.length, recordedAt, frontier: [...frontier], checkpoint };
    return true;
  }

  async keepTile(index: number, hashes: Uint8Array): Promise<void> {
    await turn();
    this.#tiles.set(index, hashes.slice());
  }

  async keepSubtree(level: number, index: number, hash: Uint8Array): Promise<void> {
    await turn();
    this.#subtrees.set(`${level}#${index}`, hash.slice());
  }

  async point(entries: readonly LogEntry[]): Promise<void> {
    await turn();
    for (const { id, stream, version, sequence } of entries) {
      this.#pointers.set(id, sequence);
      this.#lastPointed.set(stream, Math.max(version, this.#lastPointed.get(stream) ?? 0));
    }
  }

  async lastPointed(stream: StreamName): Promise<number> {
    await turn();
    return this.#lastPointed.get(stream) ?? 0;
  }

  async advance({ pointedThrough = 0, publishedThrough = 0 }: Parameters<LogStore["advance"]>[0]): Promise<void> {
    await turn();
    this.#head = {
      ...this.#head,
      pointedThrough: Math.max(pointedThrough, this.#head.pointedThrough),
      publishedThrough: Math.max(publishedThrough, this.#head.publishedThrough),
    };
  }

  /** Whether this very segment was committed before, by a call whose answer was lost. */
  #stands({ first, recordedAt, entries }: Segment): boolean {
    const standing = this.#segments[first];
    if (standing?.recordedAt !== recordedAt) return false;
    return encodeEntries(standing.entries) === encodeEntries(entries);
  }
}

function copyOf(segment: Segment): Segment {
  return { ...segment, entries: segment.entries.map((entry) => ({ ...entry })) };
}
