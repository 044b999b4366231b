import { LedgerError } from "@on-record/core/errors";
import { instantOf } from "@on-record/core/domain/time";
import { Stance } from "@on-record/core/domain/stance";
import { STATEMENT_STATUSES } from "@on-record/core/domain/statement/status";
import type { ViewStore } from "@on-record/core/log/ports";
import { STATEMENTS } from "@on-record/core/projections/statements/rows";
import { SORTS, type StatementFilter, type StatementSort } from "@on-record/core/queries/statements/filter";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AIR, EDITOR, LEAVITT, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, START_MS } from "../../helpers/memory-ledger.ts";
import { historyOf, opsUpTo, runs, told } from "../positions/histories.ts";
import { everyStatement, filtered, index, paged, SMALL } from "./world.ts";

/** As small, and every list is too long to be kept: all is read from the leaves and the days. */
const DENSE = { ...SMALL, denseCount: 0 };

const said = fc
  .constantFrom("2025-08-17T00:00:00.000Z", "2025-08-18T10:00:00.000Z", "2025-08-19T00:00:00.000Z")
  .map((text) => instantOf(Date.parse(text)));
const recorded = fc.nat(20).map((minutes) => instantOf(START_MS + minutes * 60_000));
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 2 });

const filters: fc.Arbitrary<StatementFilter> = fc.record({
  actor: maybe(fc.constantFrom(TRUMP, LEAVITT, MACRON)),
  speaker: maybe(fc.constantFrom(TRUMP, LEAVITT)),
  proposition: maybe(fc.constantFrom(TROOPS, AIR)),
  publisher: maybe(fc.constantFrom("Outlet 1", "outlet  2")),
  recordedBy: maybe(fc.constant(EDITOR)),
  stance: maybe(fc.constantFrom(...Stance.options)),
  status: maybe(fc.constantFrom(...STATEMENT_STATUSES)),
  saidFrom: maybe(said),
  saidTo: maybe(said),
  recordedFrom: maybe(recorded),
  recordedTo: maybe(recorded),
});
const questions = fc.record({
  filter: filters,
  sort: fc.constantFrom<StatementSort>(...SORTS),
  limit: fc.integer({ min: 1, max: 4 }),
});

async function orRefusal<T>(work: Promise<T>): Promise<T | string> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LedgerError) return error.code;
    throw error;
  }
}

describe("lists of statements", () => {
  it("hold what a look at every statement finds, in every order, however filters are combined and pages cut", async () => {
    let [answered, refused] = [0, 0];
    const property = fc.asyncProperty(
      opsUpTo(22),
      fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
      fc.array(questions, { minLength: 8, maxLength: 12 }),
      fc.constantFrom(SMALL, DENSE),
      async (ops, wakes, asked, shape) => {
        const history = historyOf(ops);
        const ledger = new MemoryLedger();
        for (const [nth, segment] of history.segments.entries()) {
          await ledger.append(segment);
          if (wakes[nth]) await index(ledger, shape);
          await ledger.catchUp();
        }
        const all = await everyStatement(ledger);
        for (const { filter, sort, limit } of asked) {
          const found = await orRefusal(paged(ledger, filter, { sort, limit, shape }));
          if (found === "needs_index") {
            refused += 1;
            continue;
          }
          answered += 1;
          if (typeof found === "string") throw new Error(found);
          const shown = JSON.stringify({ filter, sort, limit, history: told(history) });
          expect(
            found.map(({ statement }) => statement.id),
            shown,
          ).toEqual(filtered(all, filter, sort));
          for (const item of found) expect(all).toContainEqual(item);
        }
      },
    );
    await fc.assert(property, { numRuns: runs(60) });
    expect(answered).toBeGreaterThan(refused);
  });

  it("take in no statement twice and leave none out that was there all along, whatever enters between two pages", async () => {
    const property = fc.asyncProperty(
      opsUpTo(24),
      fc.nat(20),
      fc.constantFrom<StatementSort>(...SORTS),
      fc.constantFrom<StatementFilter>({}, { actor: TRUMP }, { proposition: TROOPS }, { stance: "ruled_out" }),
      async (ops, cut, sort, filter) => {
        const { segments } = historyOf(ops);
        const ledger = new MemoryLedger();
        const later = segments.splice(Math.min(cut, segments.length));
        for (const segment of segments) await ledger.append(segment);
        await ledger.catchUp();
        await index(ledger);
        const before = new Map((await everyStatement(ledger)).map((each) => [each.statement.id, each]));
        const asked = filtered([...before.values()], filter, sort);
        const found = await paged(ledger, filter, { sort, limit: 2 }, async () => {
          const segment = later.shift();
          if (segment !== undefined) await ledger.append(segment);
          await ledger.catchUp();
          await index(ledger);
        });
        const ids = found.map(({ statement }) => statement.id);
        expect(new Set(ids).size).toBe(ids.length);
        // What no event altered meanwhile stands where it stood.
        const after = new Map((await everyStatement(ledger)).map((each) => [each.statement.id, each]));
        const unaltered = asked.filter(
          (id) => JSON.stringify(before.get(id)?.statement) === JSON.stringify(after.get(id)?.statement),
        );
        expect(ids).toEqual(expect.arrayContaining(unaltered));
      },
    );
    await fc.assert(property, { numRuns: runs(60) });
  });

  it("rest on the same rows however often the index was woken, by whom else, and wherever it died", async () => {
    const wakes = fc.array(fc.array(fc.constantFrom("whole", "before", "midway", "after"), { maxLength: 2 }), {
      minLength: 30,
      maxLength: 30,
    });
    const property = fc.asyncProperty(opsUpTo(22), wakes, async (ops, plan) => {
      const { segments } = historyOf(ops);
      const often = new MemoryLedger();
      for (const [nth, segment] of segments.entries()) {
        await often.append(segment);
        const together = (plan[nth] ?? []).map(async (death) => index(often, SMALL, dying(often.views, death)));
        await Promise.allSettled(together);
      }
      await index(often);
      const once = new MemoryLedger();
      for (const segment of segments) await once.append(segment);
      await index(once);
      expect(often.views.under(STATEMENTS)).toEqual(once.views.under(STATEMENTS));
      expect(await often.views.checkpoint(STATEMENTS)).toEqual(await once.views.checkpoint(STATEMENTS));
    });
    await fc.assert(property, { numRuns: runs(60) });
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
