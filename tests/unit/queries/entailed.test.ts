import { PropositionId } from "@on-record/core/domain/ids";
import { Instant, instantOf } from "@on-record/core/domain/time";
import {
  entailedPositionsOfActor,
  entailedPositionsOnProposition,
  findEntailedPosition,
} from "@on-record/core/queries/entailed";
import { describe, expect, test } from "vitest";
import { assessment, EDITOR, LEAVITT, MACRON, report, st, TRUMP } from "../../fixtures/statements.ts";
import { catchUpLinks, enterLinks, link } from "../../helpers/linking.ts";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { tell } from "../../helpers/telling.ts";

const p = (name: string) => PropositionId.parse(name);
const [ANY, GROUND, PEACEKEEPERS, TRAINERS] = [p("any-force"), p("ground-force"), p("peacekeepers"), p("trainers")];

const SAID = "2025-08-18T12:00:00.000Z";

async function stand(
  ledger: MemoryLedger,
  letter: string,
  proposition: PropositionId,
  stance: "ruled_out" | "open" | "leaning_against",
  more = {},
) {
  await tell(ledger, st(letter), SAID, stance, {
    assessments: [assessment({ proposition, stance })],
    report: report(letter),
    ...more,
  });
}

const now = (ledger: MemoryLedger) => instantOf(ledger.now);

async function held(
  ledger: MemoryLedger,
  proposition: PropositionId,
  more: { asOf?: Instant; knownAt?: Instant } = {},
) {
  const { value } = await findEntailedPosition(
    ledger.views,
    { actor: TRUMP, proposition },
    { now: now(ledger), ...more },
  );
  return value && [value.stance, value.inheritedFrom ?? null];
}

/** Pages of an actor's positions, inherited ones among them. */
async function listed(ledger: MemoryLedger, limit: number, knownAt = now(ledger)): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
    const { value } = await entailedPositionsOfActor(ledger.views, TRUMP, { now: knownAt, knownAt }, { after, limit });
    found.push(
      ...value.items.map(
        ({ proposition, stance, inheritedFrom }) =>
          `${proposition} ${stance}${inheritedFrom ? ` from ${inheritedFrom}` : ""}`,
      ),
    );
    after = value.next;
  }
  return found.toSorted();
}

