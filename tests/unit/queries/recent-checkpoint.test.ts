import { instantOf } from "@on-record/core/domain/time";
import { withRecentCheckpoint } from "@on-record/core/queries/recent-checkpoint";
import { failNth, FaultyViews } from "@on-record/core/storage/faulty";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { expect, test } from "vitest";

const start = { next: 0, recordedAt: null };
const moved = { next: 7, recordedAt: instantOf(0) };

test("a checkpoint is read once in 50 ms, and is then that of the views again", async () => {
  const views = new MemoryViews();
  let now = 1_000;
  const recent = withRecentCheckpoint(views, () => now);
  expect(await recent.checkpoint("p")).toEqual(start);
  await views.advance("p", start, moved);
  now += 49;
  expect(await recent.checkpoint("p")).toEqual(start);
  expect(await recent.checkpoint("q")).toEqual(start);
  now += 1;
  expect(await recent.checkpoint("p")).toEqual(moved);
});

test("a clock that was set back does not keep an old checkpoint", async () => {
  const views = new MemoryViews();
  let now = 1_000_000;
  const recent = withRecentCheckpoint(views, () => now);
  await recent.checkpoint("p");
  await views.advance("p", start, moved);
  now = 0;
  expect(await recent.checkpoint("p")).toEqual(moved);
});

test("a failure is told, and not kept", async () => {
  const views = new FaultyViews(new MemoryViews(), failNth("checkpoint", 1, "before"));
  const recent = withRecentCheckpoint(views, () => 0);
  await expect(recent.checkpoint("p")).rejects.toMatchObject({ code: "store_unavailable" });
  expect(await recent.checkpoint("p")).toEqual(start);
});
