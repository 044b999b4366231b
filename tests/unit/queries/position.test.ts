import type { StatementCommand } from "@on-record/core/domain/statement/decide";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import { Instant, instantOf } from "@on-record/core/domain/time";
import { findPosition } from "@on-record/core/queries/positions";
import { positions } from "@on-record/core/projections/positions";
import { describe, expect, test } from "vitest";
import { assessment, EDITOR, LEAVITT, MACRON, report, rp, st, TEXT, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, START_MS, wholeLog } from "../../helpers/memory-ledger.ts";
import { tell, TOLD_LATEST } from "../../helpers/telling.ts";

const TROOP_POSITION = { actor: TRUMP, proposition: TROOPS };
const by = EDITOR;
const reason = "as the record shows";

/** What is asked: moments as texts, and "now" a while after the last event. */
async function ask(ledger: MemoryLedger, asOf?: string, knownAt?: string) {
  const asked = {
    asOf: asOf === undefined ? undefined : Instant.parse(asOf),
    knownAt: knownAt === undefined ? undefined : Instant.parse(knownAt),
    now: instantOf(ledger.now + 3_600_000),
  };
  return findPosition(ledger.views, TROOP_POSITION, asked);
}

const stanceAt = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).value?.stance ?? null;
/** A moment so many milliseconds after the newest event entered the log. */
const now = (ledger: MemoryLedger, ms = 0) => instantOf(ledger.now + ms);

/** Monday "declined to rule out", Tuesday "will not". */
async function story() {
  const ledger = new MemoryLedger();
  await tell(ledger, st("a"), "2025-08-18T15:00:00.000Z", "open");
  const afterMonday = now(ledger);
  await tell(ledger, st("b"), "2025-08-19T12:00:00.000Z", "ruled_out");
  return { ledger, afterMonday, afterTuesday: now(ledger) };
}

describe("a position", () => {
  test("is, when nothing else is asked, the one of now", async () => {
    const { ledger, afterTuesday } = await story();
    const { value, asOf, knownAt, through, final } = await ask(ledger);
    expect(value).toMatchObject({
      ...TROOP_POSITION,
      stance: "ruled_out",
      since: "2025-08-19T12:00:00.000Z",
      contests: [],
      provisional: false,
    });
    expect(value?.basis).toMatchObject({
      statement: st("b"),
      speaker: TRUMP,
      direct: true,
      text: TEXT,
      corroboration: 1,
      disputed: false,
    });
    expect([asOf, knownAt]).toEqual([now(ledger, 3_600_000), now(ledger, 3_600_000)]);
    expect([through, final]).toEqual([{ sequence: 1, recordedAt: afterTuesday }, false]);
  });

  test("is none before anything was recorded, and before anything was said", async () => {
    const empty = await ask(new MemoryLedger());
    expect(empty).toMatchObject({ value: null, through: { sequence: null, recordedAt: null }, final: false });
    const { ledger } = await story();
    expect(await stanceAt(ledger, "2025-08-01T00:00:00.000Z")).toBeNull();
    expect(await ask(ledger, undefined, instantOf(START_MS))).toMatchObject({ value: null, final: true });
  });

  test("counts what was said up to the very millisecond of asOf", async () => {
    const { ledger } = await story();
    expect(await stanceAt(ledger, "2025-08-18T14:59:59.999Z")).toBeNull();
    expect(await stanceAt(ledger, "2025-08-18T15:00:00.000Z")).toBe("open");
    expect(await stanceAt(ledger, "2025-08-19T11:59:59.999Z")).toBe("open");
    expect(await stanceAt(ledger, "2025-08-19T12:00:00.000Z")).toBe("ruled_out");
  });

  test("counts what was recorded up to the very millisecond of knownAt", async () => {
    const { ledger, afterMonday, afterTuesday } = await story();
    const before = (at: string) => instantOf(Date.parse(at) - 1);
    expect(await stanceAt(ledger, undefined, before(afterMonday))).toBeNull();
    expect(await stanceAt(ledger, undefined, afterMonday)).toBe("open");
    expect(await stanceAt(ledger, undefined, before(afterTuesday))).toBe("open");
    expect(await stanceAt(ledger, undefined, afterTuesday)).toBe("ruled_out");
  });

  test("said within a day that alone is known counts from the day's first millisecond", async () => {
    const ledger = new MemoryLedger();
    await tell(ledger, st("a"), "2025-08-18", "open", { saidAt: saidAtFrom("2025-08-18", "day", "America/New_York") });
    expect(await stanceAt(ledger, "2025-08-18T03:59:59.999Z")).toBeNull();
    expect(await stanceAt(ledger, "2025-08-18T04:00:00.000Z")).toBe("open");
  });

  test("on Monday, as known on Monday and as known today, are two answers once a late record came", async () => {
    const { ledger, afterTuesday } = await story();
    await tell(ledger, st("c"), "2025-08-18T18:00:00.000Z", "leaning_for");
    const mondayNight = "2025-08-18T23:59:59.999Z";
    expect(await stanceAt(ledger, mondayNight, afterTuesday)).toBe("open");
    expect(await stanceAt(ledger, mondayNight)).toBe("leaning_for");
    expect(await stanceAt(ledger, undefined, afterTuesday)).toBe("ruled_out");
    expect(await stanceAt(ledger)).toBe("ruled_out");
  });

  test("refuses an asOf later than knownAt, and names the field", async () => {
    const { ledger } = await story();
    const fields = [{ path: "asOf", message: expect.any(String) }];
    await expect(ask(ledger, now(ledger, 1), now(ledger))).rejects.toMatchObject({ code: "invalid_request", fields });
    await expect(ask(ledger, now(ledger, 3_600_001))).rejects.toMatchObject({ code: "invalid_request", fields });
    expect(await stanceAt(ledger, now(ledger), now(ledger))).toBe("ruled_out");
  });

  test("knows, whatever this machine's clock says, at least what the view holds", async () => {
    const { ledger } = await story();
    const answer = await findPosition(ledger.views, TROOP_POSITION, { now: instantOf(START_MS) });
    expect(answer).toMatchObject({
      value: { stance: "ruled_out" },
      knownAt: now(ledger),
      asOf: now(ledger),
      final: true,
    });
  });

  test("is not that of another actor, nor on another proposition", async () => {
    const { ledger } = await story();
    const other = { actor: MACRON, proposition: TROOPS };
    expect((await findPosition(ledger.views, other, { now: now(ledger) })).value).toBeNull();
  });
});

