import { StatementId } from "@on-record/core/domain/ids";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { instantOf } from "@on-record/core/domain/time";
import { base32 } from "@on-record/core/log/digest";
import { beforeAll, describe, expect, it } from "vitest";
import { assessment, EDITOR, report, TEXT, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, type Decided } from "../../helpers/memory-ledger.ts";

const FIRST_MS = Date.parse("2024-01-01T09:00:00.000Z");
const HOUR_MS = 3_600_000;
/** Not a whole number of pages of the timeline. */
const MANY = 2_010;

/** Two statements at most, the list of pages, two pages in four versions each, and some entries read ahead. */
const FEW_ROWS = 2 + 1 + 2 * 4 + 15;

const idOf = (name: string) => StatementId.parse(`st_${base32(Buffer.from(name.padEnd(17, "-")), 26)}`);

/** What the positions read and wrote. */
interface Cost {
  reads: number;
  rowsRead: number;
  rowsWritten: number;
}

/** One position with many statements, an hour apart, in turn for and against. */
class LongPosition {
  readonly ledger = new MemoryLedger();

  decided(name: string, at: number, stance: string): Decided {
    const data = {
      statement: idOf(name),
      speaker: TRUMP,
      text: TEXT,
      saidAt: saidAtFrom(instantOf(at)),
      report: report("a"),
      assessments: [assessment({ stance })],
    };
    const decided = this.ledger.decide(data.statement, {
      type: "RecordStatement",
      by: EDITOR,
      data,
      latest: "2030-01-01T00:00:00.000Z",
    });
    if (decided === null) throw new Error("a recording is an event");
    return decided;
  }

  async fill(count: number): Promise<void> {
    const past = Array.from({ length: count }, (_, n) =>
      this.decided(`past-${n}`, FIRST_MS + n * HOUR_MS, n % 2 === 0 ? "open" : "ruled_out"),
    );
    await this.ledger.append(past);
    await this.ledger.catchUp();
  }

  /** What one more statement costs, said half an hour after the nth. */
  async costOf(name: string, afterNth: number, stance: string): Promise<Cost> {
    const { views } = this.ledger;
    await this.ledger.append([this.decided(name, FIRST_MS + (afterNth + 0.5) * HOUR_MS, stance)]);
    views.resetCounts();
    await this.ledger.catchUp();
    const { reads, rowsRead, rowsWritten } = views;
    return { reads, rowsRead, rowsWritten };
  }
}

describe("the cost of one more statement", () => {
  const short = new LongPosition();
  const long = new LongPosition();

  beforeAll(async () => {
    await short.fill(10);
    await long.fill(MANY);
  });

  it("at the end is the same with ten before it as with two thousand", async () => {
    const few = await short.costOf("next", 10, "committed");
    const many = await long.costOf("next", MANY, "committed");
    expect(many).toEqual(few);
    // The statement, its entry, the page of the timeline and the announcement.
    expect(many.rowsWritten).toBe(4);
    expect(many.reads).toBeLessThanOrEqual(4);
  });

  it("recorded late is what it alters: one whose effect ends at the next entry rewrites that and no more", async () => {
    const many = await long.costOf("late", MANY / 2, "open");
    // As before, and the next entry; a withdrawal and two changes. Its page was full: two of them now, listed anew;
    // and the last page, which counts the announcements.
    expect(many.rowsWritten).toBe(10);
    expect(many.rowsRead).toBeLessThanOrEqual(FEW_ROWS);
  });

  it("recorded late without a say alters nothing behind it", async () => {
    const many = await long.costOf("mute", MANY / 4, "no_comment");
    // The statement, its entry; and what became of its page.
    expect(many.rowsWritten).toBe(5);
    expect(many.rowsRead).toBeLessThanOrEqual(FEW_ROWS);
  });

  it("recorded before all others costs as little as one in the middle", async () => {
    const many = await long.costOf("early", -2, "committed");
    expect(many.rowsWritten).toBe(10);
    expect(many.rowsRead).toBeLessThanOrEqual(FEW_ROWS);
  });

  it("withdrawn from the middle costs what follows within its day and the next entry", async () => {
    const { ledger } = long;
    const withdrawn = ledger.decide(idOf("late"), {
      type: "WithdrawStatement",
      by: EDITOR,
      data: { reason: "mistaken" },
    });
    if (withdrawn === null) throw new Error("a withdrawal is an event");
    await ledger.append([withdrawn]);
    ledger.views.resetCounts();
    await ledger.catchUp();
    // No page is split.
    expect(ledger.views.rowsWritten).toBe(8);
    // All entries of the two days before are looked at, since any of them might reach into its span.
    expect(ledger.views.rowsRead).toBeLessThanOrEqual(48 + 2 * FEW_ROWS);
  });
});
