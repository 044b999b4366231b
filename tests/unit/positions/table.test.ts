import { describe, expect, it } from "vitest";
import { AIR, LEAVITT, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { Scene } from "./scenes.ts";

const MON = "2025-08-18";
const TUE = "2025-08-19";
const WED = "2025-08-20";

/** The table of docs/flow.md by hand: from, to, change and reversal. */
const TABLE = `
committed leaning_against reversed/full
committed ruled_out reversed/full
leaning_for ruled_out reversed/full
leaning_for leaning_against reversed/partial
leaning_against leaning_for reversed/partial
ruled_out leaning_for reversed/full
ruled_out committed reversed/full
open ruled_out closed/partial
open committed closed/partial
ruled_out open opened/partial
committed open opened/partial
leaning_for open opened/none
leaning_against open opened/none
open leaning_for leaned/none
open leaning_against leaned/none
leaning_for committed hardened/none
leaning_against ruled_out hardened/none
committed leaning_for softened/partial
ruled_out leaning_against softened/partial
open open reaffirmed/none
ruled_out ruled_out reaffirmed/none
`
  .trim()
  .split("\n")
  .map((line) => line.split(" "));

describe("a statement that follows another", () => {
  it.each(TABLE)("from %s to %s is announced as %s", async (from = "", to = "", change = "") => {
    const scene = new Scene();
    expect(await scene.say("a", { at: MON, says: from })).toEqual(["a first/none", "new_statement"]);
    expect(await scene.say("b", { at: TUE, says: to })).toEqual([`b ${change}`, "new_statement"]);
    expect(scene.timeline()).toEqual([`a first/none -> ${from} by a`, `b ${change} -> ${to} by b`]);
  });

  it("softens by adding a condition and hardens by dropping it", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for" });
    expect(await scene.say("b", { at: TUE, says: "leaning_for, if asked" })).toEqual([
      "b softened/partial",
      "new_statement",
    ]);
    expect(await scene.say("c", { at: WED, says: "leaning_for" })).toEqual(["c hardened/none", "new_statement"]);
  });

  it("reaffirms by replacing a condition, and an editor is asked", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    expect(await scene.say("b", { at: TUE, says: "leaning_for, if paid" })).toEqual([
      "b reaffirmed/none",
      "review b: condition_replaced",
      "new_statement",
    ]);
  });

  it("says where both statements and their words are", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("b", { at: "2025-08-19T14:00:00Z", says: "ruled_out" });
    expect(scene.events().at(-1)).toMatchObject({
      actor: TRUMP,
      proposition: TROOPS,
      number: 2,
      sequence: 1,
      speaker: TRUMP,
      saidFrom: "2025-08-19T14:00:00.000Z",
      previous: { statement: expect.stringContaining("st_aaa"), stance: "open" },
      current: { statement: expect.stringContaining("st_bbb"), stance: "ruled_out", force: "commissive" },
    });
  });

  it("moves no position of another actor, and none on another proposition", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    expect(await scene.say("b", { at: TUE, says: "committed", speaker: MACRON })).toEqual([
      "b first/none",
      "new_statement",
    ]);
    expect(await scene.say("c", { at: TUE, says: "leaning_for", on: AIR })).toEqual(["c first/none", "new_statement"]);
    expect([scene.stand(), scene.stand(AIR), scene.stand(TROOPS, MACRON)]).toEqual([
      "open by a",
      "leaning_for by c",
      "committed by b",
    ]);
  });

  it("by a spokesperson about herself leaves the position of the one she speaks for alone", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("b", { at: TUE, says: "ruled_out", speaker: LEAVITT });
    expect([scene.stand(), scene.stand(TROOPS, LEAVITT)]).toEqual(["open by a", "ruled_out by b"]);
  });
});

describe("the table's events", () => {
  it("tell Monday's and Tuesday's story: declined to rule out, then will not, is a partial reversal", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    expect(await scene.say("b", { at: TUE, says: "ruled_out" })).toEqual(["b closed/partial", "new_statement"]);
    expect(await scene.say("c", { at: TUE, says: "ruled_out", speaker: LEAVITT, for: TRUMP })).toEqual([
      "c reaffirmed/none",
      "new_statement",
    ]);
    expect(scene.stand()).toBe("ruled_out by b");
  });
});

describe("no_comment and unclear", () => {
  it.each(["no_comment", "unclear"])("%s is noted, and the position stays", async (stance) => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    const told = await scene.say("b", { at: TUE, says: stance });
    expect(told).toEqual(stance === "unclear" ? ["review b: unclear", "new_statement"] : []);
    expect(scene.timeline().at(-1)).toBe(`b noted(${stance}) -> open by a`);
  });

  it("leave no position where there was none", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "no_comment" });
    expect(scene.timeline()).toEqual(["a noted(no_comment) -> nothing"]);
  });

  it("unclear waits for an editor until it is assessed, and is then judged as what it is", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("b", { at: TUE, says: "unclear" });
    expect(scene.reviews()).toEqual(["review b: unclear"]);
    expect(await scene.assess("b", { says: "ruled_out" })).toEqual(["b closed/partial", "correction"]);
    expect(scene.reviews()).toEqual([]);
  });

  it("unclear, depending on something that comes about, is still asked about once", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "unclear, if asked" });
    expect(await scene.meet("a", TUE)).toEqual([]);
    expect(scene.reviews()).toEqual(["review a: unclear"]);
  });
});

describe("which assessment counts", () => {
  it("an editor's stands against a later one by a rule or a model", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open", basis: "model" });
    expect(await scene.assess("a", { says: "ruled_out", basis: "rule" })).toEqual([
      "withdrawn: a first/none",
      "a first/none",
      "correction",
    ]);
    expect(await scene.assess("a", { says: "committed", basis: "editor" })).toHaveLength(3);
    expect(await scene.assess("a", { says: "open", basis: "rule" })).toEqual([]);
    expect(await scene.assess("a", { says: "open", basis: "model" })).toEqual([]);
    expect(scene.stand()).toBe("committed by a");
  });

  it("below the threshold it counts for nothing until an editor confirms it; then it is news", async () => {
    const scene = new Scene();
    expect(await scene.say("a", { at: MON, says: "open", basis: "model", confidence: 0.59 })).toEqual([
      "review a: unconfirmed",
      "new_statement",
    ]);
    expect(scene.timeline()).toEqual(["a noted(unconfirmed) -> nothing"]);
    expect(await scene.assess("a", { says: "open" })).toEqual(["a first/none", "new_statement"]);
    expect(scene.reviews()).toEqual([]);
  });

  it("confirmed after others have followed, it is a late record", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open", basis: "model", confidence: 0.59 });
    await scene.say("b", { at: TUE, says: "ruled_out" });
    expect(await scene.assess("a", { says: "open" })).toEqual([
      "withdrawn: b first/none",
      "a first/none",
      "b closed/partial",
      "late_record",
    ]);
  });

  it("read anew on a proposition that nobody had seen in it, it is news there and nothing elsewhere", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    expect(await scene.assess("a", { says: "leaning_for", on: AIR })).toEqual(["a first/none", "new_statement"]);
  });
});