describe("a position that is entailed", () => {
  test("is inherited where a broader proposition is ruled out, over one link and over several", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND, ANY);
    await link(ledger, PEACEKEEPERS, GROUND);
    await stand(ledger, "a", ANY, "ruled_out");
    expect(await held(ledger, ANY)).toEqual(["ruled_out", null]);
    expect(await held(ledger, GROUND)).toEqual(["ruled_out", ANY]);
    expect(await held(ledger, PEACEKEEPERS)).toEqual(["ruled_out", ANY]);
    expect(await held(ledger, TRAINERS)).toBeNull();
    const whole = [
      "any-force ruled_out",
      "ground-force ruled_out from any-force",
      "peacekeepers ruled_out from any-force",
    ];
    expect(await listed(ledger, 10)).toEqual(whole);
  });

  test("is inherited from nothing but a ruled-out one, and never upwards", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND, ANY);
    await stand(ledger, "a", ANY, "leaning_against");
    expect(await held(ledger, GROUND)).toBeNull();
    const other = new MemoryLedger();
    await link(other, GROUND, ANY);
    await stand(other, "a", GROUND, "ruled_out");
    expect(await held(other, ANY)).toBeNull();
    expect(await listed(other, 10)).toEqual(["ground-force ruled_out"]);
  });

  test("gives way to the actor's own", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND, ANY);
    await stand(ledger, "a", ANY, "ruled_out");
    await stand(ledger, "b", GROUND, "open");
    expect(await held(ledger, GROUND)).toEqual(["open", null]);
    expect(await listed(ledger, 1)).toEqual(["any-force ruled_out", "ground-force open"]);
  });

  test("comes from the nearest that is ruled out, in lists of any page size as alone, and once", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, PEACEKEEPERS, GROUND, TRAINERS);
    await link(ledger, TRAINERS, ANY);
    await stand(ledger, "a", ANY, "ruled_out");
    await stand(ledger, "b", GROUND, "ruled_out");
    expect(await held(ledger, PEACEKEEPERS)).toEqual(["ruled_out", GROUND]);
    const whole = [
      "any-force ruled_out",
      "ground-force ruled_out",
      "peacekeepers ruled_out from ground-force",
      "trainers ruled_out from any-force",
    ];
    for (const limit of [1, 2, 10]) expect(await listed(ledger, limit), `pages of ${limit}`).toEqual(whole);
  });

  test("is found where links go round in a circle", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND, PEACEKEEPERS);
    await link(ledger, PEACEKEEPERS, TRAINERS);
    await link(ledger, TRAINERS, GROUND);
    expect(await held(ledger, GROUND)).toBeNull();
    await stand(ledger, "a", TRAINERS, "ruled_out");
    expect(await held(ledger, GROUND)).toEqual(["ruled_out", TRAINERS]);
    expect(await listed(ledger, 10)).toHaveLength(3);
  });

  test("was inherited as long as the link was known to hold, and as of when the words were said", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND);
    await stand(ledger, "a", ANY, "ruled_out");
    const unlinked = now(ledger);
    await link(ledger, GROUND, ANY);
    const linked = now(ledger);
    await link(ledger, GROUND, TRAINERS);
    expect(await held(ledger, GROUND, { knownAt: unlinked })).toBeNull();
    expect(await held(ledger, GROUND, { knownAt: linked })).toEqual(["ruled_out", ANY]);
    expect(await held(ledger, GROUND, { knownAt: linked, asOf: Instant.parse("2025-08-18T11:59:59.999Z") })).toBeNull();
    expect(await held(ledger, GROUND)).toBeNull();
    expect(await listed(ledger, 10)).toEqual(["any-force ruled_out"]);
    expect(await listed(ledger, 10, unlinked)).toEqual(["any-force ruled_out"]);
    expect(await listed(ledger, 10, linked)).toEqual(["any-force ruled_out", "ground-force ruled_out from any-force"]);
  });

  test("is listed once where several ways lead to it", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, PEACEKEEPERS, GROUND, TRAINERS);
    await link(ledger, GROUND, ANY);
    await link(ledger, TRAINERS, ANY);
    await stand(ledger, "a", ANY, "ruled_out");
    const names = (await listed(ledger, 10)).map((line) => line.split(" ")[0]);
    expect(names).toEqual([ANY, GROUND, PEACEKEEPERS, TRAINERS]);
  });

  test("is final only when both what was said and what hangs together are in", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND);
    await stand(ledger, "a", ANY, "ruled_out");
    await enterLinks(ledger, GROUND, ANY);
    await ledger.catchUp();
    // The registry has still to follow: the positions stand further on.
    const ask = () =>
      findEntailedPosition(
        ledger.views,
        { actor: TRUMP, proposition: GROUND },
        { now: now(ledger), knownAt: now(ledger) },
      );
    const list = () =>
      entailedPositionsOfActor(ledger.views, TRUMP, { now: now(ledger), knownAt: now(ledger) }, { limit: 10 });
    expect([await ask(), await list()]).toMatchObject([
      { value: null, final: false, through: { sequence: 0 } },
      { final: false },
    ]);
    await catchUpLinks(ledger);
    expect([await ask(), await list()]).toMatchObject([
      { value: { inheritedFrom: ANY }, final: true, through: { sequence: 2 } },
      { final: true },
    ]);
  });
});

describe("all actors' positions on a proposition", () => {
  test("hold, where asked, those inherited, in the order of the actors and in pages of any size", async () => {
    const ledger = new MemoryLedger();
    await link(ledger, GROUND, ANY);
    await stand(ledger, "a", ANY, "ruled_out");
    await stand(ledger, "b", GROUND, "open", { speaker: LEAVITT });
    await stand(ledger, "c", ANY, "ruled_out", { speaker: LEAVITT });
    await stand(ledger, "d", ANY, "ruled_out", { speaker: MACRON });
    const pages = async (limit: number) => {
      const found: unknown[] = [];
      for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
        const { value } = await entailedPositionsOnProposition(
          ledger.views,
          GROUND,
          { now: now(ledger) },
          { after, limit },
        );
        expect(value.items.length).toBeLessThanOrEqual(limit);
        found.push(
          ...value.items.map(({ actor, proposition, stance, inheritedFrom }) => [
            actor,
            proposition,
            stance,
            inheritedFrom,
          ]),
        );
        after = value.next;
      }
      return found;
    };
    const whole = [
      [TRUMP, GROUND, "ruled_out", ANY],
      [MACRON, GROUND, "ruled_out", ANY],
      [LEAVITT, GROUND, "open", undefined],
    ];
    for (const limit of [1, 2, 3, 10]) expect(await pages(limit)).toEqual(whole);
    await ledger.run(st("d"), { type: "WithdrawStatement", by: EDITOR, data: { reason: "never said" } });
    expect(await pages(2)).toEqual([whole[0], whole[2]]);
  });
});
