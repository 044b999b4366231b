import { describe, expect, test } from "vitest";
import { instantOf } from "../../../packages/core/src/domain/time.ts";
import { LIMITS } from "../../../packages/core/src/limits.ts";
import { envelopeOf, LogEntry } from "../../../packages/core/src/log/envelope.ts";
import type { Hint } from "../../../packages/core/src/sequencer/hints.ts";
import { recover } from "../../../packages/core/src/sequencer/recover.ts";
import { sequence } from "../../../packages/core/src/sequencer/sequence.ts";
import {
  entriesOf,
  event,
  expectComplete,
  expectSound,
  hintsFor,
  limitBus,
  orderOf,
  segmentsOf,
  sequencesOn,
  START_MS,
  World,
} from "./world.ts";
import { sealOf } from "../../../packages/core/src/sequencer/seal.ts";
import { sign } from "../../helpers/log-keys.ts";

describe("sequencing", () => {
  test("events enter in the order of their hints, with one recordedAt, and are published", async () => {
    const world = new World();
    const hints = await world.append("b@1", "a@1", "b@2");
    expect(await sequence(world.deps, hints)).toEqual({ entered: 3, repointed: 0, published: 3, size: 3, gaps: [] });
    expect(await orderOf(world.log)).toEqual(["b@1", "a@1", "b@2"]);
    expect((await segmentsOf(world.log)).map(({ first, recordedAt }) => ({ first, recordedAt }))).toEqual([
      { first: 0, recordedAt: instantOf(START_MS) },
    ]);
    await expectComplete(world);
  });

  test("an entry is the envelope with sequence and recordedAt, and no data, salt or request digest", async () => {
    const world = new World();
    await sequence(world.deps, await world.append("a@1"));
    const [entry] = await entriesOf(world.log);
    expect(LogEntry.parse(entry)).toEqual(entry);
  });

  test("what goes on the bus names the event and holds none of its data", async () => {
    const world = new World();
    await sequence(world.deps, await world.append("a@1"));
    const time = instantOf(START_MS);
    expect(world.bus.accepted).toEqual([
      {
        source: "on-record.ledger",
        detailType: "ReportAdded",
        time,
        detail: {
          id: "statement/a@1",
          stream: "statement/a",
          version: 1,
          type: "ReportAdded",
          sequence: 0,
          recordedAt: time,
        },
      },
    ]);
  });

  test("a repeated batch changes nothing and publishes nothing", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1");
    await sequence(world.deps, hints);
    expect(await sequence(world.deps, hints)).toMatchObject({ entered: 0, repointed: 0, published: 0, size: 2 });
    await expectComplete(world);
  });

  test("hints repeated within a batch count where they stand first", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1", "c@1");
    await sequence(world.deps, [...hints.toReversed(), ...hints]);
    expect(await orderOf(world.log)).toEqual(["c@1", "b@1", "a@1"]);
    await expectComplete(world);
  });

  test("hints of one stream in the wrong order do not turn the stream around", async () => {
    const world = new World();
    await world.append("a@1", "b@1", "a@2", "a@3");
    await sequence(world.deps, hintsFor("a@3", "b@1", "a@1", "a@2"));
    expect(await orderOf(world.log)).toEqual(["a@1", "a@2", "a@3", "b@1"]);
  });

  test("versions whose hints were lost enter before the hinted one", async () => {
    const world = new World();
    await world.append("a@1", "a@2", "a@3");
    await sequence(world.deps, hintsFor("a@3"));
    expect(await orderOf(world.log)).toEqual(["a@1", "a@2", "a@3"]);
  });

  test("versions newer than their hint enter at the end of the batch", async () => {
    const world = new World();
    await world.append("a@1", "a@2", "b@1");
    await sequence(world.deps, hintsFor("a@1", "b@1"));
    expect(await orderOf(world.log)).toEqual(["a@1", "b@1", "a@2"]);
    expect(await sequence(world.deps, hintsFor("a@2"))).toMatchObject({ entered: 0 });
    await expectComplete(world);
  });

  test("a hint for what is not in the table is harmless", async () => {
    const world = new World();
    await world.append("a@1");
    expect(await sequence(world.deps, hintsFor("ghost@4", "a@9"))).toMatchObject({ entered: 1, gaps: [] });
    await expectComplete(world);
  });

  test("a stream with a hole enters up to the hole, is reported, and holds up no other stream", async () => {
    const world = new World();
    await world.append("a@1", "a@2", "a@3", "b@1");
    const envelopes = world.streams.envelopes.bind(world.streams);
    // What a query may see that runs while 2 and 3 are appended.
    world.streams.envelopes = async (stream, from) =>
      (await envelopes(stream, from)).filter(({ id }) => id !== "statement/a@2");
    const { gaps } = await sequence(world.deps, hintsFor("a@1", "a@3", "b@1"));
    expect(gaps).toEqual(hintsFor("a@2"));
    expect(await orderOf(world.log)).toEqual(["a@1", "b@1"]);
    world.streams.envelopes = envelopes;
    expect(await sequence(world.deps, hintsFor("a@2"))).toMatchObject({ entered: 2, gaps: [] });
    await expectComplete(world);
  });

  test("an event whose data makes no sense is sequenced like any other, its data untouched", async () => {
    const world = new World();
    for (const { stream } of hintsFor("a@1")) {
      const garbage = { data: ["\u0000", null, { type: 7 }], type: "NeverHeardOf", schemaVersion: 99 };
      await world.streams.append(event(stream, 1, garbage));
    }
    for (const method of ["load", "read"] as const) {
      world.streams[method] = async () => {
        throw new Error("somebody read the data");
      };
    }
    await sequence(world.deps, hintsFor("a@1"));
    await expectComplete(world);
  });

  test("recordedAt grows from segment to segment when the clock runs backwards", async () => {
    const world = new World();
    await sequence(world.deps, await world.append("a@1"));
    world.now -= 3_600_000;
    await sequence(world.deps, await world.append("a@2"));
    world.now += 7_200_000;
    await sequence(world.deps, await world.append("a@3"));
    expect((await segmentsOf(world.log)).map(({ recordedAt }) => recordedAt)).toEqual(
      [START_MS, START_MS + 1, START_MS + 3_600_000].map(instantOf),
    );
  });

  test("more events than a segment holds become several segments, each with its own recordedAt", async () => {
    const world = new World();
    const names = Array.from({ length: 2 * LIMITS.segmentEntriesCount + 1 }, (_, index) => `a@${index + 1}`);
    await sequence(world.deps, await world.append(...names));
    const segments = await segmentsOf(world.log);
    expect(segments.map(({ entries }) => entries.length)).toEqual([128, 128, 1]);
    expect(segments.map(({ recordedAt }) => Date.parse(recordedAt) - START_MS)).toEqual([0, 1, 2]);
    await expectComplete(world);
  });

  test("a segment just committed is not read again to be published", async () => {
    const world = new World();
    const hints = await world.append("a@1");
    world.log.segmentAt = async () => {
      throw new Error("read again");
    };
    expect(await sequence(world.deps, hints)).toMatchObject({ entered: 1, published: 1 });
  });

  test("without hints it does what others left undone", async () => {
    const world = new World();
    expect(await sequence(world.deps, [])).toEqual({ entered: 0, repointed: 0, published: 0, size: 0, gaps: [] });
  });
});

