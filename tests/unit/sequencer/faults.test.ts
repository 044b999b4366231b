import { describe, expect, test } from "vitest";
import { LedgerError } from "../../../packages/core/src/errors.ts";
import { recover } from "../../../packages/core/src/sequencer/recover.ts";
import { sequence } from "../../../packages/core/src/sequencer/sequence.ts";
import type { SequencerDeps } from "../../../packages/core/src/sequencer/sequence.ts";
import { FaultyBus, FaultyLog, FaultyStreams } from "../../../packages/core/src/storage/faulty.ts";
import type { Fault } from "../../../packages/core/src/storage/faulty.ts";
import { expectComplete, expectSound, hintsFor, orderOf, World } from "./world.ts";

/** Counts calls over all three ports, from 1, and asks for each what shall go wrong. */
function faulty(deps: SequencerDeps, faultAt: (call: number) => Fault | undefined) {
  const calls: string[] = [];
  const plan = ({ method }: { method: string }) => {
    calls.push(method);
    return faultAt(calls.length);
  };
  const { streams, log, bus } = deps;
  const faultyStreams = new FaultyStreams(streams, plan);
  // Page by page, as a scan really fails.
  faultyStreams.scan = async function* () {
    for await (const page of streams.scan()) {
      if (plan({ method: "scan" })?.fail !== undefined) throw new LedgerError("store_unavailable", "scan failed");
      yield page;
    }
  };
  const faultyDeps = { ...deps, streams: faultyStreams, log: new FaultyLog(log, plan), bus: new FaultyBus(bus, plan) };
  return { calls, deps: faultyDeps };
}

const MODES = {
  "fails before it does anything": (call, at) => (call === at ? { fail: "before" } : undefined),
  "does its work but its answer is lost": (call, at) => (call === at ? { fail: "after" } : undefined),
  "is not made because the process dies": (call, at) => (call >= at ? { fail: "before" } : undefined),
  "is the last before the process dies": (call, at) =>
    call > at ? { fail: "before" } : call === at ? { fail: "after" } : undefined,
} satisfies Record<string, (call: number, at: number) => Fault | undefined>;

/** Three segments, a stream in progress, leftovers of an earlier crash: every kind of call comes up. */
async function troubled() {
  const world = new World();
  const before = await world.append("a@1", "b@1");
  const { deps } = faulty(world.deps, (call) => (call > 6 ? { fail: "before" } : undefined));
  await expect(sequence(deps, before)).rejects.toMatchObject({ code: "store_unavailable" });
  const many = Array.from({ length: 260 }, (_, index) => `m@${index + 1}`);
  const hints = [...before, ...(await world.append("c@1", ...many, "a@2", "b@2"))];
  return { world, hints };
}

async function callsOfARun(): Promise<string[]> {
  const { world, hints } = await troubled();
  const { calls, deps } = faulty(world.deps, () => undefined);
  await sequence(deps, hints);
  await expectComplete(world);
  return calls;
}

describe.each(Object.entries(MODES))("when a call %s", (_, mode) => {
  test("the next invocation with the same hints completes the log, whichever call it was", async () => {
    const calls = await callsOfARun();
    expect(new Set(calls)).toEqual(
      new Set([
        "head",
        "segmentAt",
        "point",
        "lastPointed",
        "envelopes",
        "commit",
        "keepTile",
        "keepSubtree",
        "publish",
        "advance",
      ]),
    );
    for (let at = 1; at <= calls.length; at += 1) {
      const { world, hints } = await troubled();
      const { deps } = faulty(world.deps, (call) => mode(call, at));
      await sequence(deps, hints).catch(expectUnavailable);
      await expectSound(world);
      await sequence(world.deps, hints);
      await expectComplete(world);
    }
  });

  test("recovery completes the log without any hint, whichever call it was", async () => {
    const calls = await callsOfARun();
    for (let at = 1; at <= calls.length; at += 1) {
      const { world, hints } = await troubled();
      const { deps } = faulty(world.deps, (call) => mode(call, at));
      await sequence(deps, hints).catch(expectUnavailable);
      await recover(world.deps);
      await expectComplete(world);
    }
  });

  test("a second recovery completes what the first began, whichever call of it it was", async () => {
    const quiet = await troubled();
    const { calls, deps } = faulty(quiet.world.deps, () => undefined);
    await recover(deps);
    for (let at = 1; at <= calls.length; at += 1) {
      const { world } = await troubled();
      await recover(faulty(world.deps, (call) => mode(call, at)).deps).catch(expectUnavailable);
      await expectSound(world);
      await recover(world.deps);
      await expectComplete(world);
    }
  });
});

describe("a crash", () => {
  test("between commit and pointers leaves entries that the next invocation points, and does not enter again", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1");
    await expect(sequence(dyingBefore(world, "point"), hints)).rejects.toThrow("point");
    expect(await world.log.head()).toMatchObject({ size: 2, pointedThrough: 0, publishedThrough: 0 });
    expect(await sequence(world.deps, hints)).toMatchObject({ entered: 0, repointed: 2, published: 2 });
    await expectComplete(world);
  });

  test("between commit and pointers is finished by an invocation for other streams", async () => {
    const world = new World();
    await expect(sequence(dyingBefore(world, "point"), await world.append("a@1"))).rejects.toThrow("point");
    await sequence(world.deps, await world.append("b@1"));
    expect(await orderOf(world.log)).toEqual(["a@1", "b@1"]);
    await expectComplete(world);
  });

  test("before publishing leaves events that the next invocation publishes first", async () => {
    const world = new World();
    await expect(sequence(dyingBefore(world, "publish"), await world.append("a@1"))).rejects.toThrow("the bus took 0");
    expect(world.bus.accepted).toEqual([]);
    expect(await sequence(world.deps, await world.append("b@1"))).toMatchObject({ entered: 1, published: 2 });
    await expectComplete(world);
  });

  test("a commit whose answer is lost is found, not repeated", async () => {
    const world = new World();
    const hints = await world.append("a@1");
    const log = new FaultyLog(world.log, ({ method, nth }) =>
      method === "commit" && nth === 1 ? { fail: "after" } : undefined,
    );
    expect(await sequence({ ...world.deps, log }, hints)).toMatchObject({ entered: 0, repointed: 1, published: 1 });
    await expectComplete(world);
  });

  test("a commit that lands long after it was given up finds the log moved", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1");
    const commit = world.log.commit.bind(world.log);
    const late: (() => Promise<boolean>)[] = [];
    world.log.commit = async (head, segment, seal) => {
      if (late.length > 0) return commit(head, segment, seal);
      late.push(() => commit(head, segment, seal));
      throw new Error("timed out");
    };
    world.now += 1;
    await sequence({ ...world.deps, sleep: async () => void (world.now += 1) }, hints.toReversed());
    expect(await Promise.all(late.map((land) => land()))).toEqual([false]);
    expect(hints).toEqual(hintsFor("a@1", "b@1"));
    await expectComplete(world);
  });
});

function dyingBefore(world: World, method: "point" | "publish"): SequencerDeps {
  let dead = false;
  const plan = (call: { method: string }): Fault | undefined => {
    dead ||= call.method === method;
    return dead && call.method !== "advance" ? { fail: "before" } : undefined;
  };
  return { ...world.deps, log: new FaultyLog(world.log, plan), bus: new FaultyBus(world.bus, plan) };
}

function expectUnavailable(error: unknown): void {
  expect(error).toMatchObject({ code: "store_unavailable" });
}
