import { describe, expect, it } from "vitest";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { LEAVITT, MACRON, TEXT, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { Scene } from "./scenes.ts";

const MON = "2025-08-18";
const TUE = "2025-08-19";
const WED = "2025-08-20";
const THU = "2025-08-21";

/** Monday open, Wednesday ruled out. */
async function twoDays(): Promise<Scene> {
  const scene = new Scene();
  await scene.say("a", { at: MON, says: "open" });
  await scene.say("b", { at: WED, says: "ruled_out" });
  return scene;
}

describe("a statement recorded late", () => {
  it("before all others becomes the first, and the record of the next is set right", async () => {
    const scene = await twoDays();
    expect(await scene.say("c", { at: "2025-08-17", says: "committed" })).toEqual([
      "withdrawn: a first/none",
      "c first/none",
      "a opened/partial",
      "late_record",
    ]);
    expect(scene.stand()).toBe("ruled_out by b");
  });

  it("between two others is announced with what follows it", async () => {
    const scene = await twoDays();
    expect(await scene.say("c", { at: TUE, says: "leaning_against" })).toEqual([
      "withdrawn: b closed/partial",
      "c leaned/none",
      "b hardened/none",
      "late_record",
    ]);
  });

  it("behind all others is news, however late it is", async () => {
    const scene = await twoDays();
    expect(await scene.say("c", { at: THU, says: "open" })).toEqual(["c opened/partial", "new_statement"]);
  });

  it("that has nothing to say announces nothing", async () => {
    const scene = await twoDays();
    expect(await scene.say("c", { at: TUE, says: "no_comment" })).toEqual([]);
    expect(scene.timeline()).toHaveLength(3);
  });

  it("that agrees with what was said before it is announced, and the next rests on it now", async () => {
    const scene = await twoDays();
    expect(await scene.say("c", { at: TUE, says: "open" })).toEqual([
      "withdrawn: b closed/partial",
      "c reaffirmed/none",
      "b closed/partial",
      "late_record",
    ]);
    expect(scene.events().at(-1)).toMatchObject({ previous: { statement: expect.stringContaining("st_ccc") } });
  });

  it("for the actor, that is noted, announces nothing", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for" });
    await scene.say("b", { at: WED, says: "committed" });
    expect(await scene.say("c", { at: TUE, says: "open", speaker: LEAVITT, for: TRUMP })).toEqual([]);
  });

  it("and withdrawn again leaves the announcements as they were, with new ids", async () => {
    const scene = await twoDays();
    await scene.say("c", { at: TUE, says: "leaning_against" });
    expect(await scene.withdraw("c")).toEqual([
      "withdrawn: c leaned/none",
      "withdrawn: b hardened/none",
      "b closed/partial",
      "retraction",
    ]);
    const [first, , third] = scene.idsOf("b");
    expect(third).not.toBe(first);
  });
});