/** A sequencer that commits one event and dies before it writes the pointer. */
async function commitAlone(world: World, { stream, version }: Hint): Promise<void> {
  const head = await world.log.head();
  const recordedAt = instantOf(Math.max(world.now, head.recordedAt === null ? 0 : Date.parse(head.recordedAt) + 1));
  const entry = { ...envelopeOf(event(stream, version)), sequence: head.size, recordedAt };
  expect(
    await world.log.commit(head, { first: head.size, recordedAt, entries: [entry] }, sealOf(head, [entry], sign)),
  ).toBe(true);
}

describe("a head that moves", () => {
  test("a sequencer that lost the race starts again with all of its hints", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1", "c@1");
    const { log } = world;
    const commit = log.commit.bind(log);
    let rivals = 1;
    log.commit = async (head, segment, seal) => {
      // The rival takes only b, and dies before it has written a pointer.
      const stolen = segment.entries.filter(({ id }) => id === "statement/b@1");
      if (rivals-- > 0) {
        const entries = stolen.map((entry) => ({ ...entry, sequence: head.size }));
        await commit(head, { ...segment, entries }, sealOf(head, entries, sign));
      }
      return commit(head, segment, seal);
    };
    expect(await sequence(world.deps, hints)).toMatchObject({ entered: 2, repointed: 1, published: 3 });
    expect(await orderOf(log)).toEqual(["b@1", "a@1", "c@1"]);
    await expectComplete(world);
  });

  test("what a crash left without pointers is pointed once, however often the sequencer starts again", async () => {
    const world = new World();
    const { log } = world;
    const [left, ...hints] = await world.append("a@1", "b@1");
    if (left === undefined) throw new Error("no hint");
    await commitAlone(world, left);
    const commit = log.commit.bind(log);
    let refusals = 3;
    log.commit = async (head, segment, seal) => refusals-- <= 0 && commit(head, segment, seal);
    expect(await sequence(world.deps, hints)).toMatchObject({ entered: 1, repointed: 1, published: 2 });
    await expectComplete(world);
  });

  test.each([
    ["sequencer", (world: World) => sequence(world.deps, hintsFor("a@1"))],
    ["recovery", (world: World) => recover(world.deps)],
  ])("a %s vouches for no pointer of what another commits behind it", async (_, run) => {
    const world = new World();
    await world.append("a@1");
    const point = world.log.point.bind(world.log);
    world.log.point = async (entries) => {
      await point(entries);
      world.log.point = point;
      for (const rival of await world.append("b@1")) await commitAlone(world, rival);
    };
    await run(world);
    expect(await world.log.head()).toMatchObject({ size: 2, pointedThrough: 1, publishedThrough: 1 });
    await expectSound(world);
    await sequence(world.deps, hintsFor("b@1"));
    await expectComplete(world);
  });

  test("after eight lost races it gives up, having waited longer and longer, within bounds", async () => {
    const world = new World();
    const hints = await world.append("a@1");
    world.log.commit = async () => false;
    await expect(sequence(world.deps, hints)).rejects.toMatchObject({ code: "version_conflict" });
    expect(world.slept).toHaveLength(7);
    for (const [index, ms] of world.slept.entries()) expect(ms).toBeLessThan(Math.min(20 * 2 ** (index + 1), 1_000));
  });

  test("a log that cannot be written to is tried eight times, and its error kept", async () => {
    const world = new World();
    const hints = await world.append("a@1");
    const cause = new Error("no route to host");
    world.log.commit = async () => {
      throw cause;
    };
    await expect(sequence(world.deps, hints)).rejects.toMatchObject({ code: "store_unavailable", cause });
    expect(world.slept).toHaveLength(7);
  });
});

