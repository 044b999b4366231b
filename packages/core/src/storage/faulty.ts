import { setTimeout as sleep } from "node:timers/promises";
import type { Revocation, TokenStore } from "../access/ports.ts";
import type { Instant } from "../domain/time.ts";
import type { StoredToken, TokenId } from "../domain/token.ts";
import { LedgerError } from "../errors.ts";
import type { Envelope, EventId, LogEntry, StoredEvent, StreamName } from "../log/envelope.ts";
import type { Bus, BusMessage, Checkpoint, EventEraser, LogHead, LogStore, Seal, Segment } from "../log/ports.ts";
import type { StreamStore, ViewEraser, ViewRange, ViewRow, ViewStore } from "../log/ports.ts";
import type { Remains } from "../domain/statement/erased-event.ts";

/** What shall go wrong with one call: it fails before it did its work, or after, so that its answer is lost. */
export interface Fault {
  fail?: "before" | "after";
  /** How long the call waits first. */
  delayMs?: number;
}

/** One call of a store: the `nth` of its method and the `overall`-th of all, both from 1. */
export interface StoreCall<Method extends string> {
  method: Method;
  nth: number;
  overall: number;
}

/** Says for each call, when it is made, what goes wrong; `undefined` lets it pass. */
export type FaultPlan<Method extends string> = (call: StoreCall<Method>) => Fault | undefined;

/** A plan in which only the nth call of one method fails. */
export function failNth<Method extends string>(
  method: NoInfer<Method>,
  nth: number,
  fail: "before" | "after",
): FaultPlan<Method> {
  return (call) => (call.method === method && call.nth === nth ? { fail } : undefined);
}

class Faults<Method extends string> {
  readonly #plan: FaultPlan<Method>;
  readonly #counts = new Map<Method, number>();
  #overall = 0;

  constructor(plan: FaultPlan<Method>) {
    this.#plan = plan;
  }

  /** Carries out one call as planned. Throws `store_unavailable` where the plan says so. */
  async around<T>(method: Method, work: () => Promise<T>): Promise<T> {
    const nth = (this.#counts.get(method) ?? 0) + 1;
    this.#counts.set(method, nth);
    this.#overall += 1;
    const fault = this.#plan({ method, nth, overall: this.#overall });
    if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
    if (fault?.fail === "before") throw new LedgerError("store_unavailable", `${method} ${nth} failed as planned.`);
    const answer = await work();
    if (fault?.fail === "after") throw new LedgerError("store_unavailable", `The answer of ${method} ${nth} was lost.`);
    return answer;
  }
}

/** Streams that fail as planned. */
export class FaultyStreams implements StreamStore {
  readonly #inner: StreamStore;
  readonly #faults: Faults<keyof StreamStore>;

  constructor(inner: StreamStore, plan: FaultPlan<keyof StreamStore>) {
    this.#inner = inner;
    this.#faults = new Faults(plan);
  }

  append(event: StoredEvent): Promise<void> {
    return this.#faults.around("append", async () => this.#inner.append(event));
  }
  envelopes(stream: StreamName, fromVersion: number): Promise<Envelope[]> {
    return this.#faults.around("envelopes", async () => this.#inner.envelopes(stream, fromVersion));
  }

  load(stream: StreamName, fromVersion?: number): Promise<StoredEvent[]> {
    return this.#faults.around("load", async () => this.#inner.load(stream, fromVersion));
  }
  read(ids: readonly EventId[]): Promise<(StoredEvent | null)[]> {
    return this.#faults.around("read", async () => this.#inner.read(ids));
  }
  /** One call, however many pages: all are read before the first is given. */
  async *scan(): AsyncGenerator<{ stream: StreamName; version: number }[]> {
    const pages: { stream: StreamName; version: number }[][] = [];
    await this.#faults.around("scan", async () => {
      for await (const page of this.#inner.scan()) pages.push(page);
    });
    yield* pages;
  }
}

/** A log that fails as planned. */
export class FaultyLog implements LogStore {
  readonly #inner: LogStore;
  readonly #faults: Faults<keyof LogStore>;

  constructor(inner: LogStore, plan: FaultPlan<keyof LogStore>) {
    this.#inner = inner;
    this.#faults = new Faults(plan);
  }

