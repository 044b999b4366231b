import { describe, expect, test } from "vitest";
import { LIMITS } from "@on-record/core/limits";
import { envelopeOf, eventIdOf } from "@on-record/core/log/envelope";
import type { StreamStore } from "@on-record/core/log/ports";
import { FaultyStreams, failNth } from "@on-record/core/storage/faulty";
import { freshStream, sampleEvent } from "../helpers/storage-fixtures.ts";

/** What every StreamStore does. `factory` gives an empty store. */
export function describeStreamsContract(name: string, factory: () => Promise<StreamStore>): void {
  describe(`streams: ${name}`, () => {
    test("what was appended is loaded, field by field", async () => {
      const store = await factory();
      const event = sampleEvent(freshStream(), 1, { text: "will not", nested: { list: [1, [2]], none: null } });
      await store.append(event);
      expect(await store.load(event.stream)).toStrictEqual([event]);
    });

    test("a stream that nobody wrote to is empty", async () => {
      const store = await factory();
      expect(await store.load(freshStream())).toEqual([]);
    });

    test("fifty racing appends to one place have exactly one winner, round after round", async () => {
      const store = await factory();
      const stream = freshStream();
      for (let version = 1; version <= 5; version++) {
        const rivals = Array.from({ length: 50 }, (_, rival) => sampleEvent(stream, version, { rival }));
        const results = await Promise.allSettled(rivals.map((event) => store.append(event)));
        const winners = rivals.filter((_, at) => results[at]?.status === "fulfilled");
        expect(winners).toHaveLength(1);
        for (const result of results) {
          if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "version_conflict" });
        }
        expect(await store.load(stream, version)).toEqual(winners);
      }
      expect(await store.load(stream)).toHaveLength(5);
    });

    test("an append whose answer was lost can be asked again, and leaves one event", async () => {
      const store = await factory();
      const losing = new FaultyStreams(store, failNth("append", 1, "after"));
      const event = sampleEvent(freshStream(), 1);
      await expect(losing.append(event)).rejects.toMatchObject({ code: "store_unavailable" });
      await losing.append(event);
      expect(await store.load(event.stream)).toEqual([event]);
    });

    test("an append that failed before it was written leaves nothing", async () => {
      const store = await factory();
      const event = sampleEvent(freshStream(), 1);
      const failing = new FaultyStreams(store, failNth("append", 1, "before"));
      await expect(failing.append(event)).rejects.toMatchObject({ code: "store_unavailable" });
      expect(await store.load(event.stream)).toEqual([]);
    });

    test("the same data under another salt is another event, and conflicts", async () => {
      const store = await factory();
      const event = sampleEvent(freshStream(), 1);
      await store.append(event);
      await expect(store.append(sampleEvent(event.stream, 1))).rejects.toMatchObject({ code: "version_conflict" });
      await expect(store.append({ ...event, digest: "x".repeat(43) })).rejects.toMatchObject({
        code: "version_conflict",
      });
      expect(await store.load(event.stream)).toEqual([event]);
    });

    test("envelopes are the events without what was said, from any version on", async () => {
      const stream = freshStream();
      const events = [1, 2, 3].map((version) => sampleEvent(stream, version));
      const store = await factory();
      for (const event of events) await store.append(event);
      expect(await store.envelopes(stream, 2)).toStrictEqual(events.slice(1).map(envelopeOf));
      expect(await store.envelopes(stream, 4)).toEqual([]);
    });

    test("versions load in number order past 9, 10 and 100, from any of them", async () => {
      const store = await factory();
      const stream = freshStream();
      for (let version = 1; version <= 102; version++) await store.append(sampleEvent(stream, version, { version }));
      const versions = (await store.load(stream)).map((event) => event.version);
      expect(versions).toEqual(Array.from({ length: 102 }, (_, at) => at + 1));
      expect((await store.load(stream, 9)).map((event) => event.version)).toEqual(versions.slice(8));
      expect((await store.load(stream, 102)).map((event) => event.version)).toEqual([102]);
      expect(await store.load(stream, 103)).toEqual([]);
    });

    test("numbers, empty lists and any script survive exactly", async () => {
      const store = await factory();
      const data = {
        numbers: [0, -1, 0.1, 1e21, 5e-324, Number.MAX_SAFE_INTEGER, 1.7976931348623157e308],
        empty: { list: [], object: {}, text: "" },
        texts: ["Київ", "北京", "🇺🇦", "e\u0301", "\u0000\u2028", '"\\'],
        flags: [true, false, null],
      };
      const event = sampleEvent(freshStream(), 1, data);
      await store.append(event);
      expect(await store.load(event.stream)).toStrictEqual([event]);
    });

    test("an event of the longest text in four-byte characters, and streams of many such, survive", async () => {
      const store = await factory();
      const stream = freshStream();
      const text = "🗣".repeat(LIMITS.textChars);
      const events = Array.from({ length: 12 }, (_, at) =>
        sampleEvent(stream, at + 1, { text, all: [text, text, at] }),
      );
      for (const event of events) await store.append(event);
      expect(await store.load(stream)).toEqual(events);
    });

    test("callers cannot alter what is stored, neither by what they gave nor by what they got", async () => {
      const store = await factory();
      const data = { list: ["a"] };
      const event = sampleEvent(freshStream(), 1, data);
      const appended = store.append(event);
      data.list.push("b");
      await appended;
      const [loaded] = await store.load(event.stream);
      Object.assign(loaded?.data as object, { list: "gone" });
      expect((await store.load(event.stream))[0]?.data).toEqual({ list: ["a"] });
    });

    test("events are read by name in the order asked, with null for those that are not there", async () => {
      const store = await factory();
      const [one, two] = [freshStream(), freshStream()];
      const events = [sampleEvent(one, 1), sampleEvent(one, 2), sampleEvent(two, 1)] as const;
      for (const event of events) await store.append(event);
      const missing = eventIdOf(two, 2);
      const [a, b, c] = events;
      expect(await store.read([c.id, missing, a.id, b.id, c.id])).toEqual([c, null, a, b, c]);
      expect(await store.read([])).toEqual([]);
    });

    test("hundreds of events are read at once", async () => {
      const store = await factory();
      const events = Array.from({ length: 230 }, () => sampleEvent(freshStream(), 1));
      await Promise.all(events.map((event) => store.append(event)));
      expect(await store.read(events.map((event) => event.id))).toEqual(events);
    });

    test("a scan names every event once", async () => {
      const store = await factory();
      const events = Array.from({ length: 120 }, () => sampleEvent(freshStream(), 1));
      const more = sampleEvent(events[0]?.stream ?? freshStream(), 2);
      await Promise.all(events.map((event) => store.append(event)));
      await store.append(more);
      const named: string[] = [];
      for await (const page of store.scan()) named.push(...page.map(({ stream, version }) => `${stream}@${version}`));
      expect(named.toSorted()).toEqual([...events, more].map((event) => event.id as string).toSorted());
    });
  });
}
