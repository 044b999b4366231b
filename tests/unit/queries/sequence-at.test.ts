import { instantOf } from "@on-record/core/domain/time";
import { catchUp } from "@on-record/core/projections/run";
import { statementsIn } from "@on-record/core/projections/statements";
import { segmentsBetween, sequenceAt } from "@on-record/core/queries/sequence-at";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CountedLog } from "../../helpers/counted-log.ts";
import { MemoryLedger, START_MS, wholeLog } from "../../helpers/memory-ledger.ts";
import { historyOf, opsUpTo, runs } from "../positions/histories.ts";

const SHAPE = { leafEvents: 4, blockLeaves: 2, denseCount: 2 };

async function ledgerOf(ops: Parameters<typeof historyOf>[0], isIndexed: boolean): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  for (const segment of historyOf(ops).segments) await ledger.append(segment);
  if (isIndexed) await catchUp(statementsIn(SHAPE), ledger);
  return ledger;
}

describe("the place of a moment in the log", () => {
  it("is the first entry recorded then or later, with or without an index, whatever the end", async () => {
    const property = fc.asyncProperty(
      opsUpTo(20),
      fc.boolean(),
      fc.nat(22),
      fc.nat(20),
      async (ops, isIndexed, after, cut) => {
        const ledger = await ledgerOf(ops, isIndexed);
        const entries = (await wholeLog(ledger.log, ledger.streams)).map(({ entry }) => entry);
        const end = Math.min(cut, entries.length);
        for (const shift of [-1, 0, 1]) {
          const instant = instantOf(START_MS + after * 60_000 + shift);
          const found = entries.slice(0, end).findIndex(({ recordedAt }) => recordedAt >= instant);
          expect(await sequenceAt(instant, end, ledger)).toBe(found === -1 ? end : found);
        }
      },
    );
    await fc.assert(property, { numRuns: runs(60) });
  });
});

describe("segments between two places", () => {
  it("are those that hold the entries between, each once and in order", async () => {
    const property = fc.asyncProperty(opsUpTo(20), fc.nat(20), fc.nat(20), async (ops, a, b) => {
      const ledger = await ledgerOf(ops, false);
      const { size } = await ledger.log.head();
      const [from, to] = [Math.min(a, b, size), Math.min(Math.max(a, b), size)];
      const expected: number[] = [];
      for (let at = from; at < to;) {
        const segment = await ledger.log.segmentAt(at);
        if (segment === null) throw new Error("the log is whole");
        expected.push(segment.first);
        at = segment.first + segment.entries.length;
      }
      expect((await segmentsBetween(ledger.log, from, to)).map(({ first }) => first)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: runs(60) });
  });

  it("are read with a few calls at once, and with two where there is one", async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 60 });
    const property = fc.asyncProperty(lengths, fc.nat(200), fc.nat(200), async (some, a, b) => {
      const log = new CountedLog(some);
      const [from, to] = [Math.min(a, b, log.size), Math.min(Math.max(a, b), log.size)];
      const found = await segmentsBetween(log, from, to);
      const expected = log.segments.filter(({ first, entries }) => first < to && from < first + entries.length);
      expect(found).toEqual(from < to ? expected : []);
      expect(log.mostAtOnce).toBeLessThanOrEqual(16);
      expect(log.read.length).toBeLessThanOrEqual(2 * found.length + 30);
      if (found.length === 1) expect(log.read.length).toBeLessThanOrEqual(2);
    });
    await fc.assert(property, { numRuns: runs(200) });
  });
});
