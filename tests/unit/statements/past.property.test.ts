import { instantOf, type Instant } from "@on-record/core/domain/time";
import { Stance } from "@on-record/core/domain/stance";
import { STATEMENT_STATUSES } from "@on-record/core/domain/statement/status";
import type { StatementId } from "@on-record/core/domain/ids";
import { SORTS, type StatementFilter, type StatementSort } from "@on-record/core/queries/statements/filter";
import { listStatementsAt, type ListedStatement } from "@on-record/core/queries/statements/list";
import { seeStatement } from "@on-record/core/queries/statements/one";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AIR, EDITOR, LEAVITT, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, START_MS, wholeLog } from "../../helpers/memory-ledger.ts";
import { historyOf, opsUpTo, runs, told } from "../positions/histories.ts";
import { everyStatement, filtered, index, paged, SMALL } from "./world.ts";

/** Every list is too long to be kept: all is read from the leaves and the days. */
const DENSE = { ...SMALL, denseCount: 0 };
const STEP_MS = 60_000;
const LATEST = instantOf(START_MS + 1_000 * STEP_MS);

const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 2 });
const said = fc
  .constantFrom("2025-08-17T00:00:00.000Z", "2025-08-18T10:00:00.000Z", "2025-08-19T00:00:00.000Z")
  .map((text) => instantOf(Date.parse(text)));
type Segments = ReturnType<typeof historyOf>["segments"];

/** Bounds of recording, within a history of the usual length. */
const recorded = fc.nat(10).map((minutes) => instantOf(START_MS + minutes * STEP_MS));
const share = fc.nat(999);

/** A moment of a history: before any segment, at the time of one, or between two. */
function momentIn(segments: Segments, nth: number): Instant {
  const halves = nth % (2 * segments.length + 2);
  return instantOf(START_MS + (halves + 1) * (STEP_MS / 2));
}

/** Nothing that needs an index beside it. */
const filters: fc.Arbitrary<StatementFilter> = fc.oneof(
  fc.constant({}),
  fc.record({
    actor: fc.constantFrom(TRUMP, LEAVITT, MACRON),
    speaker: maybe(fc.constantFrom(TRUMP, LEAVITT)),
    proposition: maybe(fc.constantFrom(TROOPS, AIR)),
    publisher: maybe(fc.constantFrom("Outlet 1", "outlet  2")),
    recordedBy: maybe(fc.constant(EDITOR)),
    stance: maybe(fc.constantFrom(...Stance.options)),
    status: maybe(fc.constantFrom(...STATEMENT_STATUSES)),
    saidFrom: maybe(said),
    saidTo: maybe(said),
    recordedFrom: maybe(recorded),
    recordedTo: maybe(recorded),
  }),
  fc.record({ publisher: fc.constantFrom("Outlet 1", "Outlet 2") }),
  fc.record({ stance: fc.constantFrom(...Stance.options) }),
  fc.record({ status: fc.constantFrom(...STATEMENT_STATUSES) }),
);
const questions = fc.record({
  filter: filters,
  sort: fc.constantFrom<StatementSort>(...SORTS),
  limit: fc.integer({ min: 1, max: 4 }),
  asOf: maybe(said),
});

/** What was on record by then: of a ledger that never heard of what came later. */
async function recordedBy(segments: Segments, knownAt: Instant): Promise<ListedStatement[]> {
  const ledger = new MemoryLedger();
  for (const segment of segments) {
    if (ledger.now + STEP_MS > Date.parse(knownAt)) break;
    await ledger.append(segment);
  }
  await ledger.catchUp();
  return everyStatement(ledger);
}

const byId = (all: readonly ListedStatement[]) => new Map(all.map((each) => [each.statement.id, each]));