describe("final", () => {
  test("is an answer at or before the newest event's time, and no later one", async () => {
    const { ledger } = await story();
    expect((await ask(ledger, undefined, now(ledger, -1))).final).toBe(true);
    expect((await ask(ledger, undefined, now(ledger))).final).toBe(true);
    expect((await ask(ledger, undefined, now(ledger, 1))).final).toBe(false);
  });
});

describe("a statement that the record later sees otherwise", () => {
  /** The basis, as known before and after what was done to the statement. */
  async function aroundOf(...commands: StatementCommand[]) {
    const { ledger } = await story();
    const knownAt = now(ledger);
    for (const command of commands) await ledger.run(st("b"), command);
    return { before: (await ask(ledger, undefined, knownAt)).value, after: (await ask(ledger)).value };
  }

  test("is quoted as it was worded then", async () => {
    const text = "We will not send any troops at all.";
    const { before, after } = await aroundOf({
      type: "CorrectStatement",
      by,
      latest: TOLD_LATEST,
      data: { reason, text },
    });
    expect([before?.basis.text, after?.basis.text]).toEqual([TEXT, text]);
  });

  test("counts in the time, and with the stance, that were known then", async () => {
    const time = await aroundOf({
      type: "CorrectStatement",
      by,
      latest: TOLD_LATEST,
      data: { reason, saidAt: saidAtFrom("2025-08-18T10:00:00.000Z") },
    });
    expect([time.before?.stance, time.after?.stance]).toEqual(["ruled_out", "open"]);
    const stance = await aroundOf({
      type: "AssessStatement",
      by,
      data: { assessments: [assessment({ stance: "leaning_against" })] },
    });
    expect([stance.before?.stance, stance.after?.stance]).toEqual(["ruled_out", "leaning_against"]);
  });

  test("is the basis no longer once it is withdrawn, and was until then", async () => {
    const { before, after } = await aroundOf({ type: "WithdrawStatement", by, data: { reason } });
    expect([before?.basis.statement, after?.basis.statement]).toEqual([st("b"), st("a")]);
    const back = await aroundOf(
      { type: "WithdrawStatement", by, data: { reason } },
      { type: "ReinstateStatement", by, data: { reason } },
    );
    expect(back.after).toEqual(back.before);
  });

  test("falls only with the last report of it", async () => {
    const second = { type: "AddReport", by, data: { report: report("b") } } as const;
    const firstGone = { type: "WithdrawReport", by, data: { report: rp("a"), reason } } as const;
    const one = await aroundOf(second, firstGone);
    expect([one.before?.basis.corroboration, one.after?.basis.corroboration, one.after?.stance]).toEqual([
      1,
      1,
      "ruled_out",
    ]);
    const none = await aroundOf(second, firstGone, { type: "WithdrawReport", by, data: { report: rp("b"), reason } });
    expect(none.after?.stance).toBe("open");
  });

  test("has as many publishers behind it, and is as disputed, as was known then", async () => {
    const more = await aroundOf(
      { type: "AddReport", by, data: { report: report("b") } },
      { type: "AddReport", by, data: { report: report("c", { publisher: "outlet  B" }) } },
    );
    expect([more.before?.basis.corroboration, more.after?.basis.corroboration]).toEqual([1, 2]);
    const denied = await aroundOf({ type: "DisputeStatement", by, data: { by: LEAVITT, reason } });
    expect([denied.before?.basis.disputed, denied.after?.basis.disputed]).toEqual([false, true]);
    expect(denied.after?.stance).toBe("ruled_out");
  });

  test("corroborates, from its merge on, the one it was merged into", async () => {
    const { ledger } = await story();
    await tell(ledger, st("c"), "2025-08-19T12:00:30.000Z", "ruled_out", { report: report("c") });
    const apart = now(ledger);
    await ledger.run(st("c"), { type: "MergeStatement", by, data: { into: st("b") }, other: ledger.stateOf(st("b")) });
    expect((await ask(ledger, undefined, apart)).value?.basis).toMatchObject({ statement: st("c"), corroboration: 1 });
    expect((await ask(ledger)).value?.basis).toMatchObject({ statement: st("b"), corroboration: 2 });
  });

  test("contests the position from its recording on, and until the actor speaks", async () => {
    const { ledger } = await story();
    const quiet = now(ledger);
    await tell(ledger, st("c"), "2025-08-20T12:00:00.000Z", "committed", { speaker: LEAVITT, onBehalfOf: TRUMP });
    const contest = { statement: st("c"), speaker: LEAVITT, stance: "committed", change: "reversed", reversal: "full" };
    const contested = now(ledger);
    await tell(ledger, st("d"), "2025-08-21T12:00:00.000Z", "ruled_out");
    expect((await ask(ledger, undefined, quiet)).value?.contests).toEqual([]);
    expect((await ask(ledger, undefined, contested)).value).toMatchObject({ stance: "ruled_out", contests: [contest] });
    expect((await ask(ledger)).value?.contests).toEqual([]);
    expect((await ask(ledger, "2025-08-20T18:00:00.000Z")).value?.contests).toEqual([contest]);
  });
});

