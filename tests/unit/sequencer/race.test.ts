import fc from "fast-check";
import { setImmediate as turn } from "node:timers/promises";
import { describe, test } from "vitest";
import type { Bus, LogStore, StreamStore } from "../../../packages/core/src/log/ports.ts";
import { envelopeOf, eventIdOf } from "../../../packages/core/src/log/envelope.ts";
import type { StoredEvent } from "../../../packages/core/src/log/envelope.ts";
import { LedgerError } from "../../../packages/core/src/errors.ts";
import type { Hint } from "../../../packages/core/src/sequencer/hints.ts";
import { recover } from "../../../packages/core/src/sequencer/recover.ts";
import { sequence } from "../../../packages/core/src/sequencer/sequence.ts";
import type { SequencerDeps } from "../../../packages/core/src/sequencer/sequence.ts";
import { expectComplete, expectSound, hintsFor, START_MS, World } from "./world.ts";
import { sign } from "../../helpers/log-keys.ts";

const MOST_VERSIONS = 12;

/** Random numbers of turns of the event loop, and random clocks: who is faster differs from call to call. */
interface Chance {
  turns: number[];
  clocks: number[];
  /** Some calls fail, before or after their work. */
  faults: ("before" | "after" | null)[];
}

/** One sequencer's view of the world, in which everything takes time and nothing larger than one item is atomic. */
function slowly(world: World, { turns, clocks, faults }: Chance, offset: number): SequencerDeps {
  let calls = offset;
  const wait = async () => {
    calls += 1;
    for (let left = turns[calls % turns.length] ?? 0; left > 0; left -= 1) await turn();
  };
  const around = async <T>(work: () => Promise<T>): Promise<T> => {
    await wait();
    const fault = faults[calls % faults.length];
    if (fault === "before") throw new LedgerError("store_unavailable", "failed as planned");
    const answer = await work();
    await wait();
    if (fault === "after") throw new LedgerError("store_unavailable", "answer lost as planned");
    return answer;
  };
  const { streams, log, bus } = world;
  const slowStreams: StreamStore = {
    append: (event) => around(() => streams.append(event)),
    // No snapshot: what is appended between two reads shows, even behind a version that was not there yet.
    load: (stream, from) => streams.load(stream, from),
    envelopes: async (stream, from) => {
      const found: (StoredEvent | null)[] = [];
      for (let version = from; version < from + MOST_VERSIONS; version += 1) {
        found.push(...(await around(() => streams.read([eventIdOf(stream, version)]))));
      }
      return found.filter((event) => event !== null).map(envelopeOf);
    },
    read: (ids) => around(() => streams.read(ids)),
    scan: () => streams.scan(),
  };
  const slowLog: LogStore = {
    head: () => around(() => log.head()),
    segmentAt: (sequence) => around(() => log.segmentAt(sequence)),
    sequenceOf: (id) => around(() => log.sequenceOf(id)),
    tile: (index) => around(() => log.tile(index)),
    subtrees: (level, index) => around(() => log.subtrees(level, index)),
    commit: (expected, segment, seal) => around(() => log.commit(expected, segment, seal)),
    keepTile: (index, hashes) => around(() => log.keepTile(index, hashes)),
    keepSubtree: (level, index, hash) => around(() => log.keepSubtree(level, index, hash)),
    point: async (entries) => {
      for (const entry of entries.toReversed()) await around(() => log.point([entry]));
    },
    lastPointed: (stream) => around(() => log.lastPointed(stream)),
    advance: (to) => around(() => log.advance(to)),
  };
  const slowBus: Bus = {
    publish: async (messages) => {
      for (const message of messages) await around(() => bus.publish([message]));
      return messages.length;
    },
  };
  const clock = () => START_MS + (clocks[calls % clocks.length] ?? 0);
  return { streams: slowStreams, log: slowLog, bus: slowBus, clock, sign, sleep: wait };
}

