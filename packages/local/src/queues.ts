import { randomUUID } from "node:crypto";
import { allItems, type LocalItem, type LocalTable } from "./local-table.ts";
import { systemClock, type Clock } from "./loops.ts";
import {
  DEAD_QUEUES,
  deadKey,
  keyOf,
  messageKey,
  number,
  packBody,
  padTime,
  partKeys,
  partsOf,
  queueKey,
  text,
  visibleAt,
  type DeadLetter,
  type QueueMessage,
  type Received,
  type ReceiveOptions,
} from "./queue-items.ts";

/** Durable queues with the semantics of SQS: at least once, in the order of sending at best effort. */
export interface Queues {
  /** Durable once resolved. Resolves to the message ids. */
  send(queue: string, bodies: readonly string[]): Promise<string[]>;
  /** As `send`, over several queues at once. */
  sendAll(messages: readonly { queue: string; body: string }[]): Promise<string[]>;
  /** Takes messages that are due and hides them. A message taken by another consumer in between is not returned. */
  receive(queue: string, options: ReceiveOptions): Promise<Received>;
  /** Deletes what was handled. A message whose claim has expired stays, and comes again. */
  remove(messages: readonly QueueMessage[]): Promise<void>;
  /** Gives a message back, to be received again after the time. */
  retryLater(message: QueueMessage, delayMs: number): Promise<void>;
  /** Moves a message to the dead letters, in one transaction. */
  bury(message: QueueMessage, reason: string): Promise<void>;
  /** Adds a dead letter that was no message; the same id again replaces it. */
  addDeadLetter(letter: DeadLetter): Promise<void>;
  /** Makes what a killed process had in hand receivable at once, instead of after the visibility timeout. */
  recover(queue: string): Promise<void>;
  /** Oldest burial first; of every queue unless one is named. */
  listDeadLetters(queue?: string): Promise<DeadLetter[]>;
  /** Sends dead letters again, each in one transaction; of every queue, and all, unless named. Resolves to how many. */
  redrive(queue?: string, ids?: readonly string[]): Promise<number>;
  /** Calls the listener after each send in this process; returns how to end that. */
  onSend(queue: string, listener: () => void): () => void;
}

/** A claim costs two steps of a transaction, which takes 100 and 4 MB. */
const MAX_CLAIM_MESSAGES = 25;

/** {@link Queues} in the local table. */
export function openQueues(table: LocalTable, clock: Clock = systemClock): Queues {
  return new TableQueues(table, clock);
}

class TableQueues implements Queues {
  /** Marks this process's claims, so that `recover` can tell those of a killed one. */
  readonly #owner = randomUUID();
  readonly #table: LocalTable;
  readonly #clock: Clock;
  readonly #listeners = new Map<string, Set<() => void>>();
  #lastMs = 0;
  #sent = 0;

