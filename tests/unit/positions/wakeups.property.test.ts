import { setImmediate as turn } from "node:timers/promises";
import { LedgerError } from "@on-record/core/errors";
import type { Checkpoint, ViewRange, ViewRow, ViewStore } from "@on-record/core/log/ports";
import { positions } from "@on-record/core/projections/positions";
import { catchUp } from "@on-record/core/projections/run";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { RecordingViews } from "../../helpers/recording-views.ts";
import { historyOf, opsUpTo, runs } from "./histories.ts";
import { told } from "./told.ts";

/** What befalls one call of the views: it is slow, fails before it does anything, in the middle, or after all. */
interface Mishap {
  slow: number;
  fail: "never" | "before" | "midway" | "after";
}

/** Views that fail and dawdle by a list of mishaps; when the list is at its end, nothing happens any more. */
class ShakyViews implements ViewStore {
  readonly #inner: ViewStore;
  readonly #mishaps: Mishap[];

  constructor(inner: ViewStore, mishaps: readonly Mishap[]) {
    this.#inner = inner;
    this.#mishaps = [...mishaps];
  }

  async #through<T>(work: () => Promise<T>, half?: () => Promise<void>): Promise<T> {
    const { slow, fail } = this.#mishaps.shift() ?? { slow: 0, fail: "never" };
    for (let turns = 0; turns < slow; turns += 1) await turn();
    const failure = new LedgerError("store_unavailable", "as planned");
    if (fail === "before") throw failure;
    if (fail === "midway") {
      await half?.();
      throw failure;
    }
    const answer = await work();
    if (fail === "after") throw failure;
    return answer;
  }

  get(pk: string, sk: string): Promise<object | undefined> {
    return this.#through(async () => this.#inner.get(pk, sk));
  }
  query(pk: string, range: ViewRange): Promise<ViewRow[]> {
    return this.#through(async () => this.#inner.query(pk, range));
  }
  put(rows: readonly ViewRow[]): Promise<void> {
    const odd = rows.filter((_, index) => index % 2 === 1);
    return this.#through(
      async () => this.#inner.put(rows),
      async () => this.#inner.put(odd),
    );
  }
  checkpoint(projection: string): Promise<Checkpoint> {
    return this.#through(async () => this.#inner.checkpoint(projection));
  }
  advance(projection: string, expected: Checkpoint, to: Checkpoint): Promise<boolean> {
    return this.#through(async () => this.#inner.advance(projection, expected, to));
  }
}

const mishaps = fc.array(
  fc.record({
    slow: fc.nat(6),
    fail: fc.constantFrom<Mishap["fail"]>("never", "never", "never", "never", "before", "midway", "after"),
  }),
  { maxLength: 30 },
);
/** What follows a segment: no wake-up, one, or several at once, each with its own mishaps. */
const wakeups = fc.array(fc.array(mishaps, { maxLength: 3 }), { minLength: 25, maxLength: 25 });

async function expectRefusalsOnly(attempts: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(attempts)) {
    if (outcome.status === "rejected" && !(outcome.reason instanceof LedgerError)) throw outcome.reason;
  }
}

describe("wake-ups of the positions", () => {
  it("may be lost, repeated, come together and crash anywhere: the rows are those of one clean run", async () => {
    const property = fc.asyncProperty(opsUpTo(18), wakeups, async (ops, plan) => {
      const history = historyOf(ops);
      const ledger = new MemoryLedger();
      const shaken = new RecordingViews();
      for (const [index, segment] of history.segments.entries()) {
        await ledger.append(segment);
        const together = plan[index] ?? [];
        await expectRefusalsOnly(together.map(async (list) => ledger.catchUp(new ShakyViews(shaken, list))));
      }
      await ledger.catchUp(shaken);
      await ledger.catchUp();
      expect(shaken.under(""), told(history)).toEqual(ledger.views.under(""));
      expect(await shaken.checkpoint("positions@1")).toEqual(await ledger.views.checkpoint("positions@1"));
    });
    await fc.assert(property, { numRuns: runs(80) });
  });

  it("apply nothing twice: a second one right after the first reads the head and ends", async () => {
    const ledger = new MemoryLedger();
    const [ops] = fc.sample(opsUpTo(10), { numRuns: 1, seed: 1 });
    for (const segment of historyOf(ops ?? []).segments) await ledger.append(segment);
    const { log, streams, views } = ledger;
    expect(await catchUp(positions, { log, streams, views })).toBe((await log.head()).size);
    views.resetCounts();
    expect(await catchUp(positions, { log, streams, views })).toBe(0);
    expect([views.reads, views.rowsWritten]).toEqual([0, 0]);
  });
});
