import { expect, test } from "vitest";
import { FaultyLog, FaultyStreams, FaultyViews, type FaultPlan } from "@on-record/core/storage/faulty";
import type { StreamStore } from "@on-record/core/log/ports";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { freshStream, sampleEvent } from "../helpers/storage-fixtures.ts";

test("a plan sees each call's method, its number among its kind, and its number among all", async () => {
  const seen: string[] = [];
  const plan: FaultPlan<keyof StreamStore> = ({ method, nth, overall }) => {
    seen.push(`${method} ${nth} ${overall}`);
    return undefined;
  };
  const streams = new FaultyStreams(new MemoryStreams(), plan);
  const event = sampleEvent(freshStream(), 1);
  await streams.load(event.stream);
  await streams.append(event);
  await streams.load(event.stream);
  expect(seen).toEqual(["load 1 1", "append 1 2", "load 2 3"]);
});

test("every method of a store can fail, before and after its work", async () => {
  for (const fail of ["before", "after"] as const) {
    const event = sampleEvent(freshStream(), 1);
    const streams = new FaultyStreams(new MemoryStreams(), () => ({ fail }));
    const log = new FaultyLog(new MemoryLog(), () => ({ fail }));
    const views = new FaultyViews(new MemoryViews(), () => ({ fail }));
    const calls = [
      streams.append(event),
      streams.load(event.stream),
      streams.read([event.id]),
      streams.scan().next(),
      log.head(),
      log.segmentAt(0),
      log.sequenceOf(event.id),
      log.point([]),
      log.lastPointed(event.stream),
      log.advance({}),
      views.get("p", "k"),
      views.query("p", {}),
      views.put([]),
      views.checkpoint("x"),
    ];
    const failed = { status: "rejected", reason: { code: "store_unavailable" } };
    expect(await Promise.allSettled(calls)).toMatchObject(calls.map(() => failed));
  }
});

test("a delayed call is overtaken by those that are not", async () => {
  const streams = new FaultyStreams(new MemoryStreams(), ({ overall }) =>
    overall === 1 ? { delayMs: 30 } : undefined,
  );
  const stream = freshStream();
  const [slow, fast] = [sampleEvent(stream, 1), sampleEvent(stream, 1)];
  const results = await Promise.allSettled([streams.append(slow), streams.append(fast)]);
  expect(results.map((result) => result.status)).toEqual(["rejected", "fulfilled"]);
});
