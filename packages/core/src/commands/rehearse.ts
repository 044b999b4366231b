import { LedgerError } from "../errors.ts";
import type { Envelope, EventId, StoredEvent, StreamName } from "../log/envelope.ts";
import type { StreamStore } from "../log/ports.ts";
import type { CommandDeps, Outcome } from "./request.ts";

/**
 * Streams for a dry run: they read like those behind them, and keep what is appended to themselves. A place that is
 * taken is refused as it would be. Appends kept before are seen by those after, as in the truth.
 */
class RehearsalStreams implements StreamStore {
  readonly #inner: StreamStore;
  readonly #kept = new Map<EventId, StoredEvent>();

  constructor(inner: StreamStore) {
    this.#inner = inner;
  }

  async append(event: StoredEvent): Promise<void> {
    const [held] = await this.read([event.id]);
    if (held) throw new LedgerError("version_conflict", `${event.id} is taken`);
    // Looked at again: another append may have come while the store was asked.
    if (this.#kept.has(event.id)) throw new LedgerError("version_conflict", `${event.id} is taken`);
    this.#kept.set(event.id, event);
  }

  async load(stream: StreamName, fromVersion = 1): Promise<StoredEvent[]> {
    const held = await this.#inner.load(stream, fromVersion);
    const behind = (held.at(-1)?.version ?? fromVersion - 1) + 1;
    const kept = [...this.#kept.values()].filter((event) => event.stream === stream && event.version >= behind);
    return [...held, ...kept];
  }

  async read(ids: readonly EventId[]): Promise<(StoredEvent | null)[]> {
    const held = await this.#inner.read(ids);
    return ids.map((id, index) => held[index] ?? this.#kept.get(id) ?? null);
  }

  envelopes(stream: StreamName, fromVersion: number): Promise<Envelope[]> {
    return this.#inner.envelopes(stream, fromVersion);
  }

  scan(): AsyncIterable<{ stream: StreamName; version: number }[]> {
    return this.#inner.scan();
  }

  find(id: EventId | undefined): StoredEvent | null {
    return (id && this.#kept.get(id)) ?? null;
  }
}

/** What a command would come to, and the event that it would append; `null` when it would append none. */
export interface Rehearsed<S> {
  outcome: Outcome<S>;
  event: StoredEvent | null;
}

/** Carries commands out in every respect but that nothing is recorded. */
export interface Rehearsal {
  run<S>(command: (deps: CommandDeps) => Promise<Outcome<S>>): Promise<Rehearsed<S>>;
}

/**
 * A rehearsal on the ledger as it stands: the same loading, the same rules, the same refusals. Commands run in one
 * rehearsal meet what those before them would have appended.
 */
export function createRehearsal(deps: CommandDeps): Rehearsal {
  const streams = new RehearsalStreams(deps.streams);
  return {
    async run(command) {
      const outcome = await command({ ...deps, streams });
      return { outcome, event: outcome.replayed ? null : streams.find(outcome.event?.id) };
    },
  };
}
