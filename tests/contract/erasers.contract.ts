import { Remains } from "@on-record/core/domain/statement/erased-event";
import { redact } from "@on-record/core/domain/statement/erasure";
import { envelopeOf } from "@on-record/core/log/envelope";
import type { EventEraser, StreamStore, ViewEraser, ViewStore } from "@on-record/core/log/ports";
import { FaultyErasers, failNth } from "@on-record/core/storage/faulty";
import { describe, expect, test } from "vitest";
import { recorded, statementOf } from "../fixtures/statements.ts";
import { freshStream, sampleEvent } from "../helpers/storage-fixtures.ts";

/** What is left of an event in these tests. */
const REMAINS = Remains.parse({
  form: 1,
  of: "StatementRecorded",
  state: redact(statementOf(recorded()), { numbers: { "1.0": 1 }, unlike: { "1.0": ["st_x:1.0"] } }),
  numbers: { "1.0": 1 },
});

/** The two stores that erasure has a way into. */
export interface ErasedStores {
  streams: StreamStore;
  events: EventEraser;
  views: ViewStore;
  rows: ViewEraser;
}

/** What every EventEraser and ViewEraser does. `factory` gives empty stores. */
export function describeErasersContract(name: string, factory: () => Promise<ErasedStores>): void {
  describe(`erasers: ${name}`, () => {
    test("an erased event keeps its envelope and its place, and has what was left of it in place of its data", async () => {
      const { streams, events } = await factory();
      const stream = freshStream();
      const [first, second] = [sampleEvent(stream, 1), sampleEvent(stream, 2)];
      for (const event of [first, second]) await streams.append(event);
      await events.erase(envelopeOf(first), REMAINS);
      const left = { ...envelopeOf(first), data: REMAINS, salt: "", requestDigest: "" };
      expect(await streams.load(stream)).toStrictEqual([left, second]);
      expect(await streams.read([first.id])).toStrictEqual([left]);
      expect(await streams.envelopes(stream, 1)).toStrictEqual([first, second].map(envelopeOf));
      await expect(streams.append(first)).rejects.toMatchObject({ code: "version_conflict" });
    });

    test("an event can be erased again, to the same end", async () => {
      const { streams, events } = await factory();
      const event = sampleEvent(freshStream(), 1);
      await streams.append(event);
      await events.erase(envelopeOf(event), REMAINS);
      const once = await streams.load(event.stream);
      await events.erase(envelopeOf(event), REMAINS);
      expect(await streams.load(event.stream)).toStrictEqual(once);
    });

    test("nothing but the very event is erased, and none is made where there is none", async () => {
      const { streams, events } = await factory();
      const event = sampleEvent(freshStream(), 1);
      await streams.append(event);
      const other = { ...envelopeOf(event), digest: "x".repeat(43) };
      await expect(events.erase(other, REMAINS)).rejects.toThrow("not what is to be erased");
      await expect(events.erase(envelopeOf(sampleEvent(event.stream, 2)), REMAINS)).rejects.toThrow(
        "not what is to be erased",
      );
      expect(await streams.load(event.stream)).toStrictEqual([event]);
    });

    test("an erasure that failed before leaves the event, and one whose answer was lost can be asked again", async () => {
      const { streams, events, rows } = await factory();
      const event = sampleEvent(freshStream(), 1);
      await streams.append(event);
      for (const fail of ["before", "after"] as const) {
        const faulty = new FaultyErasers({ events, views: rows }, failNth("erase", 1, fail));
        await expect(faulty.erase(envelopeOf(event), REMAINS)).rejects.toMatchObject({ code: "store_unavailable" });
        const [stored] = await streams.load(event.stream);
        expect(stored?.salt).toBe(fail === "before" ? event.salt : "");
        await faulty.erase(envelopeOf(event), REMAINS);
        expect((await streams.load(event.stream))[0]?.data).toStrictEqual(REMAINS);
      }
    });

    test("a row takes the place of that of its name, and of no other", async () => {
      const { views, rows } = await factory();
      await views.put(["a", "b"].map((sk) => ({ pk: "p", sk, body: { text: `secret ${sk}` } })));
      await rows.rewrite([{ pk: "p", sk: "a", body: { text: "[erased]" } }]);
      await rows.rewrite([]);
      expect((await views.query("p", {})).map(({ sk, body }) => [sk, body])).toStrictEqual([
        ["a", { text: "[erased]" }],
        ["b", { text: "secret b" }],
      ]);
    });
  });
}