  constructor(table: LocalTable, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  send(queue: string, bodies: readonly string[]): Promise<string[]> {
    return this.sendAll(bodies.map((body) => ({ queue, body })));
  }

  async sendAll(messages: readonly { queue: string; body: string }[]): Promise<string[]> {
    const packed = messages.map(({ queue, body }) => {
      const id = randomUUID();
      const { attributes, parts } = packBody(id, body);
      const order = this.#nextOrder();
      const sentAt = this.#clock.now();
      return {
        id,
        parts,
        item: { ...messageKey(queue, sentAt, order), id, order, sentAt, receives: 0, ...attributes },
      };
    });
    // Parts first: a message must never refer to a body that a crash kept from being written.
    await this.#table.putAll(packed.flatMap(({ parts }) => parts));
    await this.#table.putAll(packed.map(({ item }) => item));
    for (const queue of new Set(messages.map((message) => message.queue))) this.#tell(queue);
    return packed.map(({ id }) => id);
  }

  async receive(queue: string, { max, visibilityMs, maxReceives }: ReceiveOptions): Promise<Received> {
    const now = this.#clock.now();
    const items = await this.#table.query(queueKey(queue), { limit: Math.min(max, MAX_CLAIM_MESSAGES) });
    const due = items.filter((item) => visibleAt(item) <= now);
    const worn = due.filter((item) => number(item, "receives") >= maxReceives);
    for (const item of worn) await this.#bury(queue, item, `received ${maxReceives} times without an answer`);
    const claims = due
      .filter((item) => !worn.includes(item))
      .map((item) => ({ item, claim: this.#claim(queue, item, now + visibilityMs, now) }));
    const waiting = items[due.length];
    const nextVisibleAt = waiting === undefined ? undefined : visibleAt(waiting);
    if (claims.length === 0) return { messages: [], nextVisibleAt };
    const steps = claims.flatMap(({ item, claim }) => [{ delete: keyOf(item), ifPresent: true }, { put: claim }]);
    if (!(await this.#table.transact(steps))) return { messages: [], nextVisibleAt };
    return { messages: await Promise.all(claims.map(({ claim }) => this.#toMessage(queue, claim))), nextVisibleAt };
  }

  async remove(messages: readonly QueueMessage[]): Promise<void> {
    const items = messages.map(({ item }) => item);
    await this.#table.deleteAll(items.filter((item) => partsOf(item) === undefined).map(keyOf));
    for (const item of items.filter((candidate) => partsOf(candidate) !== undefined)) {
      // Whoever took the message after our claim expired still needs its body.
      if (await this.#table.transact([{ delete: keyOf(item), ifPresent: true }]))
        await this.#table.deleteAll(partKeys(item));
    }
  }

  async retryLater({ queue, item }: QueueMessage, delayMs: number): Promise<void> {
    await this.#move(queue, item, this.#clock.now() + delayMs);
  }

  async bury({ queue, item }: QueueMessage, reason: string): Promise<void> {
    await this.#bury(queue, item, reason);
  }

  async addDeadLetter(letter: DeadLetter): Promise<void> {
    const { queue, id, body, ...rest } = letter;
    const { attributes, parts } = packBody(`${queue}/${id}`, body);
    await this.#table.putAll(parts);
    const item = { pk: deadKey(queue), sk: id, id, order: this.#nextOrder(), ...rest, ...attributes };
    await this.#table.transact([{ put: item }, { put: { pk: DEAD_QUEUES, sk: queue } }]);
  }

  async recover(queue: string): Promise<void> {
    const now = this.#clock.now();
    for await (const item of allItems(this.#table, queueKey(queue), padTime(now))) {
      const owner = text(item, "owner");
      if (owner !== "" && owner !== this.#owner) await this.#move(queue, item, now);
    }
  }

  async listDeadLetters(queue?: string): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for (const name of await this.#deadQueues(queue)) {
      for await (const item of allItems(this.#table, deadKey(name))) {
        letters.push({
          queue: name,
          id: text(item, "id"),
          body: await this.#body(item),
          reason: text(item, "reason"),
          receives: number(item, "receives"),
          sentAt: number(item, "sentAt"),
          buriedAt: number(item, "buriedAt"),
        });
      }
    }
    return letters.toSorted((a, b) => a.buriedAt - b.buriedAt);
  }

  async redrive(queue?: string, ids?: readonly string[]): Promise<number> {
    let count = 0;
    for (const name of await this.#deadQueues(queue)) {
      for await (const item of allItems(this.#table, deadKey(name))) {
        if (ids !== undefined && !ids.includes(text(item, "id"))) continue;
        const now = this.#clock.now();
        const { reason: _reason, buriedAt: _buriedAt, ...kept } = item;
        const message = { ...kept, ...messageKey(name, now, text(item, "order")), receives: 0 };
        if (await this.#table.transact([{ delete: keyOf(item), ifPresent: true }, { put: message }])) count += 1;
      }
      this.#tell(name);
    }
    return count;
  }

  onSend(queue: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(queue) ?? new Set();
    this.#listeners.set(queue, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  #claim(queue: string, item: LocalItem, until: number, now: number): LocalItem {
    const firstReceivedAt = number(item, "firstReceivedAt") || now;
    const receives = number(item, "receives") + 1;
    return { ...item, ...messageKey(queue, until, text(item, "order")), receives, firstReceivedAt, owner: this.#owner };
  }

  async #move(queue: string, item: LocalItem, to: number): Promise<void> {
    const { owner: _owner, ...kept } = item;
    const moved = { ...kept, ...messageKey(queue, to, text(item, "order")) };
    // Refused when the claim has expired and another consumer took it: then the message is that one's.
    if (moved.sk !== item.sk) await this.#table.transact([{ delete: keyOf(item), ifPresent: true }, { put: moved }]);
  }

  async #bury(queue: string, item: LocalItem, reason: string): Promise<void> {
    const { owner: _owner, firstReceivedAt: _firstReceivedAt, ...kept } = item;
    const dead = { ...kept, pk: deadKey(queue), sk: text(item, "id"), reason, buriedAt: this.#clock.now() };
    await this.#table.transact([
      { delete: keyOf(item), ifPresent: true },
      { put: dead },
      { put: { pk: DEAD_QUEUES, sk: queue } },
    ]);
  }

  async #toMessage(queue: string, item: LocalItem): Promise<QueueMessage> {
    return {
      id: text(item, "id"),
      queue,
      body: await this.#body(item),
      sentAt: number(item, "sentAt"),
      firstReceivedAt: number(item, "firstReceivedAt"),
      receives: number(item, "receives"),
      item,
    };
  }

  async #body(item: LocalItem): Promise<string> {
    const parts = partsOf(item);
    if (parts === undefined) return text(item, "body");
    const items = await this.#table.query(parts.pk, { limit: parts.count });
    return items.map((part) => text(part, "body")).join("");
  }

  async #deadQueues(queue: string | undefined): Promise<string[]> {
    if (queue !== undefined) return [queue];
    const names: string[] = [];
    for await (const item of allItems(this.#table, DEAD_QUEUES)) names.push(item.sk);
    return names;
  }

  /** Rises with every send of this process, also where the clock stands or runs back. */
  #nextOrder(): string {
    this.#lastMs = Math.max(this.#lastMs, this.#clock.now());
    this.#sent += 1;
    return `${padTime(this.#lastMs)}-${String(this.#sent).padStart(10, "0")}-${this.#owner.slice(0, 8)}`;
  }

  #tell(queue: string): void {
    for (const listener of this.#listeners.get(queue) ?? []) listener();
  }
}
