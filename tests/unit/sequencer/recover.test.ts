import { describe, expect, test } from "vitest";
import { instantOf } from "../../../packages/core/src/domain/time.ts";
import type { StreamName } from "../../../packages/core/src/log/envelope.ts";
import { recover } from "../../../packages/core/src/sequencer/recover.ts";
import { sequence } from "../../../packages/core/src/sequencer/sequence.ts";
import { event, expectComplete, hintsFor, limitBus, orderOf, START_MS, World } from "./world.ts";

/** A scan in pages as small as they come, the newest version first: no page shows a stream whole. */
function scanBackwards(world: World): void {
  const { streams } = world;
  const scan = streams.scan.bind(streams);
  streams.scan = async function* () {
    const names: { stream: StreamName; version: number }[] = [];
    for await (const page of scan()) names.push(...page);
    for (const name of names.toSorted((a, b) => b.version - a.version)) yield [name];
  };
}

describe("recovery", () => {
  test("brings in events that no hint announced, and tells the bus", async () => {
    const world = new World();
    await sequence(world.deps, await world.append("a@1", "b@1"));
    await world.append("a@2", "c@1", "c@2");
    expect(await recover(world.deps)).toEqual({
      scanned: 5,
      behind: 2,
      entered: 3,
      repointed: 0,
      published: 3,
      gaps: [],
    });
    await expectComplete(world);
  });

  test("finds nothing in a complete ledger, and in an empty one", async () => {
    const world = new World();
    const nothing = { behind: 0, entered: 0, repointed: 0, published: 0, gaps: [] };
    expect(await recover(world.deps)).toEqual({ scanned: 0, ...nothing });
    await sequence(world.deps, await world.append("a@1"));
    expect(await recover(world.deps)).toEqual({ scanned: 1, ...nothing });
    await expectComplete(world);
  });

  test("finishes pointers and publishing when nothing is missing", async () => {
    const world = new World();
    const hints = await world.append("a@1", "b@1");
    const point = world.log.point.bind(world.log);
    world.log.point = async () => {
      throw new Error("killed");
    };
    await expect(sequence(world.deps, hints)).rejects.toThrow("killed");
    world.log.point = point;
    expect(await recover(world.deps)).toMatchObject({ behind: 0, entered: 0, repointed: 2, published: 2 });
    await expectComplete(world);
  });

  test("lets streams enter by the time of the first event that they lack, then by name", async () => {
    const world = new World();
    const times: Record<string, number> = { "a@1": 30, "a@2": 40, "b@1": 10, "b@2": 99, "d@1": 20, "c@1": 20 };
    for (const [name, ms] of Object.entries(times)) {
      for (const { stream, version } of hintsFor(name)) {
        await world.streams.append(event(stream, version, { receivedAt: instantOf(START_MS + ms) }));
      }
    }
    scanBackwards(world);
    await recover(world.deps);
    expect(await orderOf(world.log)).toEqual(["b@1", "b@2", "c@1", "d@1", "a@1", "a@2"]);
    await expectComplete(world);
  });

  test("works through more streams than it holds at once, and points each entry once", async () => {
    const world = new World();
    const point = world.log.point.bind(world.log);
    let pointed = 0;
    world.log.point = async (entries) => {
      pointed += entries.length;
      await point(entries);
    };
    const names = Array.from({ length: 2_345 }, (_, index) => `s${index}@1`);
    await world.append(...names);
    expect(await recover(world.deps)).toMatchObject({ scanned: 2_345, behind: 2_345, entered: 2_345 });
    expect(pointed).toBe(2_345);
    await expectComplete(world);
  });

  test("enters everything even while the bus is down, and says so at the end", async () => {
    const world = new World();
    await world.append("a@1", "b@1");
    limitBus(world.bus, 0);
    await expect(recover(world.deps)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await world.log.head()).toMatchObject({ size: 2, pointedThrough: 2, publishedThrough: 0 });
    world.bus.refuseWhen(() => false);
    expect(await recover(world.deps)).toMatchObject({ entered: 0, published: 2 });
    await expectComplete(world);
  });

  test("reports a stream with a hole, and brings in what stands before it", async () => {
    const world = new World();
    await world.append("a@1", "a@2", "a@3");
    const envelopes = world.streams.envelopes.bind(world.streams);
    world.streams.envelopes = async (stream, from) =>
      (await envelopes(stream, from)).filter(({ version }) => version !== 2);
    expect(await recover(world.deps)).toMatchObject({ behind: 1, entered: 1, gaps: hintsFor("a@2") });
  });
});
