import { StatementId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import { findPosition } from "@on-record/core/queries/positions";
import { describe, expect, test } from "vitest";
import { EDITOR, report, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, type Decided } from "../../helpers/memory-ledger.ts";
import { telling } from "../../helpers/telling.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const START = Date.parse("2025-01-01T00:00:00Z");
const SEGMENT_EVENTS = 100;

function nthStatement(index: number): StatementId {
  const digits = [Math.floor(index / 676) % 26, Math.floor(index / 26) % 26, index % 26]
    .map((d) => LETTERS.charAt(d))
    .join("");
  return StatementId.parse(`st_${digits.padStart(26, "z")}`);
}

/** A ledger of one position with so many statements, an hour apart, recorded in that order. */
async function ledgerOf(count: number): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  const events = Array.from({ length: count }, (_, index): Decided => {
    const at = instantOf(START + index * 3_600_000).replace(".000Z", ".001Z");
    const decided = ledger.decide(
      nthStatement(index),
      telling(nthStatement(index), at, index % 2 === 0 ? "open" : "ruled_out", { report: report("a") }),
    );
    if (decided === null) throw new Error("a new statement is news");
    return decided;
  });
  for (let from = 0; from < count; from += SEGMENT_EVENTS)
    await ledger.append(events.slice(from, from + SEGMENT_EVENTS));
  await ledger.catchUp();
  return ledger;
}

async function readsOf(ledger: MemoryLedger, asked: Partial<Parameters<typeof findPosition>[2]>) {
  ledger.views.resetCounts();
  const { value } = await findPosition(
    ledger.views,
    { actor: TRUMP, proposition: TROOPS },
    { now: instantOf(ledger.now + 1), ...asked },
  );
  expect(value).not.toBeNull();
  return { reads: ledger.views.reads, rows: ledger.views.rowsRead };
}

describe("a position query", () => {
  test("costs two reads beside the checkpoint, of two statements as of two thousand, now and as of any time", async () => {
    const [few, many] = [await ledgerOf(2), await ledgerOf(2_000)];
    const asOf = instantOf(START + 1_000 * 3_600_000 + 5);
    const costs = [await readsOf(few, {}), await readsOf(many, {}), await readsOf(many, { asOf })];
    expect(costs).toEqual([
      { reads: 2, rows: 3 },
      { reads: 2, rows: 3 },
      { reads: 2, rows: 3 },
    ]);
  });

  test("about a time before a statement met with hundreds of events costs few reads more", async () => {
    const ledger = await ledgerOf(2);
    const knownAt = instantOf(ledger.now);
    for (let nth = 0; nth < 300; nth += 1) {
      await ledger.run(nthStatement(1), { type: "DisputeStatement", by: EDITOR, data: { reason: `no ${nth}` } });
    }
    expect(await readsOf(ledger, {})).toEqual({ reads: 2, rows: 3 });
    expect((await readsOf(ledger, { knownAt })).reads).toBeLessThanOrEqual(10);
  });
});
