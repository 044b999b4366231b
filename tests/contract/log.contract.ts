import { describe, expect, test } from "vitest";
import { LIMITS } from "@on-record/core/limits";
import { eventIdOf } from "@on-record/core/log/envelope";
import type { LogStore } from "@on-record/core/log/ports";
import { FaultyLog, failNth } from "@on-record/core/storage/faulty";
import { commitSegments, freshStream, headAt, momentOf, SEAL, sampleSegment } from "../helpers/storage-fixtures.ts";

const fullSegments = (count: number): number[] => Array<number>(count).fill(LIMITS.segmentEntriesCount);

/** What every LogStore does. `factory` gives an empty log. */
export function describeLogContract(name: string, factory: () => Promise<LogStore>): void {
  describe(`log: ${name}`, () => {
    test("an empty log has a head at 0 and no segment", async () => {
      const log = await factory();
      expect(await log.head()).toEqual(headAt(0));
      expect(await log.segmentAt(0)).toBeNull();
    });

    test("a committed segment is read exactly, and the head stands behind it", async () => {
      const log = await factory();
      const segment = sampleSegment(0, 3);
      expect(await log.commit(await log.head(), segment, SEAL)).toBe(true);
      expect(await log.segmentAt(1)).toStrictEqual(segment);
      expect(await log.head()).toEqual({ ...headAt(3), ...SEAL, recordedAt: segment.recordedAt });
    });

    test("of twenty committers at one head exactly one wins, round after round, and no number is missing", async () => {
      const log = await factory();
      for (let round = 0; round < 5; round++) {
        const head = await log.head();
        const rivals = Array.from({ length: 20 }, (_, at) => sampleSegment(head.size, 1 + (at % 4)));
        const won = await Promise.all(rivals.map((segment) => log.commit(head, segment, SEAL)));
        const winners = rivals.filter((_, at) => won[at]);
        expect(winners).toHaveLength(1);
        expect(await log.segmentAt(head.size)).toEqual(winners[0]);
        expect((await log.head()).size).toBe(head.size + (winners[0]?.entries.length ?? 0));
      }
      const { size } = await log.head();
      for (let sequence = 0; sequence < size; sequence++) {
        const segment = await log.segmentAt(sequence);
        expect(segment?.entries[sequence - segment.first]?.sequence).toBe(sequence);
      }
    });

    test("a commit against a head that has moved writes nothing", async () => {
      const log = await factory();
      const stale = await log.head();
      await commitSegments(log, 2);
      const before = await log.head();
      expect(await log.commit(stale, sampleSegment(0, 5), SEAL)).toBe(false);
      expect(await log.head()).toEqual(before);
      expect(await log.segmentAt(3)).toBeNull();
    });

    test("a commit whose answer was lost stands once, and says so when it is asked again", async () => {
      const log = await factory();
      const losing = new FaultyLog(log, failNth("commit", 1, "after"));
      const segment = sampleSegment(0, 2);
      await expect(losing.commit(headAt(0), segment, SEAL)).rejects.toMatchObject({ code: "store_unavailable" });
      expect((await log.head()).size).toBe(2);
      expect(await losing.commit(headAt(0), segment, SEAL)).toBe(true);
      expect((await log.head()).size).toBe(2);
      expect(await log.segmentAt(0)).toEqual(segment);
    });

    test("a segment that does not follow the head it was made for is refused as a bug", async () => {
      const log = await factory();
      await expect(log.commit(headAt(0), sampleSegment(1, 1), SEAL)).rejects.toBeInstanceOf(RangeError);
      await expect(log.commit(headAt(0), { ...sampleSegment(0, 1), entries: [] }, SEAL)).rejects.toBeInstanceOf(
        RangeError,
      );
      const holed = sampleSegment(0, 3);
      holed.entries.splice(1, 1);
      await expect(log.commit(headAt(0), holed, SEAL)).rejects.toBeInstanceOf(RangeError);
      const torn = { ...sampleSegment(0, 1), recordedAt: momentOf(9) };
      await expect(log.commit(headAt(0), torn, SEAL)).rejects.toBeInstanceOf(RangeError);
      await expect(log.commit(headAt(0), sampleSegment(0, 4_097), SEAL)).rejects.toBeInstanceOf(RangeError);
      expect(await log.head()).toEqual(headAt(0));
    });

    test("the head takes over what a commit says of the tree, and keeps it while it moves on", async () => {
      const log = await factory();
      await log.commit(headAt(0), sampleSegment(0, 2), { frontier: ["f1", "f2"], checkpoint: "first\n" });
      await log.advance({ pointedThrough: 2, publishedThrough: 1 });
      expect(await log.head()).toMatchObject({ frontier: ["f1", "f2"], checkpoint: "first\n", pointedThrough: 2 });
      expect(await log.commit(headAt(0), sampleSegment(0, 1), { frontier: ["x"], checkpoint: "stale\n" })).toBe(false);
      expect((await log.head()).checkpoint).toBe("first\n");
      await log.commit(await log.head(), sampleSegment(2, 1), { frontier: ["f3"], checkpoint: "second\n" });
      expect(await log.head()).toMatchObject({ frontier: ["f3"], checkpoint: "second\n", publishedThrough: 1 });
    });

    test("tiles and the roots below tiles are kept, however often, and read to the byte", async () => {
      const log = await factory();
      expect([await log.tile(0), await log.subtrees(1, 0)]).toEqual([null, []]);
      const bytes = (count: number, seed: number) =>
        Uint8Array.from({ length: count }, (_, at) => (at * 7 + seed) % 256);
      for (const index of [0, 1, 1_024]) await log.keepTile(index, bytes(8_192, index));
      await log.keepTile(1, bytes(8_192, 1));
      expect(await log.tile(1)).toEqual(bytes(8_192, 1));
      expect(await log.tile(1_024)).toEqual(bytes(8_192, 1_024));
      expect(await log.tile(2)).toBeNull();
      for (const index of [0, 1, 2, 255, 256]) await log.keepSubtree(1, index, bytes(32, index));
      await log.keepSubtree(1, 0, bytes(32, 0));
      // The one with the number 255 has a gap before it: it is not read yet.
      expect(await log.subtrees(1, 0)).toEqual([bytes(32, 0), bytes(32, 1), bytes(32, 2)]);
      expect(await log.subtrees(1, 1)).toEqual([bytes(32, 256)]);
      expect(await log.subtrees(2, 0)).toEqual([]);
    });

    test("segments are found by any of their numbers, at both ends", async () => {
      const log = await factory();
      const segments = await commitSegments(log, 1, 9, 1, 89, 10);
      for (const segment of segments) {
        const last = segment.first + segment.entries.length - 1;
        expect(await log.segmentAt(segment.first)).toEqual(segment);
        expect((await log.segmentAt(last))?.first).toBe(segment.first);
      }
      expect(await log.segmentAt(110)).toBeNull();
    });

    test("segments are found across the 4,096th number: one that reaches over it and one that begins on it", async () => {
      const over = await factory();
      await commitSegments(over, ...fullSegments(31));
      const [before, straddling, next] = await commitSegments(over, 122, 10, 3);
      expect(await over.segmentAt(4_089)).toEqual(before);
      for (const sequence of [4_090, 4_095, 4_096, 4_099]) expect(await over.segmentAt(sequence)).toEqual(straddling);
      expect(await over.segmentAt(4_100)).toEqual(next);
      expect(await over.segmentAt(4_103)).toBeNull();
      expect(await over.segmentAt(9_000)).toBeNull();

      const on = await factory();
      await commitSegments(on, ...fullSegments(32));
      expect(await on.segmentAt(4_096)).toBeNull();
      const [beginning] = await commitSegments(on, 1);
      expect(await on.segmentAt(4_096)).toEqual(beginning);
      expect(await on.segmentAt(4_095)).toMatchObject({ first: 3_968 });
    });

    test("pointers lead from events to their numbers, and writing them again changes nothing", async () => {
      const log = await factory();
      const stream = freshStream();
      const { entries } = sampleSegment(0, 60, stream);
      expect(await log.sequenceOf(eventIdOf(stream, 1))).toBeNull();
      await log.point(entries);
      await log.point([...entries, ...entries.slice(0, 30)]);
      expect(await log.sequenceOf(eventIdOf(stream, 1))).toBe(0);
      expect(await log.sequenceOf(eventIdOf(stream, 60))).toBe(59);
      expect(await log.sequenceOf(eventIdOf(stream, 61))).toBeNull();
      await log.point([]);
    });

    test("the newest pointed version of a stream is the highest by number, whatever the order of writing", async () => {
      const log = await factory();
      const stream = freshStream();
      const { entries } = sampleSegment(0, 11, stream);
      expect(await log.lastPointed(stream)).toBe(0);
      await log.point(entries.slice(8));
      await log.point(entries.slice(0, 8));
      expect(await log.lastPointed(stream)).toBe(11);
      expect(await log.lastPointed(freshStream())).toBe(0);
    });

    test("pointedThrough and publishedThrough move forward alone or together, and never back", async () => {
      const log = await factory();
      const [segment] = await commitSegments(log, 9);
      await log.advance({ pointedThrough: 5 });
      await log.advance({ pointedThrough: 3, publishedThrough: 2 });
      await log.advance({});
      const head = { ...SEAL, size: 9, recordedAt: segment?.recordedAt, pointedThrough: 5, publishedThrough: 2 };
      expect(await log.head()).toEqual(head);
      await Promise.all([4, 9, 6, 8, 7].map((publishedThrough) => log.advance({ publishedThrough })));
      expect(await log.head()).toEqual({ ...head, publishedThrough: 9 });
      await commitSegments(log, 1);
      expect(await log.head()).toMatchObject({ size: 10, pointedThrough: 5, publishedThrough: 9 });
    });
  });
}
