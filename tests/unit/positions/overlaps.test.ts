import { describe, expect, it } from "vitest";
import { Scene } from "./scenes.ts";

const DAY = "2025-08-19";
const TEN = "2025-08-19T10:00Z";
const THREE = "2025-08-19T15:00Z";
const NEXT = "2025-08-20";

/** Two statements on one day, known only by the day. */
async function doubtful(): Promise<Scene> {
  const scene = new Scene();
  await scene.say("a", { at: DAY, says: "open" });
  await scene.say("b", { at: DAY, says: "ruled_out" });
  return scene;
}

describe("statements whose order nobody knows", () => {
  it("show the later recorded, provisionally, and announce nothing of it; an editor is asked", async () => {
    const scene = new Scene();
    expect(await scene.say("a", { at: DAY, says: "open" })).toEqual(["a first/none", "new_statement"]);
    expect(await scene.say("b", { at: DAY, says: "ruled_out" })).toEqual([
      "review b: order against a",
      "new_statement",
    ]);
    expect(scene.stand()).toBe("ruled_out by b, provisional");
  });

  it("that agree are in no doubt", async () => {
    const scene = new Scene();
    await scene.say("a", { at: DAY, says: "open" });
    expect(await scene.say("b", { at: DAY, says: "open" })).toEqual(["b reaffirmed/none", "new_statement"]);
    expect(scene.stand()).toBe("open by b");
  });

  it("settled as shown, the change goes out", async () => {
    const scene = await doubtful();
    expect(await scene.order("b", "a")).toEqual(["b closed/partial", "settlement"]);
    expect(scene.stand()).toBe("ruled_out by b");
    expect(scene.reviews()).toEqual([]);
  });

  it("settled the other way round, the first is withdrawn and both go out in their order", async () => {
    const scene = await doubtful();
    expect(await scene.order("a", "b")).toEqual([
      "withdrawn: a first/none",
      "b first/none",
      "a opened/partial",
      "settlement",
    ]);
    expect(scene.timeline()).toEqual(["b first/none -> ruled_out by b", "a opened/partial -> open by a"]);
    expect(scene.reviews()).toEqual([]);
  });

  it("settled and then settled the other way round follow the last word", async () => {
    const scene = await doubtful();
    await scene.order("b", "a");
    const told = await scene.order("a", "b");
    expect(told).toEqual([
      "withdrawn: a first/none",
      "withdrawn: b closed/partial",
      "b first/none",
      "a opened/partial",
      "settlement",
    ]);
    expect(await scene.order("b", "a")).toEqual([
      "withdrawn: b first/none",
      "withdrawn: a opened/partial",
      "a first/none",
      "b closed/partial",
      "settlement",
    ]);
    expect(scene.stand()).toBe("ruled_out by b");
    expect(new Set([...scene.idsOf("a"), ...scene.idsOf("b")]).size).toBe(6);
  });

  it("are left behind by what is surely later: it is judged against the last that was beyond doubt", async () => {
    const scene = await doubtful();
    expect(await scene.say("c", { at: NEXT, says: "committed" })).toEqual(["c closed/partial", "new_statement"]);
    expect(scene.stand()).toBe("committed by c");
    expect(scene.reviews()).toEqual(["review b: order against a"]);
    expect(await scene.order("b", "a")).toEqual([
      "withdrawn: c closed/partial",
      "b closed/partial",
      "c reversed/full",
      "settlement",
    ]);
  });

  it("where the later recorded may have been said earlier in the day: still it is shown, and what was announced stands", async () => {
    const scene = new Scene();
    await scene.say("a", { at: TEN, says: "open" });
    expect(await scene.say("b", { at: DAY, says: "ruled_out" })).toEqual(["review b: order against a", "late_record"]);
    expect(scene.timeline()).toEqual([
      "b in doubt with a -> ruled_out by b, provisional",
      "a first/none -> ruled_out by b, provisional",
    ]);
    expect(await scene.order("b", "a")).toEqual(["b closed/partial", "settlement"]);
    expect(scene.stand()).toBe("ruled_out by b");
  });

  it("where the later recorded was said earlier in the day, after all", async () => {
    const scene = new Scene();
    await scene.say("a", { at: TEN, says: "open" });
    await scene.say("b", { at: DAY, says: "ruled_out" });
    expect(await scene.order("a", "b")).toEqual([
      "withdrawn: a first/none",
      "b first/none",
      "a opened/partial",
      "settlement",
    ]);
  });

  it("within one minute, and at one instant, are in doubt as within one day", async () => {
    for (const [first, second] of [
      [TEN, TEN],
      [TEN, "2025-08-19T10:00:20Z"],
      ["2025-08-19T10:00:20Z", "2025-08-19T10:00:20Z"],
    ] as const) {
      const scene = new Scene();
      await scene.say("a", { at: first, says: "open" });
      expect(await scene.say("b", { at: second, says: "ruled_out" })).toContain("review b: order against a");
      expect(scene.stand()).toBe("ruled_out by b, provisional");
    }
  });

  it("in neighbouring minutes are in no doubt", async () => {
    const scene = new Scene();
    await scene.say("a", { at: TEN, says: "open" });
    expect(await scene.say("b", { at: "2025-08-19T10:01Z", says: "ruled_out" })).toEqual([
      "b closed/partial",
      "new_statement",
    ]);
  });

  it("three in a day: the last recorded is shown until both orders are settled", async () => {
    const scene = await doubtful();
    expect(await scene.say("c", { at: DAY, says: "committed" })).toEqual([
      "review c: order against b",
      "new_statement",
    ]);
    expect(scene.stand()).toBe("committed by c, provisional");
    expect(await scene.order("b", "a")).toEqual(["b closed/partial", "review c: order against a", "settlement"]);
    expect(scene.stand()).toBe("committed by c, provisional");
    expect(await scene.order("c", "b")).toEqual(["c reversed/full", "settlement"]);
    expect(scene.stand()).toBe("committed by c");
    expect(scene.reviews()).toEqual([]);
  });

  it("three in a day: what surely followed one of two is shown although the other was recorded later", async () => {
    const scene = new Scene();
    await scene.say("a", { at: DAY, says: "committed" });
    await scene.say("b", { at: THREE, says: "open" });
    await scene.say("c", { at: TEN, says: "ruled_out" });
    // c came before b; a may have been said before, between or after them.
    expect(scene.stand()).toBe("open by b, provisional");
  });

  it("three in a day: words that agree with the last recorded do not take its place while others disagree", async () => {
    const scene = new Scene();
    await scene.say("a", { at: THREE, says: "committed" });
    await scene.say("b", { at: TEN, says: "ruled_out" });
    await scene.say("c", { at: DAY, says: "ruled_out" });
    expect(scene.stand()).toBe("ruled_out by c, provisional");
  });

  it("are in doubt no more when one of them is dated exactly", async () => {
    const scene = await doubtful();
    expect(await scene.redate("b", NEXT)).toEqual(["b closed/partial", "correction"]);
    expect(scene.reviews()).toEqual([]);
  });

  it("are in doubt no more when one of them is withdrawn", async () => {
    const scene = await doubtful();
    expect(await scene.withdraw("a")).toEqual(["withdrawn: a first/none", "b first/none", "retraction"]);
    expect(scene.stand()).toBe("ruled_out by b");
    expect(scene.reviews()).toEqual([]);
  });

  it("ask anew when the doubt is about another statement", async () => {
    const scene = await doubtful();
    await scene.say("c", { at: DAY, says: "open" });
    expect(scene.reviews()).toEqual(["review b: order against a", "review c: order against b"]);
    await scene.withdraw("b");
    expect(scene.reviews()).toEqual([]);
  });

  it("known by the minute to lie before and after midnight are in no doubt, although a zone's day holds both", async () => {
    const scene = new Scene();
    await scene.say("a", { at: "2025-08-19T23:59Z", says: "open" });
    expect(await scene.say("b", { at: "2025-08-20T00:00Z", says: "ruled_out" })).toEqual([
      "b closed/partial",
      "new_statement",
    ]);
  });
});
