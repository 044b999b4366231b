import type { ViewRange, ViewRow } from "@on-record/core/log/ports";
import { BuildCache } from "@on-record/core/projections/build-cache";
import { RowBuffer } from "@on-record/core/projections/row-buffer";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const key = fc.constantFrom("a", "a#1", "a#2", "b", "b#1", "c");
const row: fc.Arbitrary<ViewRow> = fc
  .record({ pk: fc.constantFrom("p", "q", "r"), sk: key })
  .map(({ pk, sk }) => ({ pk, sk, body: { of: `${pk}${sk}`, left: undefined } }));
const range: fc.Arbitrary<ViewRange> = fc.record(
  { from: key, to: key, descending: fc.boolean(), limit: fc.integer({ min: 0, max: 4 }) },
  { requiredKeys: [] },
);
const question = fc.record({ pk: fc.constantFrom("p", "q", "r", "s"), sk: key, range });
const rounds = fc.array(fc.record({ rows: fc.array(row, { maxLength: 6 }), question }), { maxLength: 12 });

describe("rows that are kept in memory", () => {
  test("of a build answer everything as the store does, whatever had to be dropped", async () => {
    const bounds = fc.record({
      rowsCount: fc.integer({ min: 0, max: 12 }),
      partitionRowsCount: fc.integer({ min: 1, max: 4 }),
    });
    const property = fc.asyncProperty(rounds, bounds, async (all, bound) => {
      const store = new MemoryViews();
      const cache = new BuildCache(store, bound);
      for (const {
        rows,
        question: { pk, sk, range: asked },
      } of all) {
        await cache.put(rows);
        expect(await cache.query(pk, asked)).toEqual(await store.query(pk, asked));
        expect(await cache.get(pk, sk)).toEqual(await store.get(pk, sk));
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });

  test("and not yet written read as if they were", async () => {
    const property = fc.asyncProperty(rounds, fc.nat(5), async (all, every) => {
      const [store, truth] = [new MemoryViews(), new MemoryViews()];
      const buffer = new RowBuffer(store);
      for (const [
        at,
        {
          rows,
          question: { pk, sk, range: asked },
        },
      ] of all.entries()) {
        buffer.add(rows);
        await truth.put(rows);
        expect(await buffer.query(pk, asked)).toEqual(await truth.query(pk, asked));
        expect(await buffer.get(pk, sk)).toEqual(await truth.get(pk, sk));
        if (at % (every + 1) === 0) await buffer.writeTo(store);
      }
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