const chance = (faults: fc.Arbitrary<Chance["faults"]>): fc.Arbitrary<Chance> =>
  fc.record({
    turns: fc.array(fc.nat(5), { minLength: 1, maxLength: 40 }),
    clocks: fc.array(fc.integer({ min: -10, max: 10 }), { minLength: 1, maxLength: 10 }),
    faults,
  });
const noFaults = fc.constant<Chance["faults"]>([null]);
// Each fault comes round once in so many calls that a run can get through.
const someFaults = fc
  .array(fc.constantFrom("before" as const, "after" as const), { maxLength: 5 })
  .chain((faults) => fc.shuffledSubarray([...faults, ...Array<null>(150).fill(null)], { minLength: 150 }));

/** Which streams get an event, in order; and which hints each of the sequencers gets in one batch. */
const story = fc.record({
  appends: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: MOST_VERSIONS }),
  batches: fc.array(fc.nat(3), { minLength: 1, maxLength: 12 }),
});

/** Lambda's part: the same hints until it succeeds. */
async function untilDone(deps: SequencerDeps, hints: readonly Hint[]): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    try {
      await sequence(deps, hints);
      return;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
    }
  }
  throw new Error("never got through");
}

function namesOf(appends: readonly string[]): string[] {
  const versions: Record<string, number> = {};
  return appends.map((stream) => {
    versions[stream] = (versions[stream] ?? 0) + 1;
    return `${stream}@${versions[stream]}`;
  });
}

/** Appends one after the other, while four sequencers get the hints as they come, dealt out at random. */
async function race(world: World, names: readonly string[], batches: readonly number[], chance: Chance): Promise<void> {
  const runs: Promise<void>[] = [];
  for (const [index, name] of names.entries()) {
    const hints = await world.append(name);
    const sequencer = batches[index % batches.length] ?? 0;
    runs.push(untilDone(slowly(world, chance, sequencer * 7 + index), hints));
    for (let left = sequencer; left > 0; left -= 1) await turn();
  }
  const results = await Promise.allSettled(runs);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

describe("sequencers at once", () => {
  test("each event enters exactly once, in order, however their calls interleave", async () => {
    await fc.assert(
      fc.asyncProperty(story, chance(noFaults), async ({ appends, batches }, chance) => {
        const world = new World();
        await race(world, namesOf(appends), batches, chance);
        await expectComplete(world);
      }),
      { numRuns: 150 },
    );
  });

  test("the same holds when calls fail, or their answers are lost, meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(story, chance(someFaults), async ({ appends, batches }, chance) => {
        const world = new World();
        await race(world, namesOf(appends), batches, chance);
        await expectComplete(world);
      }),
      { numRuns: 150 },
    );
  });

  test("a recovery beside them changes nothing of that, and finds what no hint announces", async () => {
    await fc.assert(
      fc.asyncProperty(story, chance(noFaults), async ({ appends, batches }, chance) => {
        const world = new World();
        await world.append("lost@1", "lost@2");
        const recovery = recover(slowly(world, chance, 3)).catch((error: unknown) => {
          if (!(error instanceof LedgerError)) throw error;
        });
        await Promise.all([race(world, namesOf(appends), batches, chance), recovery]);
        await expectSound(world);
        await recover(world.deps);
        await expectComplete(world);
      }),
      { numRuns: 100 },
    );
  });
});

describe("hints", () => {
  test("lost, repeated, out of order or beside the point: one later hint a stream completes the log", async () => {
    const noise = fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "ghost"), fc.integer({ min: 1, max: 9 })));
    await fc.assert(
      fc.asyncProperty(story, fc.array(noise, { maxLength: 5 }), async ({ appends }, batches) => {
        const world = new World();
        const names = namesOf(appends);
        const step = Math.ceil(names.length / (batches.length + 1));
        for (const [index, batch] of batches.entries()) {
          await world.append(...names.slice(index * step, (index + 1) * step));
          await sequence(world.deps, hintsFor(...batch.map(([stream, version]) => `${stream}@${version}`)));
          await expectSound(world);
        }
        await world.append(...names.slice(batches.length * step));
        await sequence(world.deps, hintsFor("c@1", "b@1", "a@1"));
        await expectComplete(world);
      }),
    );
  });
});
