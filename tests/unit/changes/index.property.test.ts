import { Change, Reversal } from "@on-record/core/domain/change";
import { instantOf, type Instant } from "@on-record/core/domain/time";
import { LedgerError } from "@on-record/core/errors";
import type { ViewStore } from "@on-record/core/log/ports";
import { CHANGES } from "@on-record/core/projections/changes/rows";
import { Cause, DerivedEvent, ReviewReason } from "@on-record/core/projections/positions/derived";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import type { ChangeFilter } from "@on-record/core/queries/changes/filter";
import type { ReviewFilter } from "@on-record/core/queries/review";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AIR, LEAVITT, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, START_MS } from "../../helpers/memory-ledger.ts";
import { derivedIn, openReviews } from "../../helpers/position-rows.ts";
import { historyOf, opsUpTo, runs, told } from "../positions/histories.ts";
import { index, pagedChanges, pagedReview, SHARED, SMALL } from "./world.ts";

const TYPES = DerivedEvent.options.map((option) => option.shape.type.value);
const maybe = <T>(values: fc.Arbitrary<T>, freq = 2) => fc.option(values, { nil: undefined, freq });
const recorded: fc.Arbitrary<Instant> = fc.nat(20).map((minutes) => instantOf(START_MS + minutes * 60_000));
const actor = fc.constantFrom(TRUMP, LEAVITT, MACRON);
const proposition = fc.constantFrom(TROOPS, AIR);

const filters: fc.Arbitrary<ChangeFilter> = fc.record({
  actor: maybe(actor),
  proposition: maybe(proposition),
  type: maybe(fc.constantFrom(...TYPES)),
  change: maybe(fc.constantFrom(...Change.options)),
  reversal: maybe(fc.constantFrom(...Reversal.options)),
  cause: maybe(fc.constantFrom(...Cause.options)),
  recordedFrom: maybe(recorded),
  recordedTo: maybe(recorded),
});
const reviews: fc.Arbitrary<ReviewFilter> = fc.record({
  reason: maybe(fc.constantFrom(...ReviewReason.options)),
  actor: maybe(actor),
  proposition: maybe(proposition),
});
const wakes = fc.array(fc.boolean(), { minLength: 30, maxLength: 30 });
const shapes = fc.constantFrom(SMALL, SHARED);
const limits = fc.integer({ min: 1, max: 4 });

/** The plain way: a look at every event. */
function filtered(all: readonly DerivedEvent[], { recordedFrom, recordedTo, ...facts }: ChangeFilter): DerivedEvent[] {
  return all.filter((event) => {
    const held: Record<string, unknown> = event;
    return (
      Object.entries(facts).every(([name, wanted]) => wanted === undefined || held[name] === wanted) &&
      (recordedFrom === undefined || recordedFrom <= event.recordedAt) &&
      (recordedTo === undefined || event.recordedAt <= recordedTo)
    );
  });
}

const idsOf = (items: readonly { id: string }[]) => items.map(({ id }) => id);

describe("changes", () => {
  it("are found by every combination of filters as by a look at each, wherever the index stands and pages end", async () => {
    let found = 0;
    const questions = fc.array(fc.record({ filter: filters, limit: limits }), { minLength: 10, maxLength: 14 });
    const property = fc.asyncProperty(opsUpTo(24), wakes, questions, shapes, async (ops, plan, asked, shape) => {
      const history = historyOf(ops);
      const ledger = new MemoryLedger();
      for (const [nth, segment] of history.segments.entries()) {
        await ledger.append(segment);
        await ledger.catchUp();
        if (plan[nth]) await index(ledger, shape);
      }
      const all = derivedIn(ledger.views);
      for (const { filter, limit } of asked) {
        const shown = JSON.stringify({ filter, limit, shape, history: told(history) });
        const expected = filtered(all, filter);
        found += expected.length;
        expect(await pagedChanges(ledger, filter, { limit, shape }), shown).toEqual(expected);
      }
    });
    await fc.assert(property, { numRuns: runs(80) });
    expect(found).toBeGreaterThan(0);
  });

  it("are each told once, in order, to who follows the cursors while more and more enters", async () => {
    const property = fc.asyncProperty(opsUpTo(24), filters, limits, wakes, async (ops, filter, limit, plan) => {
      const { segments } = historyOf(ops);
      const ledger = new MemoryLedger();
      const between = async () => {
        const segment = segments.shift();
        if (segment === undefined) return false;
        await ledger.append(segment);
        await ledger.catchUp();
        if (plan[segments.length]) await index(ledger);
        return true;
      };
      const listed = await pagedChanges(ledger, filter, { limit, between });
      expect(listed).toEqual(filtered(derivedIn(ledger.views), filter));
    });
    await fc.assert(property, { numRuns: runs(80) });
  });

  it("are indexed by the same rows however often that was woken, by whom else, and wherever it died", async () => {
    const deaths = fc.array(fc.array(fc.constantFrom("whole", "before", "midway", "after"), { maxLength: 2 }), {
      minLength: 30,
      maxLength: 30,
    });
    const property = fc.asyncProperty(opsUpTo(22), deaths, async (ops, plan) => {
      const { segments } = historyOf(ops);
      const often = new MemoryLedger();
      for (const [nth, segment] of segments.entries()) {
        await often.append(segment);
        // The positions lag: what they have not come to is not indexed.
        if (nth % 3 > 0) await often.catchUp();
        const together = (plan[nth] ?? []).map(async (death) => index(often, SMALL, dying(often.views, death)));
        await Promise.allSettled(together);
      }
      await often.catchUp();
      await index(often);
      const once = new MemoryLedger();
      for (const segment of segments) await once.append(segment);
      await once.catchUp();
      await index(once);
      expect(often.views.under(CHANGES)).toEqual(once.views.under(CHANGES));
      expect(await often.views.checkpoint(CHANGES)).toEqual(await once.views.checkpoint(CHANGES));
    });
    await fc.assert(property, { numRuns: runs(60) });
  });

  it("are never indexed beyond where the positions stand", async () => {
    const ledger = new MemoryLedger();
    const [ops] = fc.sample(opsUpTo(24), { numRuns: 1, seed: 5 });
    for (const segment of historyOf(ops ?? []).segments) await ledger.append(segment);
    expect(await index(ledger)).toBe(0);
    await ledger.catchUp();
    expect(await index(ledger)).toBeGreaterThan(0);
    const [at, behind] = await Promise.all([ledger.views.checkpoint(CHANGES), ledger.views.checkpoint(POSITIONS)]);
    expect(at.next).toBeLessThanOrEqual(behind.next);
  });
});