describe("a correction", () => {
  it("of the text that keeps its evidence announces nothing", async () => {
    const scene = await twoDays();
    expect(await scene.correct("b", { text: `${TEXT} Period.` })).toEqual([]);
    expect(scene.stand()).toBe("ruled_out by b");
  });

  it("of the stance withdraws what was announced of it and of the next", async () => {
    const scene = await twoDays();
    expect(await scene.assess("a", { says: "committed" })).toEqual([
      "withdrawn: a first/none",
      "withdrawn: b closed/partial",
      "a first/none",
      "b reversed/full",
      "correction",
    ]);
  });

  it("of the time that keeps the order announces the one that was told with its time anew, and nothing else", async () => {
    const scene = await twoDays();
    expect(await scene.redate("a", TUE)).toEqual(["withdrawn: a first/none", "a first/none", "correction"]);
    expect(scene.timeline()).toEqual(["a first/none -> open by a", "b closed/partial -> ruled_out by b"]);
  });

  it("of the time that turns the order round announces both anew", async () => {
    const scene = await twoDays();
    expect(await scene.redate("a", THU)).toEqual([
      "withdrawn: a first/none",
      "withdrawn: b closed/partial",
      "b first/none",
      "a opened/partial",
      "correction",
    ]);
    expect(scene.stand()).toBe("open by a");
  });

  it("of the actor takes the statement from one position to another", async () => {
    const scene = await twoDays();
    expect(await scene.correct("b", { speaker: MACRON })).toEqual([
      "withdrawn: b closed/partial",
      "b first/none",
      "correction",
    ]);
    expect([scene.stand(), scene.stand(TROOPS, MACRON)]).toEqual(["open by a", "ruled_out by b"]);
  });

  it("from own words to delegated ones judges them as such", async () => {
    const scene = await twoDays();
    expect(await scene.correct("b", { speaker: LEAVITT, onBehalfOf: TRUMP })).toEqual([
      "withdrawn: b closed/partial",
      "contested by b",
      "review b: contested",
      "correction",
    ]);
    expect(await scene.correct("b", { speaker: TRUMP, onBehalfOf: null })).toEqual([
      "b closed/partial",
      "contest of b ended: correction",
      "correction",
    ]);
  });

  it("of a time that an editor had ordered lets the settlement go", async () => {
    const scene = new Scene();
    await scene.say("a", { at: TUE, says: "open" });
    await scene.say("b", { at: TUE, says: "ruled_out" });
    await scene.order("b", "a");
    expect(await scene.correct("b", { saidAt: saidAtFrom("2025-08-19", undefined, "America/New_York") })).toEqual([
      "withdrawn: b closed/partial",
      "review b: order against a",
      "correction",
    ]);
  });
});

describe("reports", () => {
  it("count by publisher, not by post, and change no position", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open", publisher: "The Post" });
    expect(await scene.addReport("a", "b", "the  post")).toEqual([]);
    expect(scene.corroboration("a")).toBe(1);
    expect(await scene.addReport("a", "c", "The Globe")).toEqual([]);
    expect(scene.corroboration("a")).toBe(2);
  });

  it("carry the position until the last of them is withdrawn, and again when one comes back", async () => {
    const scene = await twoDays();
    await scene.addReport("b", "c");
    expect(await scene.withdrawReport("b", "b")).toEqual([]);
    expect(scene.stand()).toBe("ruled_out by b");
    expect(await scene.withdrawReport("b", "c")).toEqual(["withdrawn: b closed/partial", "retraction"]);
    expect(scene.timeline()).toEqual(["a first/none -> open by a"]);
    expect(await scene.addReport("b", "d")).toEqual(["b closed/partial", "correction"]);
    expect(new Set(scene.idsOf("b")).size).toBe(2);
  });

  it("withdrawn from the only statement leave no position, and the numbers go on", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.withdrawReport("a");
    expect(scene.stand()).toBe("nothing");
    await scene.say("b", { at: TUE, says: "ruled_out" });
    expect(scene.events().map(({ number }) => number)).toEqual([1, 2, 3]);
  });

  it("denied by somebody stand: a dispute deletes and announces nothing", async () => {
    const scene = await twoDays();
    expect(await scene.dispute("b")).toEqual([]);
    expect(scene.stand()).toBe("ruled_out by b");
  });
});

describe("a withdrawal", () => {
  it("of a statement in the middle closes the gap", async () => {
    const scene = await twoDays();
    await scene.say("c", { at: THU, says: "committed" });
    expect(await scene.withdraw("b")).toEqual([
      "withdrawn: b closed/partial",
      "withdrawn: c reversed/full",
      "c closed/partial",
      "retraction",
    ]);
  });

  it("undone announces the change again, as a new one", async () => {
    const scene = await twoDays();
    await scene.withdraw("b");
    expect(await scene.reinstate("b")).toEqual(["b closed/partial", "correction"]);
    const [first, second] = scene.idsOf("b");
    expect(first).not.toBe(second);
  });

  it("names what it takes back", async () => {
    const scene = await twoDays();
    await scene.withdraw("b");
    expect(scene.events().at(-1)).toMatchObject({
      type: "PositionChangeWithdrawn",
      withdraws: scene.idsOf("b")[0],
      number: 3,
    });
  });
});
