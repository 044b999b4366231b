import { STATEMENTS } from "@on-record/core/commands/streams";
import type { ActorId, StatementId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import { eraseStream } from "@on-record/core/erasure/erase";
import { eraseWaiting } from "@on-record/core/erasure/run";
import { LedgerError } from "@on-record/core/errors";
import { LIMITS } from "@on-record/core/limits";
import { openCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { entryBytes } from "@on-record/core/log/tree/entry";
import { leafHash } from "@on-record/core/log/tree/hash";
import { checkInclusion } from "@on-record/core/log/tree/verify";
import { envelopeOf } from "@on-record/core/log/envelope";
import type { ViewRow } from "@on-record/core/log/ports";
import { publishDerived } from "@on-record/core/delivery/publish-derived";
import { positionsInPagesOf } from "@on-record/core/projections/positions";
import { positionPk, POSITIONS } from "@on-record/core/projections/positions/rows";
import { replay } from "@on-record/core/projections/replay";
import { proveEvents } from "@on-record/core/queries/log-tree";
import { FaultyErasers, FaultyLog, FaultyStreams, FaultyViews, type Fault } from "@on-record/core/storage/faulty";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { describe, expect, test } from "vitest";
import { assessment, EDITOR, LEAVITT, report, rp, st, TEXT, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { TRUST } from "../../helpers/log-keys.ts";
import { derivedIn, openReviews } from "../../helpers/position-rows.ts";
import { telling } from "../../helpers/telling.ts";
import { ErasureWorld, secretOf } from "./world.ts";

const POSITION = { actor: TRUMP, proposition: TROOPS };
const A = st("a");

/** Says something on the troops, with words that can be looked for. */
async function say(
  world: ErasureWorld,
  id: StatementId,
  hour: number,
  { reading = {}, ...more }: { reading?: object; speaker?: ActorId; onBehalfOf?: ActorId } = {},
): Promise<void> {
  const secret = secretOf(id);
  const said = assessment({ stance: "ruled_out", condition: `if ${secret}`, cue: `cue ${secret}`, ...reading });
  const told = { text: `${TEXT} ${secret}`, report: report(id.charAt(3), { url: `https://${secret}.example/` }) };
  const at = instantOf(Date.parse("2025-08-18T00:00:00Z") + hour * 3_600_000);
  await world.ledger.run(id, telling(id, at, "ruled_out", { ...told, assessments: [said], ...more }));
  await world.catchUp();
}

/** A ledger in which A's words went into those of B and C. */
async function worldOfThree(): Promise<ErasureWorld> {
  const world = new ErasureWorld();
  for (const [index, letter] of ["a", "b", "c"].entries()) await say(world, st(letter), index);
  return world;
}

const bury = async (world: ErasureWorld, id: StatementId) => {
  await world.bury(id);
  await world.catchUp();
};

const clean = async (world: ErasureWorld, id = A) => !(await world.everything()).includes(secretOf(id));

describe("an erasure that is killed", () => {
  const whole = async () => {
    const world = await worldOfThree();
    await bury(world, A);
    await world.wake(A);
    return (await world.everything()).split("\n").toSorted();
  };

  test.each(["before", "after"] as const)(
    "%s any of its calls is finished by the next, to the same end",
    async (fail) => {
      const expected = await whole();
      for (let nth = 1, over = false; !over; nth += 1) {
        const world = await worldOfThree();
        await bury(world, A);
        let calls = 0;
        const plan = (): Fault | undefined => (++calls === nth ? { fail } : undefined);
        const { deps } = world;
        const erasers = new FaultyErasers({ events: deps.events, views: deps.rows }, plan);
        const dying = {
          ...deps,
          log: new FaultyLog(world.ledger.log, plan),
          streams: new FaultyStreams(world.ledger.streams, plan),
          views: new FaultyViews(world.ledger.views, plan),
          places: new FaultyViews(world.places, plan),
          events: erasers,
          rows: erasers,
        };
        over = await eraseWaiting(dying, [STATEMENTS.streamOf(A)]).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(LedgerError);
            return false;
          },
        );
        await world.wake(A);
        expect((await world.everything()).split("\n").toSorted(), `call ${nth}`).toEqual(expected);
        for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
        expect(nth).toBeLessThan(200);
      }
    },
  );
});

describe("a tombstone", () => {
  test("is found without a wake-up, by the place that erasure keeps", async () => {
    const world = await worldOfThree();
    await bury(world, A);
    await world.wake();
    expect(await clean(world)).toBe(true);
    expect((await world.places.checkpoint("erasure")).next).toBe(3);
    await say(world, st("d"), 5);
    await bury(world, st("c"));
    await world.wake();
    expect(await clean(world, st("c"))).toBe(true);
  });

  test("is looked at once more, when nothing can have been under way any more, and then is behind the place", async () => {
    const world = await worldOfThree();
    const raw = world.ledger.views.under(positionPk(POSITION));
    await bury(world, A);
    await world.wake(A);
    // A projection that had read before wakes up, and writes what it had made of it.
    await world.ledger.views.rewrite(raw);
    expect(await clean(world)).toBe(false);
    await world.wake();
    expect((await world.places.checkpoint("erasure")).next).toBe(3);
    await world.ledger.views.rewrite(raw);
    await world.settle();
    expect(await clean(world)).toBe(true);
    expect((await world.places.checkpoint("erasure")).next).toBe(4);
    for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
  });

  test("that the view has not come to yet waits for it, and takes nothing away before", async () => {
    const world = await worldOfThree();
    await world.bury(A);
    await expect(world.wake(A)).rejects.toMatchObject({ code: "view_behind" });
    const [first] = await world.ledger.streams.load(STATEMENTS.streamOf(A));
    expect(first?.salt).not.toBe("");
    await world.catchUp();
    await world.wake(A);
    expect(await clean(world)).toBe(true);
  });

  test("that is not in the log yet waits as well", async () => {
    const world = await worldOfThree();
    await bury(world, A);
    const log = new FaultyLog(world.ledger.log, () => undefined);
    const without = Object.assign(log, { sequenceOf: async () => null });
    await expect(eraseStream({ ...world.deps, log: without }, STATEMENTS.streamOf(A))).rejects.toMatchObject({
      code: "view_behind",
    });
  });

  test("keeps none of the others waiting when its own erasure fails", async () => {
    const world = await worldOfThree();
    await bury(world, A);
    await bury(world, st("b"));
    const { deps } = world;
    const failing = {
      ...deps,
      events: {
        erase: (...args: Parameters<typeof deps.events.erase>) =>
          args[0].stream === STATEMENTS.streamOf(A) ? Promise.reject(new Error("of A")) : deps.events.erase(...args),
      },
    };
    await expect(eraseWaiting(failing, [STATEMENTS.streamOf(A), STATEMENTS.streamOf(st("b"))])).rejects.toThrow("of A");
    expect([await clean(world, A), await clean(world, st("b"))]).toEqual([false, true]);
    expect((await world.places.checkpoint("erasure")).next).toBe(3);
    await world.wake(A);
    expect(await clean(world, A)).toBe(true);
  });

  test("is what a stream has to have: others are left alone", async () => {
    const world = await worldOfThree();
    const before = await world.everything();
    expect(await eraseWaiting(world.deps, [STATEMENTS.streamOf(A), STATEMENTS.streamOf(st("z"))])).toEqual([]);
    expect((await world.everything()).replaceAll(/.*"erasure".*/g, "")).toContain(before.slice(0, 200));
    expect(await clean(world)).toBe(false);
  });
});

describe("a replay that is under way while something is erased", () => {
  test("in one process, with its rows in memory, brings nothing back in the end, and shows the same rows", async () => {
    const world = await worldOfThree();
    await say(world, st("d"), 4);
    let running: Promise<void> = Promise.resolve();
    let steps = 0;
    const onStep = () => {
      steps += 1;
      if (steps === 2) {
        running = (async () => {
          await bury(world, A);
          await world.wake(A);
          await say(world, st("e"), 3);
        })();
      }
      return true;
    };
    await replay(positionsInPagesOf(2), { ...world.sources, onStep });
    await running;
    await world.catchUp();
    await world.settle();
    expect(await clean(world)).toBe(true);
    for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
    expect((await world.ledger.views.checkpoint(POSITIONS)).build).toBe(1);
  });

  test("and then left keeps its words no longer, and the place behind the tombstone until it is gone on with", async () => {
    const world = await worldOfThree();
    let left = 2;
    await replay(positionsInPagesOf(2), { ...world.sources, onStep: () => --left > 0 });
    await bury(world, A);
    await world.wake(A);
    expect(await clean(world)).toBe(true);
    await world.settle();
    expect((await world.places.checkpoint("erasure")).next).toBe(3);
    await replay(positionsInPagesOf(2), world.sources);
    await world.settle();
    expect((await world.places.checkpoint("erasure")).next).toBe(4);
    expect(await clean(world)).toBe(true);
    for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
  });
});

describe("what stays", () => {
  test("is the log: the same root, the same entries, and proofs that hold", async () => {
    const world = await worldOfThree();
    await bury(world, A);
    const { log, streams } = world.ledger;
    const before = await log.head();
    const [entry] = (await log.segmentAt(0))?.entries ?? [];
    await world.wake(A);
    expect(await log.head()).toEqual(before);
    expect((await log.segmentAt(0))?.entries).toEqual([entry]);

    const stored = await streams.load(STATEMENTS.streamOf(A));
    const { checkpoint, proved } = await proveEvents(log, stored.map(envelopeOf));
    const { size, root } = openCheckpoint(checkpoint ?? "", TRUST).checkpoint;
    expect(proved).toHaveLength(2);
    for (const { entry: each, hashes } of proved) {
      checkInclusion({ size, root, index: each.sequence, leaf: leafHash(entryBytes(each)), proof: hashes });
    }
  });

  test("is no salt, no digest of the request, and nothing by which a guess of the words could be told to be right", async () => {
    const world = await worldOfThree();
    await bury(world, A);
    await world.wake(A);
    const [first, tombstone] = await world.ledger.streams.load(STATEMENTS.streamOf(A));
    expect([first?.salt, first?.requestDigest]).toEqual(["", ""]);
    expect(tombstone?.salt).not.toBe("");
    expect(tombstone?.data).toMatchObject({ reason: "a court ordered it", conditions: { "1.0": 1 } });
  });

  test("is what was announced, under its ids; what is still to be published bears no words", async () => {
    const world = await worldOfThree();
    const bus = new MemoryBus();
    const deps = { views: world.ledger.views, places: new MemoryViews(), bus };
    const ids = () => world.ledger.views.under(`${POSITIONS}#derived#`).map(({ body }) => (body as { id: string }).id);
    const before = ids();
    await bury(world, A);
    await world.wake(A);
    expect(ids()).toEqual(before);
    await publishDerived(deps);
    expect(bus.accepted.map(({ detail }) => (detail as { id: string }).id)).toEqual(before);
    expect(JSON.stringify(bus.accepted)).not.toContain(secretOf(A));
    expect(JSON.stringify(bus.accepted)).toContain("[erased 1]");
  });

  test("is no question to an editor that nobody could answer any more", async () => {
    const world = await worldOfThree();
    await say(world, st("d"), 4, { reading: { stance: "unclear" } });
    await say(world, st("e"), 5, { speaker: LEAVITT, onBehalfOf: TRUMP, reading: { stance: "committed" } });
    const open = () => openReviews(world.ledger.views).map(({ statement, reason }) => [statement.charAt(3), reason]);
    expect(open()).toEqual(
      expect.arrayContaining([
        ["d", "unclear"],
        ["e", "contested"],
        ["b", "condition_replaced"],
      ]),
    );
    await bury(world, st("d"));
    await bury(world, st("e"));
    await bury(world, st("b"));
    expect(open().filter(([letter]) => letter !== "c")).toEqual([]);
    for (const id of ["d", "e", "b"].map(st)) await world.wake(id);
    for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
  });
});

test("a contest that is announced anew, long after its words were last folded, keeps none of them", async () => {
  const world = new ErasureWorld();
  await say(world, A, 0, { reading: { stance: "committed", condition: undefined } });
  await say(world, st("b"), 1, { speaker: LEAVITT, onBehalfOf: TRUMP });
  await say(world, st("c"), 2, { reading: { stance: "committed" } });
  const by = EDITOR;
  await world.ledger.run(st("c"), { type: "WithdrawReport", by, data: { report: rp("c"), reason: "mistaken" } });
  await world.catchUp();
  const told = derivedIn(world.ledger.views).filter(({ type }) => type === "PositionContested");
  expect(told.map(({ sequence, statement }) => [sequence, statement])).toEqual([
    [1, st("b")],
    [3, st("b")],
  ]);
  await bury(world, st("b"));
  await world.wake(st("b"));
  expect(await clean(world, st("b"))).toBe(true);
  for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
});

describe("an erased condition", () => {
  const SAME = { reading: { condition: "if it rains" } };

  test("still is the same as those it was the same as, and differs from those it differed from", async () => {
    const world = new ErasureWorld();
    await say(world, A, 0, SAME);
    await say(world, st("b"), 1, SAME);
    await say(world, st("c"), 2);
    const reasons = () => openReviews(world.ledger.views).map(({ statement, reason }) => [statement.charAt(3), reason]);
    expect(reasons()).toEqual([["c", "condition_replaced"]]);
    await bury(world, st("b"));
    await world.wake(st("b"));
    expect(reasons()).toEqual([["c", "condition_replaced"]]);
    for (const checked of await world.check()) expect(checked).toMatchObject({ difference: null });
  });

  test("tells nobody who records a guess whether it was right", async () => {
    const after = async (condition: string) => {
      const world = new ErasureWorld();
      await say(world, A, 0, SAME);
      await bury(world, A);
      await world.wake(A);
      await say(world, st("b"), 1, { reading: { condition } });
      const rows: ViewRow[] = world.ledger.views.under(`${POSITIONS}#`);
      return JSON.stringify(rows).replaceAll(condition, "the guess");
    };
    expect(await after("if it rains")).toBe(await after("if pigs fly"));
  });
});

test("a ledger that is idle looks through its log no further than one run may", async () => {
  const world = await worldOfThree();
  let reads = 0;
  const log = {
    ...world.deps.log,
    head: async () => ({ ...(await world.ledger.log.head()), pointedThrough: 1_000_000 }),
    segmentAt: async (sequence: number) => {
      reads += 1;
      const [entry] = (await world.ledger.log.segmentAt(0))?.entries ?? [];
      if (entry === undefined) throw new Error("there is an entry");
      return { first: sequence, recordedAt: entry.recordedAt, entries: [{ ...entry, sequence }] };
    },
  };
  await eraseWaiting({ ...world.deps, log }, []);
  expect(reads).toBe(LIMITS.erasureSegmentsCount);
  expect((await world.places.checkpoint("erasure")).next).toBe(LIMITS.erasureSegmentsCount);
});