describe("an index of other positions than are shown", () => {
  it("is not asked: what follows from the log now is told, and nothing that once did", async () => {
    const ledger = new MemoryLedger();
    const [ops] = fc.sample(opsUpTo(24), { numRuns: 1, seed: 8 });
    for (const segment of historyOf(ops ?? []).segments) await ledger.append(segment);
    await ledger.catchUp();
    await index(ledger);
    const all = derivedIn(ledger.views);
    // Another revision of the positions comes to half of it.
    const kept = ledger.views.under(`${POSITIONS}#derived#`).filter((_, nth) => nth % 2 === 0);
    await ledger.views.put(kept.map((row) => ({ ...row, pk: row.pk.replace(POSITIONS, `${POSITIONS}@1`) })));
    const place = await ledger.views.checkpoint(POSITIONS);
    await ledger.views.advance(POSITIONS, place, { ...place, build: 1, revision: 1_000 });
    const listed = await pagedChanges(ledger, { actor: TRUMP }, { limit: 3 });
    expect(listed).toEqual(
      filtered(
        kept.map(({ body }) => body as DerivedEvent),
        { actor: TRUMP },
      ),
    );
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.length).toBeLessThan(filtered(all, { actor: TRUMP }).length);
    expect(await pagedReview(ledger, {}, { limit: 3 })).toEqual([]);
  });
});

describe("what waits for an editor", () => {
  it("is found by every combination of filters as by a look at each, wherever the index stands and pages end", async () => {
    let found = 0;
    const questions = fc.array(fc.record({ filter: reviews, limit: limits }), { minLength: 5, maxLength: 8 });
    const property = fc.asyncProperty(opsUpTo(30), wakes, questions, shapes, async (ops, plan, asked, shape) => {
      const history = historyOf(ops);
      const ledger = new MemoryLedger();
      for (const [nth, segment] of history.segments.entries()) {
        await ledger.append(segment);
        await ledger.catchUp();
        if (plan[nth]) await index(ledger, shape);
      }
      for (const { filter, limit } of asked) {
        const shown = JSON.stringify({ filter, limit, shape, history: told(history) });
        const expected = filtered(openReviews(ledger.views), filter);
        found += expected.length;
        const listed = await pagedReview(ledger, filter, { limit, shape });
        expect(idsOf(listed.map(({ requested }) => requested)).toSorted(), shown).toEqual(idsOf(expected).toSorted());
        expect(idsOf(listed), shown).toEqual(idsOf(listed).toSorted());
      }
    });
    await fc.assert(property, { numRuns: runs(80) });
    expect(found).toBeGreaterThan(0);
  });

  it("is listed once, and nothing left out that waited all along, whatever is asked and settled between two pages", async () => {
    const property = fc.asyncProperty(opsUpTo(30), fc.nat(20), limits, wakes, async (ops, cut, limit, plan) => {
      const { segments } = historyOf(ops);
      const later = segments.splice(Math.min(cut, segments.length));
      const ledger = new MemoryLedger();
      for (const [nth, segment] of segments.entries()) {
        await ledger.append(segment);
        await ledger.catchUp();
        if (plan[nth]) await index(ledger);
      }
      const before = idsOf(openReviews(ledger.views));
      const listed = await pagedReview(
        ledger,
        {},
        {
          limit,
          between: async () => {
            const segment = later.shift();
            if (segment !== undefined) await ledger.append(segment);
            await ledger.catchUp();
            await index(ledger);
            return false;
          },
        },
      );
      const ids = idsOf(listed.map(({ requested }) => requested));
      expect(new Set(ids).size).toBe(ids.length);
      const after = new Set(idsOf(openReviews(ledger.views)));
      expect(ids).toEqual(expect.arrayContaining(before.filter((id) => after.has(id))));
    });
    await fc.assert(property, { numRuns: runs(80) });
  });
});

/** Views whose first write of rows fails: before its work, in the middle of it, or after. */
function dying(views: ViewStore, death: string): ViewStore {
  let isFirst = death !== "whole";
  return {
    get: (pk, sk) => views.get(pk, sk),
    query: (pk, range) => views.query(pk, range),
    checkpoint: (name) => views.checkpoint(name),
    advance: (name, expected, to) => views.advance(name, expected, to),
    async put(rows) {
      if (!isFirst) return views.put(rows);
      isFirst = false;
      if (death === "midway") await views.put(rows.filter((_, index) => index % 2 === 0));
      if (death === "after") await views.put(rows);
      throw new LedgerError("store_unavailable", "as planned");
    },
  };
}
