import { describe, expect, it } from "vitest";
import { AIR, EDITOR, st, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { Scene } from "./scenes.ts";

const MON = "2025-08-18";
const TUE = "2025-08-19";
const WED = "2025-08-20";

/** Two posts of one utterance. */
async function twice(): Promise<Scene> {
  const scene = new Scene();
  await scene.say("a", { at: MON, says: "open" });
  await scene.say("b", { at: MON, says: "open" });
  return scene;
}

describe("a statement merged into another", () => {
  it("moves its reports there, and its assessments end", async () => {
    const scene = await twice();
    expect(await scene.merge("b", "a")).toEqual(["withdrawn: b reaffirmed/none", "retraction"]);
    expect(scene.timeline()).toEqual(["a first/none -> open by a"]);
    expect(scene.corroboration("a")).toBe(2);
  });

  it("keeps the other standing when the other's own report is withdrawn", async () => {
    const scene = await twice();
    await scene.merge("b", "a");
    expect(await scene.withdrawReport("a")).toEqual([]);
    expect(scene.stand()).toBe("open by a");
    expect(await scene.withdrawReport("b")).toEqual(["withdrawn: a first/none", "retraction"]);
  });

  it("brings the other back when that had lost its last report", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("b", { at: TUE, says: "ruled_out" });
    await scene.withdrawReport("a");
    expect(await scene.merge("b", "a")).toEqual(["withdrawn: b first/none", "a first/none", "retraction"]);
  });

  it("in a chain, stands behind the last of it", async () => {
    const scene = await twice();
    await scene.say("c", { at: MON, says: "open" });
    await scene.merge("c", "b");
    await scene.merge("b", "a");
    expect(scene.corroboration("a")).toBe(3);
    await scene.withdrawReport("a");
    await scene.withdrawReport("b");
    expect(scene.stand()).toBe("open by a");
    await scene.withdrawReport("c");
    expect(scene.stand()).toBe("nothing");
  });

  it("in a chain, goes with the middle when the middle is reinstated", async () => {
    const scene = await twice();
    await scene.say("c", { at: MON, says: "open" });
    await scene.merge("c", "b");
    await scene.merge("b", "a");
    expect(await scene.reinstate("b")).toEqual(["b reaffirmed/none", "correction"]);
    expect([scene.corroboration("a"), scene.corroboration("b")]).toEqual([1, 2]);
  });

  it("and reinstated takes its reports back and counts for itself again", async () => {
    const scene = await twice();
    await scene.merge("b", "a");
    expect(await scene.reinstate("b")).toEqual(["b reaffirmed/none", "correction"]);
    expect([scene.corroboration("a"), scene.corroboration("b")]).toEqual([1, 1]);
    expect(await scene.withdrawReport("a")).toContain("withdrawn: a first/none");
  });

  it("falls with the other: when that is withdrawn nothing stands", async () => {
    const scene = await twice();
    await scene.merge("b", "a");
    await scene.withdraw("a");
    expect(scene.stand()).toBe("nothing");
  });

  it("that was merged into it at the same moment: the first in the log counts, the second moves nothing", async () => {
    const scene = await twice();
    const { ledger } = scene;
    const [a, b] = [ledger.stateOf(st("a")), ledger.stateOf(st("b"))];
    await scene.do("a", { type: "MergeStatement", by: EDITOR, data: { into: st("b") }, other: b });
    expect(await scene.do("b", { type: "MergeStatement", by: EDITOR, data: { into: st("a") }, other: a })).toEqual([]);
    expect(scene.timeline()).toEqual(["b first/none -> open by b"]);
    expect(scene.corroboration("b")).toBe(2);
    await scene.reinstate("b");
    expect(await scene.reinstate("a")).toContain("a first/none");
  });

  it("whose recording enters the log only after the merge, gives its reports when it comes", async () => {
    const scene = new Scene();
    const { ledger } = scene;
    await scene.say("b", { at: MON, says: "open" });
    const early = new Scene();
    await early.say("a", { at: MON, says: "open" });
    const recording = ledger.decide(st("a"), recordingOf(early));
    await scene.merge("b", "a");
    expect(scene.stand()).toBe("nothing");
    if (recording === null) throw new Error("a recording is an event");
    await ledger.enter(recording);
    expect(scene.timeline()).toEqual(["a first/none -> open by a"]);
    expect(scene.corroboration("a")).toBe(2);
    expect(await scene.withdrawReport("a")).not.toContain("withdrawn: a first/none");
    expect(await scene.withdrawReport("b")).toContain("withdrawn: a first/none");
  });

  it("before whose recording the merge was undone, keeps its reports to itself", async () => {
    const scene = new Scene();
    const { ledger } = scene;
    await scene.say("b", { at: MON, says: "open" });
    const early = new Scene();
    await early.say("a", { at: MON, says: "open" });
    const recording = ledger.decide(st("a"), recordingOf(early));
    await scene.merge("b", "a");
    await scene.reinstate("b");
    if (recording === null) throw new Error("a recording is an event");
    await ledger.enter(recording);
    expect([scene.corroboration("a"), scene.corroboration("b")]).toEqual([1, 1]);
  });
});

