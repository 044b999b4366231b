import { setImmediate as turn } from "node:timers/promises";
import { LedgerError } from "../errors.ts";
import {
  envelopeOf,
  splitEventId,
  type Envelope,
  type EventId,
  type StoredEvent,
  type StreamName,
} from "../log/envelope.ts";
import type { Remains } from "../domain/statement/erased-event.ts";
import type { EventEraser, StreamStore } from "../log/ports.ts";
import { chunksOf } from "./forms.ts";

const PAGE_COUNT = 100;

/** Streams in memory, for tests. Every call takes a turn of the event loop, so that races interleave. */
export class MemoryStreams implements StreamStore, EventEraser {
  readonly #streams = new Map<StreamName, StoredEvent[]>();

  async append(event: StoredEvent): Promise<void> {
    const stored = copyOf(event);
    await turn();
    const stream = this.#streams.get(event.stream) ?? [];
    const standing = stream[event.version - 1];
    if (standing !== undefined) {
      if (standing.salt === event.salt && standing.digest === event.digest) return;
      throw new LedgerError("version_conflict", `${event.id} is another event already.`);
    }
    if (stream.length !== event.version - 1) throw new RangeError(`${event.id} would leave a gap`);
    stream.push(stored);
    this.#streams.set(event.stream, stream);
  }

  async load(stream: StreamName, fromVersion = 1): Promise<StoredEvent[]> {
    await turn();
    return (this.#streams.get(stream) ?? []).slice(fromVersion - 1).map(copyOf);
  }

  async envelopes(stream: StreamName, fromVersion: number): Promise<Envelope[]> {
    await turn();
    return (this.#streams.get(stream) ?? []).slice(fromVersion - 1).map(envelopeOf);
  }

  async read(ids: readonly EventId[]): Promise<(StoredEvent | null)[]> {
    await turn();
    return ids.map((id) => {
      const { stream, version } = splitEventId(id);
      const event = this.#streams.get(stream)?.[version - 1];
      return event === undefined ? null : copyOf(event);
    });
  }

  async erase({ id, stream, version, digest }: Envelope, remains: Remains): Promise<void> {
    await turn();
    const standing = this.#streams.get(stream)?.[version - 1];
    if (standing === undefined || standing.digest !== digest) throw new Error(`${id} is not what is to be erased`);
    this.#streams
      .get(stream)
      ?.splice(version - 1, 1, copyOf({ ...standing, data: remains, salt: "", requestDigest: "" }));
  }

  async *scan(): AsyncGenerator<{ stream: StreamName; version: number }[]> {
    await turn();
    const names = [...this.#streams.values()].flat().map(({ stream, version }) => ({ stream, version }));
    for (const page of chunksOf(names, PAGE_COUNT)) {
      yield page;
      await turn();
    }
  }
}

/** A copy that went through JSON, as a real store's does: what JSON drops must not survive here either. */
function copyOf(event: StoredEvent): StoredEvent {
  const data: unknown = JSON.parse(JSON.stringify(event.data));
  return { ...event, data };
}
