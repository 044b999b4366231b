import type { StatementId } from "@on-record/core/domain/ids";
import { positionsInPagesOf } from "@on-record/core/projections/positions";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { replay } from "@on-record/core/projections/replay";
import { findPosition } from "@on-record/core/queries/positions";
import type { Instant } from "@on-record/core/domain/time";
import { instantOf } from "@on-record/core/domain/time";
import fc from "fast-check";
import { expect, test } from "vitest";
import { positionsIn } from "../../helpers/position-rows.ts";
import { historyOf, opsUpTo, runs, told } from "../positions/histories.ts";
import { ErasureWorld, secretly, secretOf } from "./world.ts";

/** Which statements are erased, how far the history has come by then, and how much further when the words go. */
const erasures = fc.array(fc.record({ which: fc.nat(20), cut: fc.nat(20), late: fc.nat(3), steps: fc.nat(12) }), {
  minLength: 1,
  maxLength: 3,
});
type Plan = typeof erasures extends fc.Arbitrary<infer P> ? P : never;
type Ops = Parameters<typeof historyOf>[0];

const rowsUnder = (world: ErasureWorld, prefix: string) =>
  world.ledger.views.under(`${prefix}#`).map(({ pk, sk, body }) => [pk.slice(prefix.length), sk, body]);

/** Where everybody stood, as it was known after each event: without the words. */
async function stood(world: ErasureWorld, moments: readonly Instant[]): Promise<unknown[][]> {
  const answers: unknown[][] = [];
  for (const id of positionsIn(world.ledger.views)) {
    for (const knownAt of moments) {
      const { value } = await findPosition(world.ledger.views, id, { knownAt, now: instantOf(world.ledger.now) });
      if (value === null) {
        answers.push([id, knownAt, null]);
        continue;
      }
      const { stance, force, since, provisional, condition, contests, basis } = value;
      const { statement, speaker, direct, corroboration } = basis;
      const held = { stance, force, since, provisional, conditional: condition !== undefined };
      const open = contests.map((contest) => ({ ...contest, condition: contest.condition !== undefined }));
      answers.push([id, knownAt, held, open, { statement, speaker, direct, corroboration }]);
    }
  }
  return answers;
}

async function momentsOf(world: ErasureWorld): Promise<Instant[]> {
  const moments: Instant[] = [];
  for (let next = 0; ;) {
    const segment = await world.ledger.log.segmentAt(next);
    if (segment === null) return moments;
    moments.push(segment.recordedAt);
    next = segment.first + segment.entries.length;
  }
}

interface Case {
  world: ErasureWorld;
  erased: StatementId[];
}

interface Asked {
  /** Else statements may share them. */
  hasOwnConditions: boolean;
  /** Sees the ledger around each tombstone, and around the words' going. */
  around?: (world: ErasureWorld, work: () => Promise<void>) => Promise<void>;
  /** Is done before each tombstone. */
  before?: (world: ErasureWorld, steps: number) => Promise<void>;
}

/** Lets a history happen, with erasures in it. */
async function play(ops: Ops, plan: Plan, { hasOwnConditions, around, before }: Asked): Promise<Case> {
  const { segments } = secretly(historyOf(ops), hasOwnConditions);
  const world = new ErasureWorld();
  const erased: StatementId[] = [];
  const left = [...segments];
  const follow = async (count: number) => world.follow(left.splice(0, count));
  const watch = async (work: () => Promise<void>) => (around ? around(world, work) : work());
  for (const { which, cut, late, steps } of plan.toSorted((a, b) => a.cut - b.cut)) {
    await follow(Math.max(0, cut - (segments.length - left.length)));
    const candidates = (await world.statements()).filter((id) => !erased.includes(id));
    const id = candidates[which % candidates.length];
    if (id === undefined) continue;
    erased.push(id);
    await before?.(world, steps);
    await watch(async () => {
      await world.bury(id);
      await world.catchUp();
    });
    await follow(late);
    await watch(() => world.wake(id));
  }
  await follow(left.length);
  return { world, erased };
}

function report(ops: Ops): string {
  return told(historyOf(ops));
}

test("whatever was erased, wherever in whatever history, every view is what a rebuild makes, row for row", async () => {
  const property = fc.asyncProperty(opsUpTo(22), erasures, async (ops, plan) => {
    const { world } = await play(ops, plan, { hasOwnConditions: false });
    for (const checked of await world.check()) expect(checked, report(ops)).toMatchObject({ difference: null });
    const live = rowsUnder(world, POSITIONS);
    await replay(positionsInPagesOf(2), world.sources);
    expect(rowsUnder(world, `${POSITIONS}@1`)).toEqual(live);
  });
  await fc.assert(property, { numRuns: runs(40) });
});

test("rebuilds that are under way meanwhile bring nothing back, and make the same rows", async () => {
  const property = fc.asyncProperty(opsUpTo(18), erasures, fc.boolean(), async (ops, plan, isShown) => {
    const projection = positionsInPagesOf(2);
    const { world, erased } = await play(ops, plan, {
      hasOwnConditions: !isShown,
      async before(world, steps) {
        let left = steps;
        await replay(projection, { ...world.sources, onStep: () => --left > 0 });
      },
    });
    await replay(projection, world.sources);
    await world.settle();
    for (const checked of await world.check()) expect(checked, report(ops)).toMatchObject({ difference: null });
    const everything = isShown ? "" : await world.everything();
    for (const id of erased) expect(everything.includes(secretOf(id)), `${id} in\n${report(ops)}`).toBe(false);
  });
  await fc.assert(property, { numRuns: runs(40) });
});

test("nothing that was said of what was erased is left anywhere, and all of the rest is", async () => {
  const property = fc.asyncProperty(opsUpTo(22), erasures, async (ops, plan) => {
    const { world, erased } = await play(ops, plan, { hasOwnConditions: true });
    const everything = await world.everything();
    for (const id of await world.statements()) {
      expect(everything.includes(secretOf(id)), `${id} in\n${report(ops)}`).toBe(!erased.includes(id));
    }
  });
  await fc.assert(property, { numRuns: runs(40) });
});

test("erasing moves no position, at no moment that was ever known", async () => {
  const property = fc.asyncProperty(opsUpTo(18), erasures, async (ops, plan) => {
    await play(ops, plan, {
      hasOwnConditions: false,
      async around(world, work) {
        const moments = await momentsOf(world);
        const before = await stood(world, moments);
        const tip = await stood(world, moments.slice(-1));
        await work();
        expect(await stood(world, moments), report(ops)).toEqual(before);
        const untimed = (answers: readonly unknown[][]) => answers.map((answer) => answer.toSpliced(1, 1));
        const now = await stood(world, [instantOf(world.ledger.now)]);
        expect(untimed(now), report(ops)).toEqual(untimed(tip));
      },
    });
  });
  await fc.assert(property, { numRuns: runs(30) });
});
