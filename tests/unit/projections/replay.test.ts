import { LedgerError } from "@on-record/core/errors";
import { instantOf } from "@on-record/core/domain/time";
import type { ViewStore } from "@on-record/core/log/ports";
import { publishDerived } from "@on-record/core/delivery/publish-derived";
import { openView } from "@on-record/core/projections/builds";
import { checkView } from "@on-record/core/projections/check";
import { positions, positionsInPagesOf } from "@on-record/core/projections/positions";
import { POSITIONS, statementPk } from "@on-record/core/projections/positions/rows";
import type { Projection } from "@on-record/core/projections/projection";
import { keepUp, removeOldBuilds, replay } from "@on-record/core/projections/replay";
import { statementsIn } from "@on-record/core/projections/statements";
import { catchUp } from "@on-record/core/projections/run";
import { findPosition } from "@on-record/core/queries/positions";
import { FaultyViews } from "@on-record/core/storage/faulty";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LEAVITT, st, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { telling } from "../../helpers/telling.ts";
import { historyOf, opsUpTo, runs } from "../positions/histories.ts";

const SHAPE = { leafEvents: 4, blockLeaves: 2, denseCount: 3 };
const LETTERS = "abcdefghij".split("");

async function told(ledger: MemoryLedger, letters: readonly string[] = LETTERS): Promise<void> {
  for (const letter of letters) {
    const hour = letter.charCodeAt(0) - "a".charCodeAt(0);
    const at = instantOf(Date.parse("2025-08-18T00:00:00Z") + hour * 3_600_000);
    await ledger.run(st(letter), telling(st(letter), at, hour % 3 === 0 ? "open" : "ruled_out"));
  }
}

async function toldLedger(): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  await told(ledger);
  return ledger;
}

const depsOf = ({ log, streams, views }: MemoryLedger) => ({ log, streams, views });
const asked = (ledger: MemoryLedger) => ({ now: instantOf(ledger.now + 1) });
const POSITION = { actor: TRUMP, proposition: TROOPS };
const ask = (ledger: MemoryLedger, views: ViewStore = ledger.views) => findPosition(views, POSITION, asked(ledger));

/** The rows of one build, named as those of the first. */
function rowsUnder(ledger: MemoryLedger, prefix: string): unknown[] {
  return ledger.views.under(`${prefix}#`).map(({ pk, sk, body }) => [pk.slice(prefix.length), sk, body]);
}