describe("provisional", () => {
  test("is what the record as a whole leaves in doubt: an earlier asOf takes words away, but settles no order", async () => {
    const ledger = new MemoryLedger();
    await tell(ledger, st("a"), "2025-08-17T12:00:00.000Z", "open");
    await tell(ledger, st("b"), "2025-08-18T15:00:00.000Z", "ruled_out");
    const undoubted = now(ledger);
    // Known by the day, so that it may have been said before b or after.
    await tell(ledger, st("c"), "2025-08-18", "committed");
    const at = async (asOf: string, knownAt?: string) => (await ask(ledger, asOf, knownAt)).value;
    expect(await at("2025-08-18T12:00:00.000Z", undoubted)).toMatchObject({ stance: "open", provisional: false });
    // b is not said yet, but c is nonetheless not known to be said by noon.
    expect(await at("2025-08-18T12:00:00.000Z")).toMatchObject({ stance: "committed", provisional: true });
    expect(await at("2025-08-18T18:00:00.000Z")).toMatchObject({ stance: "committed", provisional: true });
    await ledger.run(st("c"), { type: "SettleOrder", by, data: { after: st("b") }, other: ledger.stateOf(st("b")) });
    expect(await at("2025-08-18T12:00:00.000Z")).toMatchObject({ stance: "open", provisional: false });
    expect(await at("2025-08-18T18:00:00.000Z")).toMatchObject({ stance: "committed", provisional: false });
  });
});

describe("rows written by a projection that died before it moved its checkpoint", () => {
  test("alter no answer until it has caught up", async () => {
    const { ledger } = await story();
    const decided = ledger.decide(st("c"), {
      type: "RecordStatement",
      by,
      latest: TOLD_LATEST,
      data: {
        statement: st("c"),
        speaker: TRUMP,
        text: TEXT,
        saidAt: saidAtFrom("2025-08-20T12:00:00.000Z"),
        report: report("c"),
        assessments: [assessment({ stance: "committed" })],
      },
    });
    const disputed = ledger.decide(st("b"), { type: "DisputeStatement", by, data: { reason } });
    if (decided === null || disputed === null) throw new Error("both are news");
    const before = await ask(ledger);
    await ledger.append([decided, disputed]);
    for (const logged of (await wholeLog(ledger.log, ledger.streams)).slice(2)) {
      await ledger.views.put(await positions.apply(logged, ledger.views));
      const during = await ask(ledger, before.asOf, before.knownAt);
      expect(during).toEqual(before);
    }
    await ledger.catchUp();
    expect(await ask(ledger, before.asOf, before.knownAt)).toMatchObject({
      value: { stance: "committed" },
      through: { sequence: 3 },
    });
    expect((await ask(ledger, "2025-08-19T18:00:00.000Z")).value?.basis.disputed).toBe(true);
  });
});
