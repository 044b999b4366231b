import { placesInLog } from "@on-record/core/log/places";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CountedLog, idAt } from "../../helpers/counted-log.ts";
import { runs } from "../positions/histories.ts";

describe("the places of events in the log", () => {
  test("are told in the order asked, with few reads at once and no segment read twice", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 128 }), { minLength: 1, maxLength: 30 });
    const property = fc.asyncProperty(lengths, fc.array(fc.nat(2_000), { maxLength: 100 }), async (lengths, asked) => {
      const log = new CountedLog(lengths);
      const places = await placesInLog(log, asked.map(idAt));
      const expected = asked.map((sequence) => {
        const segment = log.segments.findLast(({ first }) => first <= sequence);
        return sequence < log.size && segment ? { sequence, recordedAt: segment.recordedAt } : null;
      });
      expect(places).toEqual(expected);
      expect(new Set(log.read).size).toBe(log.read.length);
      expect(log.mostAtOnce).toBeLessThanOrEqual(16);
    });
    await fc.assert(property, { numRuns: runs(100) });
  });

  test("of a hundred events that entered together take one read more than their pointers", async () => {
    const log = new CountedLog([3, 128, 5]);
    await placesInLog(
      log,
      Array.from({ length: 100 }, (_, index) => idAt(index + 10)),
    );
    expect(log.read).toEqual([3]);
  });
});
