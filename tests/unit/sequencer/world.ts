import { expect } from "vitest";
import type { PrincipalId } from "../../../packages/core/src/domain/ids.ts";
import { instantOf } from "../../../packages/core/src/domain/time.ts";
import { LIMITS } from "../../../packages/core/src/limits.ts";
import { eventIdOf, StreamName } from "../../../packages/core/src/log/envelope.ts";
import type { LogEntry, StoredEvent } from "../../../packages/core/src/log/envelope.ts";
import type { LogReader, Segment } from "../../../packages/core/src/log/ports.ts";
import type { Hint } from "../../../packages/core/src/sequencer/hints.ts";
import type { SequencerDeps } from "../../../packages/core/src/sequencer/sequence.ts";
import { MemoryBus } from "../../../packages/core/src/storage/memory-bus.ts";
import { MemoryLog } from "../../../packages/core/src/storage/memory-log.ts";
import { MemoryStreams } from "../../../packages/core/src/storage/memory-streams.ts";
import { sign } from "../../helpers/log-keys.ts";

export const START_MS = Date.parse("2025-08-18T12:00:00.000Z");

/** A ledger in memory, and a clock that stands still unless it is moved. */
export class World {
  readonly streams = new MemoryStreams();
  readonly log = new MemoryLog();
  readonly bus = new MemoryBus();
  readonly slept: number[] = [];
  now = START_MS;

  get deps(): SequencerDeps {
    const { streams, log, bus } = this;
    return { streams, log, bus, sign, clock: () => this.now, sleep: async (ms) => void this.slept.push(ms) };
  }

  /** Appends the named events, written `a@1`; gives their hints. */
  async append(...names: string[]): Promise<Hint[]> {
    const hints = hintsFor(...names);
    for (const { stream, version } of hints) await this.streams.append(event(stream, version));
    return hints;
  }
}

/** Makes the bus take so many messages, and then none. */
export function limitBus(bus: MemoryBus, room: number): void {
  const taken = bus.accepted.length + room;
  let offered = bus.accepted.length;
  bus.refuseWhen(() => ++offered > taken);
}

export function hintsFor(...names: string[]): Hint[] {
  return names.map((name) => {
    const [id = "", version = ""] = name.split("@");
    return { stream: StreamName.parse(`statement/${id}`), version: Number(version) };
  });
}

export function event(stream: StreamName, version: number, more: Partial<StoredEvent> = {}): StoredEvent {
  return {
    id: eventIdOf(stream, version),
    stream,
    version,
    type: "ReportAdded",
    schemaVersion: 1,
    receivedAt: instantOf(START_MS - 60_000),
    recordedBy: "desk" as PrincipalId,
    requestId: `r${version}`,
    digest: "d".repeat(43),
    data: { stream, version },
    salt: "c2FsdA",
    requestDigest: "e".repeat(43),
    ...more,
  };
}

export async function segmentsOf(log: LogReader): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (let next = 0; ;) {
    const segment = await log.segmentAt(next);
    if (segment === null) return segments;
    segments.push(segment);
    next = segment.first + segment.entries.length;
  }
}

export async function entriesOf(log: LogReader): Promise<LogEntry[]> {
  return (await segmentsOf(log)).flatMap(({ entries }) => entries);
}

/** The log's order in the short form that `World.append` takes. */
export async function orderOf(log: LogReader): Promise<string[]> {
  return (await entriesOf(log)).map(({ id }) => id.replace("statement/", ""));
}

/** What holds at every moment, whatever has happened. */
export async function expectSound({ log, bus }: World): Promise<void> {
  const segments = await segmentsOf(log);
  const entries = segments.flatMap((segment) => segment.entries);
  expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index));
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  const versions = new Map<string, number>();
  for (const { stream, version } of entries) {
    expect(version).toBe((versions.get(stream) ?? 0) + 1);
    versions.set(stream, version);
  }
  const times = segments.map(({ recordedAt }) => recordedAt);
  expect(times).toEqual([...new Set(times)].toSorted());
  for (const segment of segments) {
    expect(segment.entries.every(({ recordedAt }) => recordedAt === segment.recordedAt)).toBe(true);
    expect(segment.entries.length).toBeGreaterThan(0);
    expect(segment.entries.length).toBeLessThanOrEqual(LIMITS.segmentEntriesCount);
  }
  // The head promises no pointer that is not there: lastPointed would hide an entry, and it would enter again.
  const { pointedThrough } = await log.head();
  for (const { id, sequence } of entries.slice(0, pointedThrough)) expect(await log.sequenceOf(id)).toBe(sequence);
  // Told in order: each entry for the first time only after all before it.
  const told = [...new Set(sequencesOn(bus))];
  expect(told).toEqual(told.map((_, index) => index));
  expect(told.length).toBeGreaterThanOrEqual((await log.head()).publishedThrough);
}

/** What holds once a sequencer has run through: nothing of the table is missing, unpointed or untold. */
export async function expectComplete(world: World): Promise<void> {
  await expectSound(world);
  const { streams, log, bus } = world;
  const entries = await entriesOf(log);
  const names: string[] = [];
  for await (const page of streams.scan()) names.push(...page.map(({ stream, version }) => `${stream}@${version}`));
  expect(entries.map(({ id }) => id as string).toSorted()).toEqual(names.toSorted());
  for (const { id, sequence } of entries) expect(await log.sequenceOf(id)).toBe(sequence);
  const size = entries.length;
  expect(await log.head()).toMatchObject({ size, pointedThrough: size, publishedThrough: size });
  expect(new Set(sequencesOn(bus)).size).toBe(size);
}

export function sequencesOn(bus: MemoryBus): number[] {
  return bus.accepted.map(({ detail }) => (detail as LogEntry).sequence);
}
