import { ActorId } from "@on-record/core/domain/ids";
import type { LogReader } from "@on-record/core/log/ports";
import { changes } from "@on-record/core/projections/changes";
import { CHANGES } from "@on-record/core/projections/changes/rows";
import { derivedPk, derivedSk } from "@on-record/core/projections/positions/rows";
import { catchUp } from "@on-record/core/projections/run";
import { listChanges } from "@on-record/core/queries/changes";
import type { ChangeFilter } from "@on-record/core/queries/changes/filter";
import { listReview } from "@on-record/core/queries/review";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { describe, expect, test } from "vitest";
import { CountingViews } from "../../helpers/counting-views.ts";
import { TROOPS } from "../../fixtures/statements.ts";
import { changeAt, closeReview, positionsReach, putReview } from "../../helpers/derived-rows.ts";

const RARE = ActorId.parse("seldom-heard");
/** Of the log, not of statements: the ledger of 100,000 is in the test of statements' scale. */
const COUNT = 40_000;
const FEWER = 9_000;
const OFTEN = ActorId.parse("heard-of-every-day");

/** As many events, a change each: three of them by one actor, half by another, the rest by hundreds. */
async function ledgerOf(count: number) {
  const views = new CountingViews();
  const rare = new Set([5, Math.floor(count / 2), count - 70]);
  const common = changeAt(0);
  for (let sequence = 0; sequence < count; sequence += 1) {
    const some = sequence % 2 === 0 ? OFTEN : `actor-${(sequence * 7) % 400}`;
    const body = {
      ...common,
      sequence,
      actor: rare.has(sequence) ? RARE : some,
      ...(sequence % 499 === 3 && { change: "reversed", reversal: "full" }),
      ...(sequence % 503 === 7 && { cause: "settlement" }),
    };
    await views.put([{ pk: derivedPk(sequence), sk: derivedSk(sequence, 0), body }]);
  }
  await positionsReach(views, count);
  const log = await indexed(views);
  return { views, log };
}

/** Brings the index up to the positions. Of the log it asks only when a block was recorded. */
async function indexed(views: CountingViews): Promise<LogReader> {
  const log = new MemoryLog();
  const recordedAt = changeAt(0).recordedAt;
  log.segmentAt = async (first) => ({ first, recordedAt, entries: [] });
  await catchUp(changes, { log, streams: new MemoryStreams(), views });
  return log;
}

async function costOf({ views, log }: Awaited<ReturnType<typeof ledgerOf>>, filter: ChangeFilter) {
  views.resetReads();
  const { items } = await listChanges({ views, log }, filter, { limit: 20 });
  return { found: items.length, reads: views.reads, bytes: views.bytesRead };
}

describe("a page of changes", async () => {
  const [small, large] = [await ledgerOf(FEWER), await ledgerOf(COUNT)];

  test.each<[string, ChangeFilter, number]>([
    ["a rare actor", { actor: RARE }, 3],
    ["an actor heard of every day", { actor: OFTEN }, 20],
    ["a rare kind of change", { change: "reversed" }, 20],
    ["a rare actor and what almost all share", { actor: RARE, type: "PositionChanged", reversal: "none" }, 3],
    ["what none share", { change: "reversed", cause: "settlement" }, 0],
    ["what all share", { type: "PositionChanged" }, 20],
  ])("by %s takes as few reads in a ledger of 40,000 events as in one of 9,000", async (_, filter, most) => {
    const [few, many] = [await costOf(small, filter), await costOf(large, filter)];
    expect(many.found).toBe(most);
    // Beside those of the events themselves.
    expect(many.reads - many.found).toBeLessThanOrEqual(few.reads - few.found + 4);
    expect(many.reads - many.found).toBeLessThanOrEqual(10);
    expect(many.bytes).toBeLessThan(300_000);
  });

  test("is indexed by less than a fifth of a write unit an event", () => {
    expect(large.views.written.get(CHANGES)?.units).toBeLessThan(COUNT / 5);
  });
});

describe("a page of what waits for an editor", () => {
  test("takes few reads, however many were settled before and since, and however long ago some were asked for", async () => {
    const views = new CountingViews();
    const open: string[] = [];
    for (let sequence = 0; sequence < 30_000; sequence += 10) {
      const item = await putReview(views, sequence);
      // The event as the index reads it: its letters and codes come from these facts alone.
      const body = { type: "ReviewRequested", reason: "unclear", actor: OFTEN, sequence, cause: "new_statement" };
      const row = { pk: derivedPk(sequence), sk: derivedSk(sequence, 0), body: { ...body, proposition: TROOPS } };
      await views.put([row]);
      if (sequence % 3_000 === 0) open.push(item);
      else await closeReview(views, item, sequence + 5);
    }
    await positionsReach(views, 30_000);
    await indexed(views);
    views.resetReads();
    const { items, next } = await listReview(views, { limit: 25 });
    expect([items.map(({ id }) => id), next]).toEqual([open, undefined]);
    expect(views.reads).toBeLessThanOrEqual(open.length + 8);
    expect(views.bytesRead).toBeLessThan(200_000);
  });
});