/** The command that records statement `a` as the other scene has it. */
function recordingOf({ ledger }: Scene): Parameters<Scene["do"]>[1] {
  const state = ledger.stateOf(st("a"));
  const [report] = state?.reports ?? [];
  if (state === null || report === undefined) throw new Error("nothing was recorded");
  const { version: _version, withdrawn: _withdrawn, ...own } = report;
  const assessments = state.assessments.map(({ id: _id, version: _v, assessedBy: _by, ...said }) => said);
  const { speaker, text, saidAt } = state;
  const data = { statement: st("a"), speaker, text, saidAt, report: own, assessments };
  return { type: "RecordStatement", by: EDITOR, latest: "2025-12-31T00:00:00.000Z", data };
}

describe("a condition", () => {
  it("that is met falls away: the stance is reaffirmed", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    expect(await scene.meet("a", TUE)).toEqual(["a reaffirmed/none", "settlement"]);
    expect(scene.timeline()).toEqual([
      "a first/none -> leaning_for if asked by a",
      "a met reaffirmed/none -> leaning_for by a",
    ]);
  });

  it("met takes effect at its own time: what was said before it was judged with the condition", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    await scene.say("b", { at: TUE, says: "leaning_for, if asked" });
    await scene.say("c", { at: "2025-08-21", says: "committed" });
    expect(await scene.meet("b", WED)).toEqual([
      "withdrawn: c hardened/none",
      "b reaffirmed/none",
      "c hardened/none",
      "settlement",
    ]);
  });

  it("met when the actor has long moved on is noted", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    await scene.say("b", { at: TUE, says: "ruled_out" });
    expect(await scene.meet("a", WED)).toEqual([]);
    expect(scene.timeline().at(-1)).toBe("a met noted(not_current) -> ruled_out by b");
  });

  it("met and then corrected away is met no more", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    await scene.meet("a", TUE);
    expect(await scene.assess("a", { says: "leaning_for, if paid" })).toEqual([
      "withdrawn: a first/none",
      "withdrawn: a reaffirmed/none",
      "a first/none",
      "correction",
    ]);
    expect(scene.stand()).toBe("leaning_for if paid by a");
  });

  it("of another actor or proposition stays", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    await scene.say("b", { at: MON, says: "leaning_for, if asked", on: AIR });
    await scene.meet("b", TUE, AIR);
    expect([scene.stand(TROOPS, TRUMP), scene.stand(AIR, TRUMP)]).toEqual([
      "leaning_for if asked by a",
      "leaning_for by b",
    ]);
  });

  it("goes with its statement", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for, if asked" });
    await scene.meet("a", TUE);
    expect(await scene.withdraw("a")).toEqual([
      "withdrawn: a first/none",
      "withdrawn: a reaffirmed/none",
      "retraction",
    ]);
    expect(scene.stand()).toBe("nothing");
  });
});
