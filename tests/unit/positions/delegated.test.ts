import { describe, expect, it } from "vitest";
import { LEAVITT, TRUMP } from "../../fixtures/statements.ts";
import { HEGSETH, Scene } from "./scenes.ts";

const MON = "2025-08-18";
const TUE = "2025-08-19";
const WED = "2025-08-20";
const THU = "2025-08-21";
const FOR_HIM = { speaker: LEAVITT, for: TRUMP };

/** The president's own words on Monday, and his press secretary's on Tuesday. */
async function contested(): Promise<Scene> {
  const scene = new Scene();
  await scene.say("a", { at: MON, says: "open" });
  await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM });
  return scene;
}

describe("words spoken on an actor's behalf", () => {
  it("move the position where the actor has said nothing", async () => {
    const scene = new Scene();
    expect(await scene.say("a", { at: MON, says: "open", ...FOR_HIM })).toEqual(["a first/none", "new_statement"]);
    expect(await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM })).toEqual([
      "b closed/partial",
      "new_statement",
    ]);
    expect(scene.stand()).toBe("ruled_out by b");
  });

  it("contest the position eight at a time: a ninth waits in review, and none is said to have ended", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    const names = ["b", "c", "d", "e", "f", "g", "h", "i", "j"];
    const told = [];
    for (const [index, name] of names.entries()) {
      told.push(await scene.say(name, { at: `2025-08-${19 + index}`, says: "ruled_out", ...FOR_HIM }));
    }
    const anew = (name: string) => [`contested by ${name}`, `review ${name}: contested`, "new_statement"];
    expect(told).toEqual([...names.slice(0, 8).map(anew), ["review j: contested", "new_statement"]]);
  });

  it("contest the position where they would be a reversal: it stands, and an editor is asked", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    expect(await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM })).toEqual([
      "contested by b",
      "review b: contested",
      "new_statement",
    ]);
    expect(scene.timeline().at(-1)).toBe("b contests(closed/partial) -> open by a, contested by b");
    expect(scene.events().at(-2)).toMatchObject({
      speaker: LEAVITT,
      stance: "ruled_out",
      change: "closed",
      reversal: "partial",
    });
  });

  it("are noted where they are only weaker", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_for" });
    expect(await scene.say("b", { at: TUE, says: "open, if a deal is signed", ...FOR_HIM })).toEqual([]);
    expect(scene.timeline().at(-1)).toBe("b noted(weaker) -> leaning_for by a");
  });

  it("that soften by a step or by a condition are a partial reversal, and so contest", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "committed" });
    await scene.say("b", { at: TUE, says: "leaning_for", ...FOR_HIM });
    await scene.say("c", { at: WED, says: "committed, if asked", ...FOR_HIM });
    expect(scene.stand()).toBe("committed by a, contested by b, contested by c");
  });

  it("move the position where they are no reversal", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_against" });
    expect(await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM })).toEqual([
      "b hardened/none",
      "new_statement",
    ]);
    expect(scene.stand()).toBe("ruled_out by b");
  });

  it("at equal stance leave the actor's own words the basis", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "ruled_out" });
    expect(await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM })).toEqual([
      "b reaffirmed/none",
      "new_statement",
    ]);
    expect(scene.stand()).toBe("ruled_out by a");
  });

  it("on the same day as the actor's own come behind them, whichever was recorded first", async () => {
    for (const order of ["ab", "ba"]) {
      const scene = new Scene();
      for (const letter of order)
        await scene.say(letter, { at: TUE, says: "ruled_out", ...(letter === "b" && FOR_HIM) });
      expect(scene.timeline()).toEqual(["a first/none -> ruled_out by a", "b reaffirmed/none -> ruled_out by a"]);
    }
  });

  it("are judged against the actor's latest own words, not against what others said for it since", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "leaning_against" });
    await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM });
    await scene.say("c", { at: WED, says: "leaning_for", ...FOR_HIM });
    expect(scene.timeline().at(-1)).toBe("c contests(reversed/partial) -> ruled_out by b, contested by c");
  });

  it("are judged against own words said before them, although others were recorded later", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("b", { at: "2025-08-19", says: "leaning_against", ...FOR_HIM });
    await scene.say("c", { at: THU, says: "committed" });
    await scene.say("d", { at: WED, says: "ruled_out", ...FOR_HIM });
    expect(scene.timeline()[2]).toBe("d contests(closed/partial) -> leaning_against by b, contested by d");
    expect(scene.stand()).toBe("committed by c");
  });
});

