import { describe, expect, test } from "vitest";
import type { ViewRange, ViewStore } from "@on-record/core/log/ports";
import { FaultyViews, failNth } from "@on-record/core/storage/faulty";
import { momentOf } from "../helpers/storage-fixtures.ts";

const keys = async (views: ViewStore, pk: string, range: ViewRange): Promise<string[]> =>
  (await views.query(pk, range)).map((row) => row.sk);

/** What every ViewStore does. `factory` gives an empty one. */
export function describeViewsContract(name: string, factory: () => Promise<ViewStore>): void {
  describe(`views: ${name}`, () => {
    test("a row is read as it was put; one that is not there is undefined", async () => {
      const views = await factory();
      const body = { text: "Київ 🇺🇦", empty: [], nested: { number: 0.1, none: null } };
      await views.put([{ pk: "a", sk: "1", body }]);
      expect(await views.get("a", "1")).toStrictEqual(body);
      expect(await views.get("a", "2")).toBeUndefined();
      expect(await views.query("b", {})).toEqual([]);
    });

    test("ranges hold both their ends, in both directions, up to the limit", async () => {
      const views = await factory();
      await views.put(["e", "b", "d", "a", "c"].map((sk) => ({ pk: "p", sk, body: { sk } })));
      await views.put([{ pk: "q", sk: "c", body: {} }]);
      expect(await keys(views, "p", {})).toEqual(["a", "b", "c", "d", "e"]);
      expect(await keys(views, "p", { from: "b", to: "d" })).toEqual(["b", "c", "d"]);
      expect(await keys(views, "p", { from: "bb", to: "dd" })).toEqual(["c", "d"]);
      expect(await keys(views, "p", { from: "d" })).toEqual(["d", "e"]);
      expect(await keys(views, "p", { to: "b" })).toEqual(["a", "b"]);
      expect(await keys(views, "p", { to: "d", descending: true, limit: 2 })).toEqual(["d", "c"]);
      expect(await keys(views, "p", { from: "b", limit: 3 })).toEqual(["b", "c", "d"]);
      expect(await keys(views, "p", { descending: true })).toEqual(["e", "d", "c", "b", "a"]);
      expect((await views.query("p", { from: "c", to: "c" }))[0]).toStrictEqual({
        pk: "p",
        sk: "c",
        body: { sk: "c" },
      });
    });

    test("ranges that can hold nothing are empty, not errors", async () => {
      const views = await factory();
      await views.put([{ pk: "p", sk: "m", body: {} }]);
      expect(await keys(views, "p", { from: "z", to: "a" })).toEqual([]);
      expect(await keys(views, "p", { to: "" })).toEqual([]);
      expect(await keys(views, "p", { limit: 0 })).toEqual([]);
      expect(await keys(views, "p", { from: "" })).toEqual(["m"]);
    });

    test("rows are ordered by the bytes of UTF-8, not by UTF-16 units", async () => {
      const views = await factory();
      // U+FF5E comes before U+1F5E3 in UTF-8 and after its surrogates in UTF-16.
      const order = ["A", "a", "a#", "aa", "é", "～", "🗣"];
      await views.put(order.toReversed().map((sk) => ({ pk: "p", sk, body: {} })));
      expect(await keys(views, "p", {})).toEqual(order);
      expect(await keys(views, "p", { from: "～" })).toEqual(["～", "🗣"]);
      expect(await keys(views, "p", { from: "é", to: "～" })).toEqual(["é", "～"]);
    });

    test("of two rows with one key in one call the last counts; a later put replaces, and new keys fall in place", async () => {
      const views = await factory();
      await views.put([1, 2, 3].map((n) => ({ pk: "p", sk: "k", body: { n } })));
      expect(await views.query("p", {})).toEqual([{ pk: "p", sk: "k", body: { n: 3 } }]);
      await views.put([
        { pk: "p", sk: "k", body: { n: 4 } },
        { pk: "p", sk: "j", body: { n: 5 } },
      ]);
      expect((await views.query("p", {})).map((row) => row.body)).toEqual([{ n: 5 }, { n: 4 }]);
      await views.put([]);
    });

    test("hundreds of rows go in with one call, and come out with one", async () => {
      const views = await factory();
      const rows = Array.from({ length: 333 }, (_, at) => ({
        pk: `p${at % 2}`,
        sk: String(at).padStart(4, "0"),
        body: { at },
      }));
      await views.put(rows);
      const even = rows.filter((row) => row.pk === "p0");
      expect(await views.query("p0", {})).toEqual(even);
      expect(await views.query("p0", { limit: 100, descending: true })).toEqual(even.toReversed().slice(0, 100));
    });

    test("a partition much larger than any page is read whole, and as far as the limit", async () => {
      const views = await factory();
      const text = "🗣".repeat(70_000);
      const order = Array.from({ length: 26 }, (_, at) => String.fromCharCode(97 + at));
      await views.put(order.map((sk) => ({ pk: "p", sk, body: { sk, text } })));
      const rows = await views.query("p", {});
      expect(rows.map((row) => row.body)).toEqual(order.map((sk) => ({ sk, text })));
      expect(await keys(views, "p", { limit: 24, descending: true })).toEqual(order.toReversed().slice(0, 24));
    });

    test("callers cannot alter what is stored, neither by what they gave nor by what they got", async () => {
      const views = await factory();
      const body = { list: ["a"] };
      const put = views.put([{ pk: "p", sk: "k", body }]);
      body.list.push("b");
      await put;
      Object.assign((await views.get("p", "k")) ?? {}, { list: "gone" });
      Object.assign((await views.query("p", {}))[0]?.body ?? {}, { list: "gone" });
      expect(await views.get("p", "k")).toEqual({ list: ["a"] });
    });

    test("a checkpoint begins at 0 and moves only from where it is expected", async () => {
      const views = await factory();
      const start = await views.checkpoint("positions");
      expect(start).toEqual({ next: 0, recordedAt: null });
      const first = { next: 5, recordedAt: momentOf(1) };
      expect(await views.advance("positions", start, first)).toBe(true);
      expect(await views.advance("positions", start, { next: 9, recordedAt: momentOf(2) })).toBe(false);
      expect(await views.checkpoint("positions")).toEqual(first);
      expect(await views.checkpoint("registry")).toEqual(start);
      expect(await views.advance("positions", first, { next: 0, recordedAt: null })).toBe(true);
      expect(await views.checkpoint("positions")).toEqual(start);
      expect(await views.advance("positions", start, first)).toBe(true);
    });

    test("a checkpoint tells which build it is of, and moves only while it is of the same", async () => {
      const views = await factory();
      const first = { next: 5, recordedAt: momentOf(1), revision: 2 };
      await views.advance("positions", { next: 0, recordedAt: null }, first);
      const switched = { ...first, build: 1 };
      expect(await views.advance("positions", switched, { ...switched, next: 6 })).toBe(false);
      expect(await views.advance("positions", first, switched)).toBe(true);
      expect(await views.checkpoint("positions")).toEqual(switched);
      expect(await views.advance("positions", first, { ...first, next: 6 })).toBe(false);
      expect(await views.advance("positions", switched, { ...switched, next: 6 })).toBe(true);
      expect(await views.checkpoint("positions")).toEqual({ ...switched, next: 6 });
    });

    test("of twenty that move a checkpoint to the very same place exactly one is told so", async () => {
      const views = await factory();
      let place = await views.checkpoint("positions");
      for (let round = 1; round <= 5; round++) {
        const to = { next: place.next + 3, recordedAt: momentOf(round) };
        const from = place;
        const moved = await Promise.all(Array.from({ length: 20 }, () => views.advance("positions", from, to)));
        expect(moved.filter(Boolean)).toHaveLength(1);
        place = await views.checkpoint("positions");
        expect(place).toEqual(to);
      }
    });

    test("a move or a put whose answer was lost is seen by reading, and putting again does no harm", async () => {
      const views = await factory();
      const losing = new FaultyViews(
        new FaultyViews(views, failNth("put", 1, "after")),
        failNth("advance", 1, "after"),
      );
      const to = { next: 1, recordedAt: momentOf(1) };
      const rows = [{ pk: "p", sk: "k", body: { n: 1 } }];
      await expect(losing.put(rows)).rejects.toMatchObject({ code: "store_unavailable" });
      await losing.put(rows);
      expect(await views.query("p", {})).toEqual(rows);
      await expect(losing.advance("x", { next: 0, recordedAt: null }, to)).rejects.toMatchObject({
        code: "store_unavailable",
      });
      expect(await views.checkpoint("x")).toEqual(to);
    });
  });
}