describe("a bus that is down", () => {
  test("what it took of a batch is not offered again, the rest is, and in order", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1", "c@1");
    limitBus(world.bus, 2);
    await expect(sequence(world.deps, hints)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await world.log.head()).toMatchObject({ size: 3, pointedThrough: 3, publishedThrough: 2 });
    world.bus.refuseWhen(() => false);
    expect(await sequence(world.deps, hints)).toMatchObject({ entered: 0, published: 1 });
    expect(sequencesOn(world.bus)).toEqual([0, 1, 2]);
    await expectComplete(world);
  });

  test("events enter the log all the same, and all are published when it is back", async () => {
    const world = new World();
    limitBus(world.bus, 0);
    for (const name of ["a@1", "b@1", "a@2"]) {
      await expect(sequence(world.deps, await world.append(name))).rejects.toMatchObject({ code: "store_unavailable" });
    }
    expect(await orderOf(world.log)).toEqual(["a@1", "b@1", "a@2"]);
    await expectSound(world);
    world.bus.refuseWhen(() => false);
    expect(await sequence(world.deps, [])).toMatchObject({ published: 3 });
    await expectComplete(world);
  });

  test("an error of the bus is kept as the cause, and none of that batch counts as told", async () => {
    const world = new World();
    const cause = new Error("socket hang up");
    world.bus.publish = async () => {
      throw cause;
    };
    await expect(sequence(world.deps, await world.append("a@1"))).rejects.toMatchObject({
      code: "store_unavailable",
      details: { publishedThrough: 0, size: 1 },
      cause,
    });
    expect(await world.log.head()).toMatchObject({ pointedThrough: 1, publishedThrough: 0 });
  });

  test("a long backlog is worked off segment by segment, so that running out of time loses little", async () => {
    const world = new World();
    const names = Array.from({ length: 300 }, (_, index) => `a@${index + 1}`);
    limitBus(world.bus, 200);
    await expect(sequence(world.deps, await world.append(...names))).rejects.toThrow("the bus took 72 of 128");
    expect(await world.log.head()).toMatchObject({ size: 300, publishedThrough: 200 });
  });
});