describe("own words that may have been said before or after those on the actor's behalf", () => {
  it("are shown, provisionally, and leave what was announced of the others as it is", async () => {
    const scene = new Scene();
    await scene.say("a", { at: "2025-08-19T10:00Z", says: "open", ...FOR_HIM });
    expect(await scene.say("b", { at: TUE, says: "leaning_for" })).toEqual([
      "review b: order against a",
      "late_record",
    ]);
    expect(scene.stand()).toBe("leaning_for by b, provisional");
  });

  it("settled to be before them, they judge them", async () => {
    const scene = new Scene();
    await scene.say("a", { at: "2025-08-19T10:00Z", says: "open", ...FOR_HIM });
    await scene.say("b", { at: TUE, says: "leaning_for" });
    expect(await scene.order("a", "b")).toEqual(["withdrawn: a first/none", "b first/none", "settlement"]);
    expect(scene.timeline().at(-1)).toBe("a noted(weaker) -> leaning_for by b");
  });

  it("settled to be after them, they follow them", async () => {
    const scene = new Scene();
    await scene.say("a", { at: "2025-08-19T10:00Z", says: "open", ...FOR_HIM });
    await scene.say("b", { at: TUE, says: "leaning_for" });
    expect(await scene.order("b", "a")).toEqual(["b leaned/none", "settlement"]);
  });

  it("do not judge words of the next day while they are in doubt themselves", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("b", { at: MON, says: "ruled_out" });
    expect(await scene.say("c", { at: TUE, says: "committed", ...FOR_HIM })).toContain("contested by c");
    expect(scene.events().find(({ type }) => type === "PositionContested")).toMatchObject({
      change: "closed",
      reversal: "partial",
    });
  });
});

describe("a contest", () => {
  it("ends when the actor speaks, whatever it says", async () => {
    for (const says of ["open", "ruled_out", "committed"]) {
      const scene = await contested();
      const told = await scene.say("c", { at: WED, says });
      expect(told).toContain("contest of b ended: actor_spoke");
      expect(told.at(-1)).toBe("new_statement");
      expect(scene.stand()).toBe(`${says} by c`);
    }
  });

  it("does not end when the actor has no comment", async () => {
    const scene = await contested();
    expect(await scene.say("c", { at: WED, says: "no_comment" })).toEqual([]);
    expect(scene.stand()).toBe("open by a, contested by b");
  });

  it("does not end when others speak for the actor again", async () => {
    const scene = await contested();
    await scene.say("c", { at: WED, says: "open", speaker: HEGSETH, for: TRUMP });
    expect(scene.stand()).toBe("open by a, contested by b");
    expect(await scene.say("d", { at: THU, says: "committed", speaker: HEGSETH, for: TRUMP })).toContain(
      "contested by d",
    );
    expect(scene.stand()).toBe("open by a, contested by b, contested by d");
  });

  it("settled for the words: they move the position and become the actor's own", async () => {
    const scene = await contested();
    expect(await scene.accept("b")).toEqual(["b closed/partial", "contest of b ended: settlement", "settlement"]);
    expect(scene.stand()).toBe("ruled_out by b");
    expect(scene.reviews()).toEqual([]);
    await scene.say("c", { at: WED, says: "open", speaker: HEGSETH, for: TRUMP });
    expect(scene.stand()).toBe("ruled_out by b, contested by c");
  });

  it("settled against the words: they are noted", async () => {
    const scene = await contested();
    expect(await scene.accept("b", false)).toEqual(["contest of b ended: settlement", "settlement"]);
    expect(scene.timeline().at(-1)).toBe("b noted(rejected) -> open by a");
    expect(scene.reviews()).toEqual([]);
  });

  it("settled one way and then the other follows the last word, as a change with a new id", async () => {
    const scene = await contested();
    await scene.accept("b");
    expect(await scene.accept("b", false)).toEqual(["withdrawn: b closed/partial", "settlement"]);
    expect(await scene.accept("b")).toEqual(["b closed/partial", "settlement"]);
    expect(new Set(scene.idsOf("b")).size).toBe(2);
  });

  it("ends when the words are retracted", async () => {
    const scene = await contested();
    expect(await scene.withdraw("b")).toEqual(["contest of b ended: retraction", "retraction"]);
    expect(scene.timeline()).toEqual(["a first/none -> open by a"]);
    expect(scene.reviews()).toEqual([]);
  });

  it("ends when the words are corrected to say what the actor says", async () => {
    const scene = await contested();
    expect(await scene.assess("b", { says: "open" })).toEqual([
      "b reaffirmed/none",
      "contest of b ended: correction",
      "correction",
    ]);
  });

  it("ends with the own words that it was about", async () => {
    const scene = await contested();
    expect(await scene.withdraw("a")).toEqual([
      "withdrawn: a first/none",
      "b first/none",
      "contest of b ended: retraction",
      "retraction",
    ]);
  });

  it("graded otherwise because the own words were corrected ends by that correction and opens anew", async () => {
    const scene = await contested();
    expect(await scene.assess("a", { says: "committed" })).toEqual([
      "withdrawn: a first/none",
      "a first/none",
      "contest of b ended: correction",
      "contested by b",
      "correction",
    ]);
  });

  it("that own words recorded late had ended already is over, and opens again when these are withdrawn", async () => {
    const scene = await contested();
    expect(await scene.say("c", { at: WED, says: "open" })).toContain("contest of b ended: actor_spoke");
    expect(await scene.withdraw("c")).toEqual(["withdrawn: c reaffirmed/none", "contested by b", "retraction"]);
    expect(await scene.reinstate("c")).toEqual(["c reaffirmed/none", "contest of b ended: actor_spoke", "correction"]);
  });

  it("that was over before it was known is no news; an editor may still settle it", async () => {
    const scene = new Scene();
    await scene.say("a", { at: MON, says: "open" });
    await scene.say("c", { at: WED, says: "leaning_against" });
    expect(await scene.say("b", { at: TUE, says: "ruled_out", ...FOR_HIM })).toEqual([
      "review b: contested",
      "late_record",
    ]);
    expect(scene.stand()).toBe("leaning_against by c");
  });
});
