import { Instant, instantOf } from "@on-record/core/domain/time";
import { historyOf } from "@on-record/core/queries/history";
import { describe, expect, test } from "vitest";
import { EDITOR, LEAVITT, report, st, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { tell } from "../../helpers/telling.ts";

const ID = { actor: TRUMP, proposition: TROOPS };

async function told() {
  const ledger = new MemoryLedger();
  await tell(ledger, st("a"), "2025-08-18T15:00:00.000Z", "open");
  await tell(ledger, st("b"), "2025-08-19T12:00:00.000Z", "ruled_out", { condition: "if asked" });
  await tell(ledger, st("c"), "2025-08-20T12:00:00.000Z", "no_comment");
  await tell(ledger, st("d"), "2025-08-21T12:00:00.000Z", "committed", { speaker: LEAVITT, onBehalfOf: TRUMP });
  await tell(ledger, st("e"), "2025-08-22T12:00:00.000Z", "committed");
  return ledger;
}

function pageOf(ledger: MemoryLedger, limit: number, after?: string, more: { asOf?: Instant; knownAt?: Instant } = {}) {
  return historyOf(ledger.views, ID, { now: instantOf(ledger.now), ...more }, { after, limit });
}

async function lettersOf(ledger: MemoryLedger, limit: number, from?: string): Promise<string> {
  let letters = "";
  for (let after = from, first = true; first || after !== undefined; first = false) {
    const { items, next } = (await pageOf(ledger, limit, after)).value;
    letters += items.map(({ statement }) => statement.charAt(3)).join("");
    after = next;
  }
  return letters;
}

describe("the history of a position", () => {
  test("tells in the order of what was said how each statement fared, and where the actor stood after it", async () => {
    const { items } = (await pageOf(await told(), 100)).value;
    expect(items.map(({ statement, outcome, position }) => [statement, outcome, position?.stance])).toEqual([
      [st("a"), { kind: "moved", change: "first", reversal: "none", previous: null }, "open"],
      [st("b"), { kind: "moved", change: "closed", reversal: "partial", previous: st("a") }, "ruled_out"],
      [st("c"), { kind: "noted", why: "no_comment" }, "ruled_out"],
      [st("d"), { kind: "contested", change: "reversed", reversal: "full" }, "ruled_out"],
      [st("e"), { kind: "moved", change: "reversed", reversal: "full", previous: st("b") }, "committed"],
    ]);
    expect(items[1]).toMatchObject({
      condition: "if asked",
      voice: "direct",
      announced: { number: 2, id: expect.stringMatching(/^dv_/) },
    });
    expect(items[2]).not.toHaveProperty("announced");
  });

  test("comes in pages of any size that make up the whole, the last without a next", async () => {
    const ledger = await told();
    for (let limit = 1; limit <= 6; limit += 1) expect(await lettersOf(ledger, limit)).toBe("abcde");
    expect((await pageOf(ledger, 5)).value).not.toHaveProperty("next");
  });

  test("goes on where a page ended, whatever was recorded before or behind that place meanwhile, or taken from it", async () => {
    const ledger = await told();
    const { next } = (await pageOf(ledger, 2)).value;
    await tell(ledger, st("f"), "2025-08-18T16:00:00.000Z", "leaning_for", { report: report("f") });
    await tell(ledger, st("g"), "2025-08-20T13:00:00.000Z", "leaning_for", { report: report("g") });
    await ledger.run(st("b"), { type: "WithdrawStatement", by: EDITOR, data: { reason: "never said" } });
    expect(await lettersOf(ledger, 1, next)).toBe("cgde");
    expect(await lettersOf(ledger, 10)).toBe("afcgde");
  });

  test("ends with what was said by asOf, and knows what was recorded by knownAt", async () => {
    const ledger = await told();
    const known = instantOf(ledger.now);
    await tell(ledger, st("f"), "2025-08-18T16:00:00.000Z", "leaning_for", { report: report("f") });
    const at = async (more: { asOf?: Instant; knownAt?: Instant }) => {
      const { value, final } = await pageOf(ledger, 10, undefined, more);
      return [value.items.map(({ statement }) => statement.charAt(3)).join(""), final];
    };
    const asOf = Instant.parse("2025-08-20T12:00:00.000Z");
    expect(await at({ asOf })).toEqual(["afbc", true]);
    expect(await at({ asOf, knownAt: known })).toEqual(["abc", true]);
    expect(await at({ knownAt: known })).toEqual(["abcde", true]);
  });
});