  head(): Promise<LogHead> {
    return this.#faults.around("head", async () => this.#inner.head());
  }
  segmentAt(sequence: number): Promise<Segment | null> {
    return this.#faults.around("segmentAt", async () => this.#inner.segmentAt(sequence));
  }
  sequenceOf(id: EventId): Promise<number | null> {
    return this.#faults.around("sequenceOf", async () => this.#inner.sequenceOf(id));
  }
  tile(index: number): Promise<Uint8Array | null> {
    return this.#faults.around("tile", async () => this.#inner.tile(index));
  }
  subtrees(level: number, index: number): Promise<Uint8Array[]> {
    return this.#faults.around("subtrees", async () => this.#inner.subtrees(level, index));
  }
  commit(expected: LogHead, segment: Segment, seal: Seal): Promise<boolean> {
    return this.#faults.around("commit", async () => this.#inner.commit(expected, segment, seal));
  }
  keepTile(index: number, hashes: Uint8Array): Promise<void> {
    return this.#faults.around("keepTile", async () => this.#inner.keepTile(index, hashes));
  }
  keepSubtree(level: number, index: number, hash: Uint8Array): Promise<void> {
    return this.#faults.around("keepSubtree", async () => this.#inner.keepSubtree(level, index, hash));
  }
  point(entries: readonly LogEntry[]): Promise<void> {
    return this.#faults.around("point", async () => this.#inner.point(entries));
  }
  lastPointed(stream: StreamName): Promise<number> {
    return this.#faults.around("lastPointed", async () => this.#inner.lastPointed(stream));
  }
  advance(to: { pointedThrough?: number; publishedThrough?: number }): Promise<void> {
    return this.#faults.around("advance", async () => this.#inner.advance(to));
  }
}

/** Read models that fail as planned. */
export class FaultyViews implements ViewStore {
  readonly #inner: ViewStore;
  readonly #faults: Faults<keyof ViewStore>;

  constructor(inner: ViewStore, plan: FaultPlan<keyof ViewStore>) {
    this.#inner = inner;
    this.#faults = new Faults(plan);
  }

  get(pk: string, sk: string): Promise<object | undefined> {
    return this.#faults.around("get", async () => this.#inner.get(pk, sk));
  }
  query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    return this.#faults.around("query", async () => this.#inner.query(pk, range));
  }
  put(rows: readonly ViewRow[]): Promise<void> {
    return this.#faults.around("put", async () => this.#inner.put(rows));
  }
  checkpoint(projection: string): Promise<Checkpoint> {
    return this.#faults.around("checkpoint", async () => this.#inner.checkpoint(projection));
  }
  advance(projection: string, expected: Checkpoint, to: Checkpoint): Promise<boolean> {
    return this.#faults.around("advance", async () => this.#inner.advance(projection, expected, to));
  }
}

/** A bus that fails as planned. */
export class FaultyBus implements Bus {
  readonly #inner: Bus;
  readonly #faults: Faults<keyof Bus>;

  constructor(inner: Bus, plan: FaultPlan<keyof Bus>) {
    this.#inner = inner;
    this.#faults = new Faults(plan);
  }

  publish(messages: readonly BusMessage[]): Promise<number> {
    return this.#faults.around("publish", async () => this.#inner.publish(messages));
  }
}

/** Erasure that fails as planned, of events and of rows. */
export class FaultyErasers implements EventEraser, ViewEraser {
  readonly #inner: { events: EventEraser; views: ViewEraser };
  readonly #faults: Faults<"erase" | "rewrite">;

  constructor(inner: { events: EventEraser; views: ViewEraser }, plan: FaultPlan<"erase" | "rewrite">) {
    this.#inner = inner;
    this.#faults = new Faults(plan);
  }

  erase(event: Envelope, remains: Remains): Promise<void> {
    return this.#faults.around("erase", async () => this.#inner.events.erase(event, remains));
  }
  rewrite(rows: readonly ViewRow[]): Promise<void> {
    return this.#faults.around("rewrite", async () => this.#inner.views.rewrite(rows));
  }
}

/** Tokens that fail as planned. */
export class FaultyTokens implements TokenStore {
  readonly #inner: TokenStore;
  readonly #faults: Faults<keyof TokenStore>;

  constructor(inner: TokenStore, plan: FaultPlan<keyof TokenStore>) {
    this.#inner = inner;
    this.#faults = new Faults(plan);
  }

  create(token: StoredToken): Promise<boolean> {
    return this.#faults.around("create", async () => this.#inner.create(token));
  }
  find(id: TokenId): Promise<StoredToken | null> {
    return this.#faults.around("find", async () => this.#inner.find(id));
  }
  list(page: { after?: TokenId | undefined; limit: number }): Promise<StoredToken[]> {
    return this.#faults.around("list", async () => this.#inner.list(page));
  }
  replace(old: TokenId, expiresAt: Instant, replacement: StoredToken): Promise<boolean> {
    return this.#faults.around("replace", async () => this.#inner.replace(old, expiresAt, replacement));
  }
  revoke(id: TokenId, revocation: Revocation): Promise<StoredToken | null> {
    return this.#faults.around("revoke", async () => this.#inner.revoke(id, revocation));
  }
}