describe("a replay", () => {
  test("makes, for any possible history, the very rows that following the log made, and shows them", async () => {
    const property = fc.asyncProperty(opsUpTo(25), async (ops) => {
      const ledger = new MemoryLedger();
      for (const segment of historyOf(ops).segments) {
        await ledger.append(segment);
        await ledger.catchUp();
      }
      const live = rowsUnder(ledger, POSITIONS);
      expect(await replay(positions, depsOf(ledger))).toBe(1);
      expect(rowsUnder(ledger, `${POSITIONS}@1`)).toEqual(live);
      expect(await checkView(positions, depsOf(ledger))).toMatchObject({ difference: null, rowsCount: live.length });
    });
    await fc.assert(property, { numRuns: runs(40) });
  });

  test("answers every question meanwhile, and as it would have without", async () => {
    const ledger = await toldLedger();
    const { value } = await ask(ledger);
    const answers: Promise<unknown>[] = [];
    const onStep = () => {
      answers.push(ask(ledger).then((answer) => answer.value));
      return true;
    };
    await replay(positions, { ...depsOf(ledger), onStep });
    answers.push(ask(ledger).then((answer) => answer.value));
    expect(answers.length).toBeGreaterThan(LETTERS.length);
    for (const answer of await Promise.all(answers)) expect(answer).toEqual(value);
  });

  test("leaves a view that was opened before the switch as it was", async () => {
    const ledger = await toldLedger();
    const { place, rows } = await openView(ledger.views, POSITIONS);
    await replay(positions, depsOf(ledger));
    const again = await openView(ledger.views, POSITIONS);
    expect([place.build, again.place.build]).toEqual([undefined, 1]);
    ledger.views.tamper({
      pk: `${POSITIONS}@1#${statementPk("x").slice(POSITIONS.length + 1)}`,
      sk: "0",
      body: { of: "1" },
    });
    expect(await rows.query(statementPk("x"), {})).toEqual([]);
    expect(await again.rows.query(statementPk("x"), {})).toEqual([
      { pk: statementPk("x"), sk: "0", body: { of: "1" } },
    ]);
  });

  test("goes on to follow the log with what it has built", async () => {
    const ledger = await toldLedger();
    await replay(positions, depsOf(ledger));
    await told(ledger, ["k", "l"]);
    expect((await ask(ledger)).value?.basis.statement).toBe(st("l"));
    expect(await checkView(positions, depsOf(ledger))).toMatchObject({ difference: null, through: 11 });
    expect((await ledger.views.checkpoint(POSITIONS)).build).toBe(1);
  });

  test("publishes no derived event again", async () => {
    const ledger = await toldLedger();
    const places = new MemoryViews();
    const bus = new MemoryBus();
    const before = await publishDerived({ views: ledger.views, places, bus });
    expect(before).toBeGreaterThan(0);
    await replay(positions, depsOf(ledger));
    expect(await publishDerived({ views: ledger.views, places, bus })).toBe(0);
    await told(ledger, ["k"]);
    expect(await publishDerived({ views: ledger.views, places, bus })).toBeGreaterThan(0);
    const ids = bus.accepted.map(({ detail }) => (detail as { id: string }).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(["before", "after"] as const)(
    "that is killed %s any of its calls goes on where it was, and ends with the same rows",
    async (fail) => {
      for (let nth = 1, over = false; !over; nth += 1) {
        const ledger = new MemoryLedger();
        await told(ledger, ["a", "b", "c"]);
        const live = rowsUnder(ledger, POSITIONS);
        let calls = 0;
        const dying = new FaultyViews(ledger.views, () => (++calls === nth ? { fail } : undefined));
        over = await replay(positions, { ...depsOf(ledger), views: dying }).then(
          () => true,
          (error: unknown) => {
            expect(error).toBeInstanceOf(LedgerError);
            return false;
          },
        );
        expect((await ask(ledger)).value?.basis.statement).toBe(st("c"));
        const { build = 0 } = await ledger.views.checkpoint(POSITIONS);
        // An answer that was lost behind the switch: asked again, it builds one more.
        expect(await replay(positions, depsOf(ledger))).toBe(build + 1);
        expect(rowsUnder(ledger, `${POSITIONS}@${build + 1}`)).toEqual(live);
        expect(nth).toBeLessThan(200);
      }
    },
  );

  test("does not begin anew what another left unfinished, unless it is told to", async () => {
    const ledger = await toldLedger();
    let steps = 0;
    const stopAt = (most: number) => () => ++steps < most;
    expect(await replay(positions, { ...depsOf(ledger), onStep: stopAt(6) })).toBeNull();
    expect((await ledger.views.checkpoint(`${POSITIONS}@1`)).next).toBe(6);
    steps = 0;
    await replay(positions, { ...depsOf(ledger), onStep: stopAt(100) });
    expect(steps).toBe(LETTERS.length - 6);

    expect(await replay(positions, { ...depsOf(ledger), onStep: () => false })).toBeNull();
    expect(await replay(positions, depsOf(ledger), { afresh: true })).toBe(3);
  });

  test("at the same time as another does the same work, and one build is shown", async () => {
    const ledger = await toldLedger();
    const both = await Promise.all([replay(positions, depsOf(ledger)), replay(positions, depsOf(ledger))]);
    expect(both).toEqual([1, 1]);
    expect(await checkView(positions, depsOf(ledger))).toMatchObject({ difference: null });
  });

  test("keeps up with what is recorded meanwhile", async () => {
    const ledger = await toldLedger();
    const late = "klmno".split("");
    let running: Promise<void> = Promise.resolve();
    const onStep = (_: string, next: number) => {
      const letter = next > 3 ? late.shift() : undefined;
      if (letter !== undefined) running = running.then(() => told(ledger, [letter]));
      return true;
    };
    await replay(positions, { ...depsOf(ledger), onStep });
    await running;
    await ledger.catchUp();
    expect(await checkView(positions, depsOf(ledger))).toMatchObject({ difference: null, through: 14 });
  });

  test("of the index of statements makes the same rows too", async () => {
    const ledger = await toldLedger();
    const index = statementsIn(SHAPE);
    await catchUp(index, depsOf(ledger));
    const live = rowsUnder(ledger, "statements");
    expect(live.length).toBeGreaterThan(0);
    await replay(index, depsOf(ledger));
    expect(rowsUnder(ledger, "statements@1")).toEqual(live);
    expect(await checkView(index, depsOf(ledger))).toMatchObject({ difference: null, through: 7 });
  });

  test("lets the rows of builds that are shown no more be removed", async () => {
    const ledger = await toldLedger();
    const live = rowsUnder(ledger, POSITIONS);
    expect(await removeOldBuilds(ledger.views, positions)).toBe(0);
    await replay(positions, depsOf(ledger));
    expect(await removeOldBuilds(ledger.views, positions)).toBe(live.length);
    expect(rowsUnder(ledger, POSITIONS)).toEqual([]);
    expect(rowsUnder(ledger, `${POSITIONS}@1`)).toEqual(live);
    expect((await ask(ledger)).value).not.toBeNull();
  });
});

describe("another revision", () => {
  const NEXT: Projection = { ...positionsInPagesOf(2), revision: positions.revision + 1 };

  test("is built beside the one that is shown, which stays until then, and takes over in one write", async () => {
    const ledger = await toldLedger();
    const { value } = await ask(ledger);
    let steps = 0;
    await keepUp(NEXT, { ...depsOf(ledger), onStep: () => ++steps < 4 });
    expect(await ledger.views.checkpoint(POSITIONS)).toMatchObject({ revision: positions.revision, next: 10 });
    expect((await ask(ledger)).value).toEqual(value);
    await keepUp(NEXT, depsOf(ledger));
    expect(await ledger.views.checkpoint(POSITIONS)).toMatchObject({ revision: NEXT.revision, build: 1 });
    expect((await ask(ledger)).value).toEqual(value);
    expect(await checkView(NEXT, depsOf(ledger))).toMatchObject({ difference: null });
  });

  test("does not go on with what a replay of an earlier one left", async () => {
    const ledger = await toldLedger();
    let steps = 0;
    await replay(positions, { ...depsOf(ledger), onStep: () => ++steps < 4 });
    expect(await replay(NEXT, depsOf(ledger))).toBe(2);
  });
});

describe("a check", () => {
  const found = async (ledger: MemoryLedger) => (await checkView(positions, depsOf(ledger))).difference;

  test("names the first row in the order of the log that says otherwise, is missing, or is one too many", async () => {
    const ledger = await toldLedger();
    expect(await found(ledger)).toBeNull();
    const [row] = ledger.views.under(statementPk(st("e")));
    if (row === undefined) throw new Error("a statement has a row");
    const [later] = ledger.views.under(statementPk(st("g")));
    ledger.views.tamper({ ...row, body: { ...row.body, corroboration: 9 } });
    if (later) await ledger.views.remove([later]);
    expect(await found(ledger)).toMatchObject({ kind: "altered", pk: row.pk, shown: { corroboration: 9 } });
    ledger.views.tamper(row);
    expect(await found(ledger)).toMatchObject({ kind: "missing", pk: later?.pk, sk: later?.sk });
    if (later) ledger.views.tamper(later);
    expect(await found(ledger)).toBeNull();
    const forged = { ...row, pk: statementPk(st("z")) };
    ledger.views.tamper(forged);
    expect(await found(ledger)).toMatchObject({ kind: "extra", pk: forged.pk });
  });

  test("is not led astray by rows of an event that is just being applied", async () => {
    const ledger = await toldLedger();
    const decided = ledger.decide(st("k"), telling(st("k"), "2025-08-19T12:00:00.000Z", "committed"));
    if (decided === null) throw new Error("a new statement is news");
    await ledger.append([decided]);
    // Every row is written, and the process dies before the place moves.
    const dying = new FaultyViews(ledger.views, ({ method }) =>
      method === "advance" ? { fail: "before" } : undefined,
    );
    await expect(catchUp(positions, { ...depsOf(ledger), views: dying })).rejects.toThrow();
    expect(await checkView(positions, depsOf(ledger))).toMatchObject({ difference: null, through: 9 });
  });

  test("of other actors and propositions finds what was altered there as well", async () => {
    const ledger = await toldLedger();
    await ledger.run(st("q"), telling(st("q"), "2025-08-19T12:00:00.000Z", "committed", { speaker: LEAVITT }));
    const row = ledger.views.under(`${POSITIONS}#position#${LEAVITT}#`)[0];
    if (row === undefined) throw new Error("a position has rows");
    ledger.views.tamper({ ...row, body: { ...row.body, forged: true } });
    expect(await found(ledger)).toMatchObject({ kind: "altered", pk: row.pk, sk: row.sk });
  });
});
