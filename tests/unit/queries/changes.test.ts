import { listChanges } from "@on-record/core/queries/changes";
import type { ChangeFilter } from "@on-record/core/queries/changes/filter";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import type { MemoryViews } from "@on-record/core/storage/memory-views";
import { describe, expect, test } from "vitest";
import { AIR, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { changeAt, positionsReach, putChanges } from "../../helpers/derived-rows.ts";
import { RecordingViews } from "../../helpers/recording-views.ts";

/** Nothing is asked for by time here: the log has nothing to say. */
const sourcesOf = (views: MemoryViews) => ({ views, log: new MemoryLog() });

/** Everything behind a cursor, page by page, and where the next question begins. */
async function follow(views: MemoryViews, limit: number, filter: ChangeFilter = {}, after?: string) {
  const ids: string[] = [];
  const pages: number[] = [];
  for (let cursor = after; ;) {
    const { items, next } = await listChanges(sourcesOf(views), filter, { after: cursor, limit });
    ids.push(...items.map(({ id }) => id));
    pages.push(items.length);
    if (next === cursor) return { ids, pages, next };
    cursor = next;
  }
}

async function viewsWith(next: number, ...events: ReturnType<typeof changeAt>[]): Promise<RecordingViews> {
  const views = new RecordingViews();
  await putChanges(views, ...events);
  await positionsReach(views, next);
  return views;
}

describe("changes", () => {
  const MIXED = [
    changeAt(0),
    changeAt(1, 0, { actor: MACRON, speaker: MACRON }),
    changeAt(3, 0, { change: "closed", reversal: "partial" }),
    changeAt(3, 1, { proposition: AIR, change: "reversed", reversal: "full" }),
    changeAt(7, 0, { actor: MACRON, change: "closed", reversal: "partial" }),
    changeAt(8, 0, { proposition: AIR }),
  ];
  const ids = (...indexes: number[]) => indexes.map((index) => MIXED[index]?.id);

  test("come in the order of the log, and pages of any size make up the whole", async () => {
    const views = await viewsWith(9, ...MIXED);
    for (let limit = 1; limit <= MIXED.length + 1; limit += 1) {
      const { ids: listed, pages } = await follow(views, limit);
      expect(listed).toEqual(ids(0, 1, 2, 3, 4, 5));
      expect(Math.max(...pages)).toBe(Math.min(limit, MIXED.length));
    }
  });

  test.each<[ChangeFilter, number[]]>([
    [{ actor: MACRON }, [1, 4]],
    [{ proposition: AIR }, [3, 5]],
    [{ change: "closed" }, [2, 4]],
    [{ reversal: "full" }, [3]],
    [{ type: "PositionChanged" }, [0, 1, 2, 3, 4, 5]],
    [{ type: "ReviewRequested" }, []],
    [{ actor: TRUMP, proposition: TROOPS }, [0, 2]],
    [{ actor: MACRON, change: "closed", reversal: "partial", type: "PositionChanged", proposition: TROOPS }, [4]],
    [{ actor: MACRON, reversal: "full" }, []],
  ])("are filtered by %o", async (filter, wanted) => {
    const views = await viewsWith(9, ...MIXED);
    for (const limit of [1, 2, 100]) expect((await follow(views, limit, filter)).ids).toEqual(ids(...wanted));
  });

  test("of more than one thousand events of the log are found across empty stretches", async () => {
    const events = [changeAt(5), changeAt(999), changeAt(1_000), changeAt(6_001), changeAt(6_001, 1), changeAt(9_999)];
    const views = await viewsWith(10_000, ...events);
    for (const limit of [1, 2, 100]) expect((await follow(views, limit)).ids).toEqual(events.map(({ id }) => id));
  });

  test("beyond the checkpoint are not told before they count, and then are told from the last cursor on", async () => {
    const views = await viewsWith(9, ...MIXED, changeAt(9), changeAt(9, 1), changeAt(2_500));
    const { ids: first, next } = await follow(views, 4);
    expect(first).toEqual(ids(0, 1, 2, 3, 4, 5));
    await positionsReach(views, 10);
    const { ids: second, next: later } = await follow(views, 1, {}, next);
    expect(second).toEqual([changeAt(9).id, changeAt(9, 1).id]);
    await positionsReach(views, 3_000);
    expect((await follow(views, 1, {}, later)).ids).toEqual([changeAt(2_500).id]);
  });

  test("are followed from an empty ledger on, and over any stretch without one", async () => {
    const views = new RecordingViews();
    let { next } = await follow(views, 10);
    for (const end of [500, 1_000, 1_001, 3_200]) {
      await positionsReach(views, end);
      ({ next } = await follow(views, 10, {}, next));
    }
    await putChanges(views, changeAt(3_200));
    await positionsReach(views, 3_201);
    expect((await follow(views, 10, {}, next)).ids).toEqual([changeAt(3_200).id]);
  });

  test("cost a bounded number of reads a page, however much of the log holds none", async () => {
    const views = await viewsWith(5_000_000, changeAt(0), changeAt(4_999_999));
    views.resetCounts();
    await listChanges(sourcesOf(views), {}, { limit: 10 });
    expect(views.reads).toBeLessThanOrEqual(100);
    expect((await follow(views, 10)).ids).toEqual([changeAt(0).id, changeAt(4_999_999).id]);
  });

  test("that match nothing leave a cursor that goes on behind those looked at", async () => {
    const events = Array.from({ length: 2_500 }, (_, index) => changeAt(index));
    const views = await viewsWith(2_500, ...events);
    const { items, next } = await listChanges(sourcesOf(views), { actor: MACRON }, { limit: 10 });
    expect(items).toEqual([]);
    expect((await listChanges(sourcesOf(views), {}, { after: next, limit: 1 })).items).toMatchObject([
      { sequence: 2_000 },
    ]);
  });
});