describe("a list of statements at a past moment", () => {
  it("is that of a log cut there, however filters are combined and pages cut, whatever came later or comes meanwhile", async () => {
    let found = 0;
    const property = fc.asyncProperty(
      opsUpTo(30),
      fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      fc.array(questions, { minLength: 6, maxLength: 8 }),
      fc.array(share, { minLength: 2, maxLength: 2 }),
      fc.constantFrom(SMALL, DENSE),
      fc.nat(3),
      async (ops, wakes, asked, moments, shape, behind) => {
        const history = historyOf(ops);
        const ledger = new MemoryLedger();
        const segments = [...history.segments];
        const later = segments.splice(Math.max(0, segments.length - behind));
        const take = async (segment: Segments[number], nth: number) => {
          await ledger.append(segment);
          if (wakes[nth]) await index(ledger, shape);
          await ledger.catchUp();
        };
        for (const [nth, segment] of segments.entries()) await take(segment, nth);
        let newest = ledger.now;
        const goOn = async () => {
          const segment = later.shift();
          if (segment !== undefined) await take(segment, later.length);
        };
        const cuts = [];
        for (const moment of moments) {
          const knownAt = momentIn(history.segments, moment);
          cuts.push({ knownAt, all: await recordedBy(history.segments, knownAt) });
        }
        for (const [nth, { filter, sort, limit, asOf }] of asked.entries()) {
          const { knownAt, all } = cuts[nth % cuts.length] ?? { knownAt: LATEST, all: [] };
          // What comes while pages are read is recorded later than everything asked about.
          if (Date.parse(knownAt) > newest) continue;
          const question = { asOf, knownAt, now: LATEST };
          const items = await paged(ledger, filter, { sort, limit, shape, asked: question }, goOn);
          newest = ledger.now;
          const shown = JSON.stringify({ filter, sort, limit, knownAt, asOf, history: told(history) });
          const isSaid = ({ statement }: ListedStatement) => statement.saidAt.from <= (asOf ?? knownAt);
          expect(
            items.map(({ statement }) => statement.id),
            shown,
          ).toEqual(filtered(all.filter(isSaid), filter, sort));
          for (const item of items) expect(all, shown).toContainEqual(item);
          found += items.length;
        }
      },
    );
    await fc.assert(property, { numRuns: runs(40) });
    expect(found).toBeGreaterThan(0);
  });

  it("says when it can never change, and then never does", async () => {
    let finals = 0;
    const property = fc.asyncProperty(opsUpTo(30), share, share, questions, async (ops, cut, moment, question) => {
      const { segments } = historyOf(ops);
      const ledger = new MemoryLedger();
      const [first, later] = [segments.slice(0, cut % segments.length), segments.slice(cut % segments.length)];
      const { filter, sort, asOf } = question;
      const knownAt = momentIn(segments, moment);
      const ask = async () => {
        const asked = { asOf, knownAt, now: LATEST };
        return listStatementsAt(ledger, filter, asked, { sort, limit: 100 }, SMALL);
      };
      for (const segment of first) await ledger.append(segment);
      await ledger.catchUp();
      await index(ledger);
      const before = await ask();
      for (const segment of later) await ledger.append(segment);
      await ledger.catchUp();
      await index(ledger);
      if (!before.final) return;
      finals += 1;
      const after = await ask();
      expect([after.value, after.asOf, after.knownAt, after.final]).toEqual([
        before.value,
        before.asOf,
        before.knownAt,
        true,
      ]);
    });
    await fc.assert(property, { numRuns: runs(40) });
    expect(finals).toBeGreaterThan(0);
  });
});

describe("a statement at a past moment", () => {
  it("is that of a log cut there, or was not there yet", async () => {
    let [present, absent] = [0, 0];
    const property = fc.asyncProperty(
      opsUpTo(22),
      fc.array(share, { minLength: 3, maxLength: 5 }),
      async (ops, moments) => {
        const { segments } = historyOf(ops);
        const ledger = new MemoryLedger();
        for (const segment of segments) await ledger.append(segment);
        await ledger.catchUp();
        const ids = new Set<StatementId>();
        for (const { event } of await wholeLog(ledger.log, ledger.streams)) {
          if (event.type === "StatementRecorded") ids.add(event.data.statement);
        }
        for (const knownAt of moments.map((nth) => momentIn(segments, nth))) {
          const all = byId(await recordedBy(segments, knownAt));
          for (const id of ids) {
            const { value } = await seeStatement(ledger.views, id, { knownAt, now: LATEST });
            const then = all.get(id);
            if (then === undefined) absent += 1;
            else present += 1;
            expect(value && { ...value, byOthers: undefined, heldReports: undefined }).toEqual(
              then === undefined
                ? null
                : { statement: then.statement, holds: then.holds, corroboration: then.corroboration },
            );
          }
        }
      },
    );
    await fc.assert(property, { numRuns: runs(40) });
    expect(Math.min(present, absent)).toBeGreaterThan(0);
  });
});
