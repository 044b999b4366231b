import { Change } from "@on-record/core/domain/change";
import { evolveStatement, type StatementState } from "@on-record/core/domain/statement/state";
import { instantOf, type Instant } from "@on-record/core/domain/time";
import { Cause, DerivedEvent } from "@on-record/core/projections/positions/derived";
import { isOfStatement } from "@on-record/core/projections/positions/statements";
import type { LoggedEvent } from "@on-record/core/projections/projection";
import type { ChangeFilter } from "@on-record/core/queries/changes/filter";
import { listChangesAt } from "@on-record/core/queries/changes/past";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AIR, LEAVITT, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, START_MS, wholeLog } from "../../helpers/memory-ledger.ts";
import { derivedIn } from "../../helpers/position-rows.ts";
import { historyOf, opsUpTo, runs, told } from "../positions/histories.ts";
import { index, pagedChanges, SHARED, SMALL } from "./world.ts";

type Segments = ReturnType<typeof historyOf>["segments"];

const STEP_MS = 60_000;
const LATEST = instantOf(START_MS + 1_000 * STEP_MS);
const TYPES = DerivedEvent.options.map((option) => option.shape.type.value);

const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined, freq: 2 });
const recorded = fc.nat(10).map((minutes) => instantOf(START_MS + minutes * STEP_MS));
/** Around the times at which things are said. */
const said = fc
  .constantFrom(
    "2025-08-18T00:00:00.000Z",
    "2025-08-18T10:00:00.000Z",
    "2025-08-18T15:00:00.000Z",
    "2025-08-19T12:00:00.000Z",
  )
  .map((text) => instantOf(Date.parse(text)));
const share = fc.nat(999);
const filters: fc.Arbitrary<ChangeFilter> = fc.record({
  actor: maybe(fc.constantFrom(TRUMP, LEAVITT, MACRON)),
  proposition: maybe(fc.constantFrom(TROOPS, AIR)),
  type: maybe(fc.constantFrom(...TYPES)),
  change: maybe(fc.constantFrom(...Change.options)),
  cause: maybe(fc.constantFrom(...Cause.options)),
  recordedFrom: maybe(recorded),
  recordedTo: maybe(recorded),
});
const questions = fc.record({
  filter: fc.oneof(fc.constant<ChangeFilter>({}), filters),
  limit: fc.integer({ min: 1, max: 4 }),
  asOf: maybe(said),
});

/** A moment of a history: before any segment, at the time of one, or between two. */
function momentIn(segments: Segments, nth: number): Instant {
  const halves = nth % (2 * segments.length + 2);
  return instantOf(START_MS + (halves + 1) * (STEP_MS / 2));
}

/** A ledger that never heard of what came after a moment. */
async function cutAt(segments: Segments, knownAt: Instant): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  for (const segment of segments) {
    if (ledger.now + STEP_MS > Date.parse(knownAt)) break;
    await ledger.append(segment);
    await ledger.catchUp();
  }
  return ledger;
}

/** When a statement's words were said, as its events before a place of the log have it. */
function saidBefore(log: readonly LoggedEvent[], statement: string, sequence: number): Instant {
  let state: StatementState = null;
  for (const { entry, event } of log) {
    if (entry.stream !== `statement/${statement}` || entry.sequence >= sequence || !isOfStatement(event)) continue;
    state = evolveStatement(state, { ...event, version: entry.version, recordedBy: entry.recordedBy });
  }
  if (state === null) throw new Error(`nothing was recorded of ${statement} before ${sequence}`);
  return state.saidAt.from;
}

/** What had been announced by a moment, each event with when its words were said. */
async function announcedBy(segments: Segments, knownAt: Instant): Promise<{ event: DerivedEvent; said: Instant }[]> {
  const ledger = await cutAt(segments, knownAt);
  const log = await wholeLog(ledger.log, ledger.streams);
  const saidIn = (event: DerivedEvent) => {
    if (event.type === "PositionChanged") return event.saidFrom;
    const isEnd = event.type === "PositionChangeWithdrawn" || event.type === "PositionContestEnded";
    return saidBefore(log, event.statement, event.sequence + (isEnd ? 0 : 1));
  };
  return derivedIn(ledger.views).map((event) => ({ event, said: saidIn(event) }));
}

