import { listReview } from "@on-record/core/queries/review";
import { describe, expect, test } from "vitest";
import { assessment, EDITOR, LEAVITT, st, TRUMP } from "../../fixtures/statements.ts";
import { closeReview, positionsReach, putReview } from "../../helpers/derived-rows.ts";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { RecordingViews } from "../../helpers/recording-views.ts";
import { tell } from "../../helpers/telling.ts";

async function follow(views: RecordingViews, limit: number): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const { items, next } = await listReview(views, { after, limit });
    ids.push(...items.map(({ id }) => id));
    expect(items.length).toBeLessThanOrEqual(limit);
    after = next;
  } while (after !== undefined);
  return ids;
}

describe("what waits for an editor", () => {
  test("is asked for by the positions, and vanishes once an editor has decided", async () => {
    const ledger = new MemoryLedger();
    const reasons = async () =>
      (await listReview(ledger.views, { limit: 10 })).items.map(({ requested }) => [
        requested.statement,
        requested.reason,
      ]);
    await tell(ledger, st("a"), "2025-08-18T12:00:00.000Z", "ruled_out");
    await tell(ledger, st("b"), "2025-08-19T12:00:00.000Z", "unclear");
    await tell(ledger, st("c"), "2025-08-20T12:00:00.000Z", "committed", { speaker: LEAVITT, onBehalfOf: TRUMP });
    expect(await reasons()).toEqual([
      [st("b"), "unclear"],
      [st("c"), "contested"],
    ]);
    await ledger.run(st("b"), {
      type: "AssessStatement",
      by: EDITOR,
      data: { assessments: [assessment({ stance: "ruled_out" })] },
    });
    expect(await reasons()).toEqual([[st("c"), "contested"]]);
    await ledger.run(st("c"), { type: "WithdrawStatement", by: EDITOR, data: { reason: "never said" } });
    expect(await listReview(ledger.views, { limit: 10 })).toEqual({
      items: [],
      through: { sequence: 4, recordedAt: new Date(ledger.now).toISOString() },
    });
  });

  test("is listed oldest first, and pages of any size make up the whole", async () => {
    const views = new RecordingViews();
    const open: string[] = [];
    for (let sequence = 0; sequence < 12; sequence += 1) {
      const item = await putReview(views, sequence);
      if (sequence % 3 === 1) await closeReview(views, item, sequence + 20);
      else open.push(item);
    }
    await positionsReach(views, 50);
    for (let limit = 1; limit <= 9; limit += 1) expect(await follow(views, limit), `pages of ${limit}`).toEqual(open);
  });

  test("stays the same between pages when items come and go meanwhile", async () => {
    const views = new RecordingViews();
    const items = [];
    for (const sequence of [0, 1, 2, 3]) items.push(await putReview(views, sequence));
    await positionsReach(views, 4);
    const first = await listReview(views, { limit: 2 });
    await closeReview(views, items[1] ?? "", 4);
    const fresh = await putReview(views, 5);
    await positionsReach(views, 6);
    const rest = await listReview(views, { after: first.next, limit: 10 });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual([...items, fresh]);
  });

  test("is opened and closed only by what the checkpoint has passed", async () => {
    const views = new RecordingViews();
    const item = await putReview(views, 3);
    await closeReview(views, item, 5);
    const listed = async () => (await listReview(views, { limit: 10 })).items.length;
    const counts = [];
    for (const next of [3, 4, 5, 6]) {
      await positionsReach(views, next);
      counts.push(await listed());
    }
    expect(counts).toEqual([0, 1, 1, 0]);
  });

  test("is found behind thousands of closed items, none of which shows as open where a reading ends", async () => {
    const views = new RecordingViews();
    // One row more to begin with, so that each reading ends between an item's opening and its closing.
    const open = [await putReview(views, 0)];
    for (let sequence = 1; sequence <= 2_400; sequence += 1) {
      await closeReview(views, await putReview(views, sequence), sequence + 3_000);
    }
    open.push(await putReview(views, 2_500));
    await positionsReach(views, 10_000);
    expect(await follow(views, 5)).toEqual(open);
    expect(await follow(views, 1)).toEqual(open);
  });
});
