import { StatementId } from "@on-record/core/domain/ids";
import { instantOf, type Instant } from "@on-record/core/domain/time";
import { historyOf } from "@on-record/core/queries/history";
import { findPosition } from "@on-record/core/queries/positions";
import { beforeAll, describe, expect, test } from "vitest";
import { EDITOR, report, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, type Decided } from "../../helpers/memory-ledger.ts";
import { telling } from "../../helpers/telling.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const HOUR_MS = 3_600_000;
const START = Date.parse("2025-01-01T00:00:00Z");
const SEGMENT_EVENTS = 100;
const FEW = 2;
const MANY = 2_000;
const BACKFILL = 300;
const POSITION = { actor: TRUMP, proposition: TROOPS };

function nthStatement(index: number): StatementId {
  const digits = [Math.floor(index / 676) % 26, Math.floor(index / 26) % 26, index % 26]
    .map((d) => LETTERS.charAt(d))
    .join("");
  return StatementId.parse(`st_${digits.padStart(26, "z")}`);
}

/** Records statements on one position, an hour apart, in that order. */
async function record(ledger: MemoryLedger, ids: number, saidFrom: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, index): Decided => {
    const id = nthStatement(ids + index);
    const at = instantOf(saidFrom + index * HOUR_MS).replace(".000Z", ".001Z");
    const decided = ledger.decide(id, telling(id, at, index % 2 === 0 ? "open" : "ruled_out", { report: report("a") }));
    if (decided === null) throw new Error("a new statement is news");
    return decided;
  });
  for (let from = 0; from < count; from += SEGMENT_EVENTS)
    await ledger.append(events.slice(from, from + SEGMENT_EVENTS));
  await ledger.catchUp();
}

async function ledgerOf(count: number): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  await record(ledger, 0, START, count);
  return ledger;
}

async function costOf(ledger: MemoryLedger, asked: { asOf?: Instant; knownAt?: Instant }) {
  ledger.views.resetCounts();
  const { value } = await findPosition(ledger.views, POSITION, { now: instantOf(ledger.now + 1), ...asked });
  expect(value).not.toBeNull();
  return { reads: ledger.views.reads, rows: ledger.views.rowsRead };
}

const soonAfter = (nth: number) => instantOf(START + nth * HOUR_MS + 5);

describe("a position query", () => {
  let few: MemoryLedger;
  let many: MemoryLedger;

  beforeAll(async () => {
    [few, many] = [await ledgerOf(FEW), await ledgerOf(MANY)];
  });

  test("costs two reads beside the checkpoint, of two statements as of two thousand, now and as of any time", async () => {
    const costs = [
      await costOf(few, {}),
      await costOf(many, {}),
      await costOf(few, { asOf: soonAfter(0) }),
      await costOf(many, { asOf: soonAfter(MANY / 2) }),
    ];
    for (const cost of costs) expect(cost).toEqual({ reads: 2, rows: 2 });
  });

  test("costs three reads at any past knowledge, two for the place and one for the words", async () => {
    const [fewKnown, manyKnown] = [instantOf(few.now), instantOf(many.now)];
    const costs = [
      await costOf(few, { knownAt: fewKnown }),
      await costOf(few, { knownAt: fewKnown, asOf: soonAfter(0) }),
      await costOf(many, { knownAt: manyKnown }),
      await costOf(many, { knownAt: manyKnown, asOf: soonAfter(MANY / 3) }),
      await costOf(many, { knownAt: instantOf(many.now - 5 * 60_000) }),
    ];
    for (const { reads, rows } of costs) {
      expect(reads).toBe(3);
      // The list of pages, the page in at most four versions, and the statement.
      expect(rows).toBeLessThanOrEqual(6);
    }
  });

  test("costs the same before and after a backfill of hundreds, and answers the same for the time before it", async () => {
    const ledger = await ledgerOf(100);
    const questions = [50, 99].map((nth) => ({ knownAt: instantOf(ledger.now), asOf: soonAfter(nth) }));
    const ask = (asked: (typeof questions)[number]) =>
      findPosition(ledger.views, POSITION, { ...asked, now: asked.knownAt });
    const before = await Promise.all(questions.map(ask));
    // Between the 50th and the 51st, before the first, and behind the last.
    for (const [batch, from] of [soonAfter(50), "2023-01-01T00:00:00.000Z", soonAfter(99)].entries()) {
      const events = Array.from({ length: BACKFILL }, (_, index): Decided => {
        const id = nthStatement(200 + batch * BACKFILL + index);
        const at = instantOf(Date.parse(from) + 1_000 + index * 2_000);
        const decided = ledger.decide(
          id,
          telling(id, at, index % 2 === 0 ? "committed" : "leaning_for", { report: report("a") }),
        );
        if (decided === null) throw new Error("a new statement is news");
        return decided;
      });
      for (let at = 0; at < events.length; at += SEGMENT_EVENTS)
        await ledger.append(events.slice(at, at + SEGMENT_EVENTS));
      await ledger.catchUp();
    }
    for (const [index, asked] of questions.entries()) {
      expect((await costOf(ledger, asked)).reads).toBe(3);
      const again = await ask(asked);
      expect({ ...again, through: null }).toEqual({ ...before[index], through: null });
    }
    expect(await costOf(ledger, {})).toEqual({ reads: 2, rows: 2 });
    ledger.views.resetCounts();
    const [question] = questions;
    await historyOf(ledger.views, POSITION, { knownAt: question?.knownAt, now: instantOf(ledger.now) }, { limit: 20 });
    // The list of pages, one page, and the entries.
    expect(ledger.views.reads).toBe(22);
  });

  test("about a time before a statement met with hundreds of events costs no more", async () => {
    const ledger = await ledgerOf(FEW);
    const knownAt = instantOf(ledger.now);
    for (let nth = 0; nth < 300; nth += 1) {
      await ledger.run(nthStatement(1), { type: "DisputeStatement", by: EDITOR, data: { reason: `no ${nth}` } });
    }
    expect(await costOf(ledger, {})).toEqual({ reads: 2, rows: 2 });
    expect((await costOf(ledger, { knownAt })).reads).toBe(3);
  });

  test("where all that was said last was withdrawn finds what stands by the timeline", async () => {
    const ledger = await ledgerOf(20);
    for (let nth = 5; nth < 20; nth += 1) {
      await ledger.run(nthStatement(nth), { type: "WithdrawStatement", by: EDITOR, data: { reason: "mistaken" } });
    }
    const { value } = await findPosition(ledger.views, POSITION, { now: instantOf(ledger.now + 1) });
    expect(value?.basis.statement).toBe(nthStatement(4));
    expect((await costOf(ledger, {})).reads).toBe(4);
  });
});