/** The plain way: a look at every event. */
function filtered(
  all: Awaited<ReturnType<typeof announcedBy>>,
  { recordedFrom, recordedTo, ...facts }: ChangeFilter,
  asOf: Instant,
): DerivedEvent[] {
  const asked = all.filter(({ event, said }) => {
    const held: Record<string, unknown> = event;
    return (
      Object.entries(facts).every(([name, wanted]) => wanted === undefined || held[name] === wanted) &&
      (recordedFrom === undefined || recordedFrom <= event.recordedAt) &&
      (recordedTo === undefined || event.recordedAt <= recordedTo) &&
      said <= asOf
    );
  });
  return asked.map(({ event }) => event);
}

describe("changes at a past moment", () => {
  it("are those that a log cut there announced, about words said by then, whatever came later", async () => {
    const found = new Set<string>();
    const asking = fc.array(questions, { minLength: 6, maxLength: 8 });
    const shapes = fc.constantFrom(SMALL, SHARED);
    const property = fc.asyncProperty(opsUpTo(30), share, asking, shapes, async (ops, moment, asked, shape) => {
      const history = historyOf(ops);
      const { segments } = history;
      const knownAt = momentIn(segments, moment);
      const all = await announcedBy(segments, knownAt);
      const ledger = await cutAt(segments, LATEST);
      for (const [nth, { filter, limit, asOf }] of asked.entries()) {
        if (nth === 2) await index(ledger, shape);
        const shown = JSON.stringify({ filter, limit, knownAt, asOf, history: told(history) });
        const expected = filtered(all, filter, asOf ?? knownAt);
        const listed = await pagedChanges(ledger, filter, { limit, shape, asked: { asOf, knownAt, now: LATEST } });
        expect(listed, shown).toEqual(expected);
        for (const { type } of expected) found.add(type);
      }
    });
    await fc.assert(property, { numRuns: runs(40) });
    expect(found.size).toBeGreaterThan(3);
  });

  it("tell of no end without what it ends, as long as a statement's time was not corrected", async () => {
    let seen = 0;
    const property = fc.asyncProperty(opsUpTo(30), share, said, async (ops, moment, asOf) => {
      const { segments } = historyOf(ops);
      const corrected = segments
        .flat()
        .some(({ event }) => event.type === "StatementCorrected" || event.type === "ConditionMet");
      fc.pre(!corrected);
      const ledger = await cutAt(segments, LATEST);
      const asked = { asOf, knownAt: momentIn(segments, moment), now: LATEST };
      const listed = await pagedChanges(ledger, {}, { limit: 100, asked });
      const changes = new Set(listed.filter(({ type }) => type === "PositionChanged").map(({ id }) => id));
      const ends = listed.flatMap((event) => (event.type === "PositionChangeWithdrawn" ? [event.withdraws] : []));
      expect(ends.filter((id) => !changes.has(id))).toEqual([]);
      seen += ends.length;
    });
    await fc.assert(property, { numRuns: runs(40) });
    expect(seen).toBeGreaterThan(0);
  });

  it("say when they can never be others, and then never are", async () => {
    let finals = 0;
    const property = fc.asyncProperty(opsUpTo(30), share, share, questions, async (ops, cut, moment, question) => {
      const { segments } = historyOf(ops);
      const { filter, asOf } = question;
      const asked = { asOf, knownAt: momentIn(segments, moment), now: LATEST };
      const ledger = await cutAt(segments.slice(0, cut % segments.length), LATEST);
      await index(ledger);
      const ask = () => listChangesAt(ledger, filter, asked, { limit: 100 }, SMALL);
      const before = await ask();
      for (const segment of segments.slice(cut % segments.length)) await ledger.append(segment);
      await ledger.catchUp();
      await index(ledger);
      if (!before.final) return;
      finals += 1;
      const after = await ask();
      expect([after.value.items, after.final]).toEqual([before.value.items, true]);
    });
    await fc.assert(property, { numRuns: runs(40) });
    expect(finals).toBeGreaterThan(0);
  });
});
