import { saidAtFrom } from "@on-record/core/domain/said-at";
import { positions } from "@on-record/core/projections/positions";
import { findSimilar } from "@on-record/core/queries/similar";
import { describe, expect, test } from "vitest";
import { EDITOR, LEAVITT, report, st, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, wholeLog } from "../../helpers/memory-ledger.ts";
import { tell, telling, TOLD_LATEST } from "../../helpers/telling.ts";

/** The letters of the statements found similar to one of this time, which may not have come in yet. */
async function similarTo(ledger: MemoryLedger, at: string, letter = "z", more: Parameters<typeof telling>[3] = {}) {
  const decided = ledger.stateOf(st(letter));
  if (decided === null) ledger.decide(st(letter), telling(st(letter), at, "ruled_out", more));
  const statement = ledger.stateOf(st(letter));
  if (statement === null) throw new Error("it was just decided on");
  return (await findSimilar(ledger.views, statement))
    .map(({ id }) => id.charAt(3))
    .toSorted()
    .join("");
}

describe("similar statements", () => {
  test("were said within a day before or behind, whatever their stance", async () => {
    const ledger = new MemoryLedger();
    await tell(ledger, st("a"), "2025-08-18T11:59:59.998Z", "ruled_out");
    await tell(ledger, st("b"), "2025-08-18T12:00:00.000Z", "open");
    await tell(ledger, st("c"), "2025-08-19T12:00:00.000Z", "unclear");
    await tell(ledger, st("d"), "2025-08-20T12:00:00.000Z", "no_comment");
    await tell(ledger, st("e"), "2025-08-20T12:00:00.002Z", "ruled_out");
    expect(await similarTo(ledger, "2025-08-19T12:00:00.000Z")).toBe("bcd");
  });

  test("known by the day only were said within a day when the day's end is", async () => {
    const ledger = new MemoryLedger();
    await tell(ledger, st("a"), "2025-08-17", "ruled_out");
    await tell(ledger, st("b"), "2025-08-18", "ruled_out");
    await tell(ledger, st("c"), "2025-08-20", "ruled_out");
    await tell(ledger, st("d"), "2025-08-21", "ruled_out");
    expect(await similarTo(ledger, "2025-08-19T12:00:00.000Z")).toBe("bc");
  });

  test("are those nearest in time where there are more than can be listed", async () => {
    const ledger = new MemoryLedger();
    for (const [index, letter] of "abcdefgh".split("").entries()) {
      await tell(ledger, st(letter), `2025-08-18T1${index}:00:00.000Z`, "ruled_out");
    }
    expect(await similarTo(ledger, "2025-08-18T16:30:00.000Z")).toBe("defgh");
    expect(await similarTo(ledger, "2025-08-18T10:00:00.000Z", "y")).toBe("abcde");
  });

  test("are not those of which only a condition was met near that time", async () => {
    const ledger = new MemoryLedger();
    await tell(ledger, st("a"), "2025-08-01T12:00:00.000Z", "leaning_for", { condition: "if asked" });
    const metAt = saidAtFrom("2025-08-18T12:00:00.000Z");
    await ledger.run(st("a"), {
      type: "MeetCondition",
      by: EDITOR,
      latest: TOLD_LATEST,
      data: { proposition: TROOPS, metAt },
    });
    expect(await similarTo(ledger, "2025-08-18T12:00:00.000Z")).toBe("");
  });

  test("are of the same speaker, for the same actor, and never the statement itself", async () => {
    const ledger = new MemoryLedger();
    const at = "2025-08-18T12:00:00.000Z";
    const behalf = { speaker: LEAVITT, onBehalfOf: TRUMP };
    await tell(ledger, st("a"), at, "ruled_out");
    await tell(ledger, st("b"), at, "ruled_out", behalf);
    await tell(ledger, st("c"), at, "ruled_out", { speaker: LEAVITT });
    await tell(ledger, st("d"), at, "ruled_out", { ...behalf, assessments: [] });
    expect(await similarTo(ledger, at, "a")).toBe("");
    expect(await similarTo(ledger, at)).toBe("a");
    expect(await similarTo(ledger, at, "y", behalf)).toBe("b");
  });

  test("are told as they read now, and no longer once merged or withdrawn, nor before the view holds them", async () => {
    const ledger = new MemoryLedger();
    const at = "2025-08-18T12:00:00.000Z";
    await tell(ledger, st("a"), at, "ruled_out");
    await tell(ledger, st("b"), at, "ruled_out", { report: report("b") });
    await tell(ledger, st("c"), at, "ruled_out", { report: report("c") });
    expect(await similarTo(ledger, at)).toBe("abc");
    await ledger.run(st("b"), {
      type: "MergeStatement",
      by: EDITOR,
      data: { into: st("a") },
      other: ledger.stateOf(st("a")),
    });
    await ledger.run(st("c"), { type: "WithdrawStatement", by: EDITOR, data: { reason: "never said" } });
    const decided = ledger.decide(st("d"), telling(st("d"), at, "ruled_out"));
    if (decided === null) throw new Error("a new statement is news");
    await ledger.append([decided]);
    // Its rows are written, and the checkpoint is not moved.
    for (const logged of (await wholeLog(ledger.log, ledger.streams)).slice(-1)) {
      await ledger.views.put(await positions.apply(logged, ledger.views));
    }
    expect(await similarTo(ledger, at)).toBe("a");
    await ledger.catchUp();
    expect(await similarTo(ledger, at)).toBe("ad");
  });
});
