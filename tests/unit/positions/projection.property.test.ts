import { positionsIn, entriesKnown, derivedIn, openReviews } from "../../helpers/position-rows.ts";
import { MemoryLedger, wholeLog } from "../../helpers/memory-ledger.ts";
import type { PositionId } from "@on-record/core/domain/position/entry";
import type { Contest, Step } from "@on-record/core/domain/position/fold";
import type { Entry } from "@on-record/core/domain/position/entry";
import { statementPk } from "@on-record/core/projections/positions/rows";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import type { StatementRow } from "@on-record/core/projections/positions/statements";
import { sequenceIn } from "@on-record/core/projections/projection";
import type { StatementId } from "@on-record/core/domain/ids";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { historyOf, opsUpTo, runs, type History } from "./histories.ts";
import { told } from "./told.ts";
import { knowledgeOf, nameOfPosition, type Knowledge } from "./naive.ts";

async function played(history: History): Promise<MemoryLedger> {
  const ledger = new MemoryLedger({ pageItems: 3 });
  for (const segment of history.segments) await ledger.append(segment);
  await ledger.catchUp();
  return ledger;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Tries histories; gives the check what the plain way knows after each event. */
async function forAll(
  numRuns: number,
  check: (ledger: MemoryLedger, knownAt: Knowledge[]) => void,
  maxLength = 25,
): Promise<void> {
  const property = fc.asyncProperty(opsUpTo(maxLength), async (ops) => {
    const history = historyOf(ops);
    const ledger = await played(history);
    const log = await wholeLog(ledger.log, ledger.streams);
    const known = log.map((_, sequence) => knowledgeOf(log.slice(0, sequence + 1)));
    try {
      check(ledger, known);
    } catch (error) {
      const order = log
        .map(({ entry, event }) => `${entry.sequence}: ${entry.id.slice(13, 14)} ${event.type}`)
        .join("\n");
      throw new Error(`${told(history)}\n${order}\n${String(error)}`, { cause: error });
    }
  });
  await fc.assert(property, { numRuns: runs(numRuns) });
}

function namesIn(ledger: MemoryLedger, known: Knowledge): PositionId[] {
  const all = new Map(positionsIn(ledger.views).map((p) => [nameOfPosition(p), p]));
  for (const { position } of known.positions.values()) all.set(nameOfPosition(position), position);
  return [...all.values()];
}

function movedIn(folded: readonly { entry: Entry; step: Step }[]) {
  return folded.flatMap(({ entry, step: { outcome } }) =>
    outcome.kind === "moved"
      ? [
          {
            statement: entry.statement,
            change: outcome.change,
            reversal: outcome.reversal,
            previous: outcome.from && wordsOf(outcome.from),
            current: wordsOf(outcome.to),
          },
        ]
      : [],
  );
}

function wordsOf({
  statement,
  stance,
  condition,
  force,
}: {
  statement: string;
  stance: string;
  condition?: string | undefined;
  force: string;
}) {
  return { statement, stance, ...(condition !== undefined && { condition }), force };
}

/** What is left of the announcements once each withdrawal has taken its change away. */
function replayed(events: readonly DerivedEvent[]) {
  const changes = new Map<string, DerivedEvent>();
  const contests = new Map<string, object>();
  for (const event of events) {
    if (event.type === "PositionChanged") changes.set(event.id, event);
    if (event.type === "PositionChangeWithdrawn") {
      const withdrawn = changes.get(event.withdraws);
      expect(withdrawn, "what is withdrawn was announced and stood").toMatchObject({
        statement: event.statement,
        change: event.change,
        reversal: event.reversal,
      });
      changes.delete(event.withdraws);
    }
    if (event.type === "PositionContested") {
      expect(contests.has(event.statement), "a contest opens once").toBe(false);
      const { statement, speaker, stance, condition, change, reversal } = event;
      contests.set(statement, plain({ statement, speaker, stance, condition, change, reversal }) as object);
    }
    if (event.type === "PositionContestEnded") {
      expect(contests.delete(event.statement), "what ends was open").toBe(true);
    }
  }
  return { changes: [...changes.values()], contests: [...contests.values()] };
}

const sorted = (list: readonly unknown[]) => list.map((item) => JSON.stringify(plain(item))).toSorted();

describe("the projection of positions, for any possible history and any order of the log", () => {
  it("holds after every event the very entries, outcomes and states that the plain fold of the whole log gives", async () => {
    await forAll(100, (ledger, knownAt) => {
      for (const [sequence, known] of knownAt.entries()) {
        for (const position of namesIn(ledger, known)) {
          const rows = entriesKnown(ledger.views, position, sequence).map(({ entry, outcome, state }) => ({
            entry,
            step: { state, outcome },
          }));
          const folded = known.positions.get(nameOfPosition(position))?.folded ?? [];
          expect(rows, `${nameOfPosition(position)} at ${sequence}`).toEqual(plain(folded));
        }
      }
    });
  });

  it("knows after every event which statements stand, and how many publishers stand behind each", async () => {
    await forAll(60, (ledger, knownAt) => {
      for (const [sequence, { statements }] of knownAt.entries()) {
        for (const [id, known] of statements) {
          const row = rowOf(ledger, id, sequence);
          expect([id, row?.stands, row?.sequence], `at ${sequence}`).toEqual([id, known.stands, known.sequence]);
          expect(plain(row?.statement)).toEqual(plain(known.statement));
          if (known.stands) expect([id, row?.corroboration]).toEqual([id, known.publishers]);
        }
      }
    });
  });

  it("has announced, after every event, exactly the changes and contests that the plain fold then gives", async () => {
    await forAll(100, (ledger, knownAt) => {
      const all = derivedIn(ledger.views);
      for (const [sequence, known] of knownAt.entries()) {
        for (const position of namesIn(ledger, known)) {
          const own = all.filter(
            (e) => e.sequence <= sequence && e.actor === position.actor && e.proposition === position.proposition,
          );
          const { changes, contests } = replayed(own);
          const folded = known.positions.get(nameOfPosition(position))?.folded ?? [];
          const told = changes.map(
            (e) =>
              e.type === "PositionChanged" && {
                statement: e.statement,
                change: e.change,
                reversal: e.reversal,
                previous: e.previous,
                current: e.current,
              },
          );
          expect(sorted(told), `${nameOfPosition(position)} at ${sequence}`).toEqual(sorted(movedIn(folded)));
          const contested: Contest[] = folded.at(-1)?.step.state.contests ?? [];
          // By which reading they contradict the actor is not told.
          const open = contested.map(({ assessment: _assessment, ...told }) => told);
          expect(sorted(contests), `contests of ${nameOfPosition(position)} at ${sequence}`).toEqual(sorted(open));
        }
      }
    });
  });

  it("numbers each position's events from 1 without gaps, and gives no id twice", async () => {
    await forAll(60, (ledger) => {
      const all = derivedIn(ledger.views);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      for (const position of positionsIn(ledger.views)) {
        const own = all.filter((e) => e.actor === position.actor && e.proposition === position.proposition);
        expect(own.map(({ number }) => number)).toEqual(own.map((_, index) => index + 1));
      }
    });
  });

  it("keeps open, after every event, one item of review for each entry that then needs an editor", async () => {
    await forAll(60, (ledger, knownAt) => {
      for (const [sequence, known] of knownAt.entries()) {
        const open = openReviews(ledger.views, sequence).map(({ actor, proposition, statement, reason, against }) => ({
          actor,
          proposition,
          statement,
          reason,
          against,
        }));
        const wanted = [...known.positions.values()].flatMap(({ position, folded }) =>
          folded.flatMap((one) => reviewNeeded(position, one)),
        );
        expect(sorted(open), `at ${sequence}`).toEqual(sorted(wanted));
      }
    });
  });
});

function rowOf(ledger: MemoryLedger, id: StatementId, sequence: number): StatementRow | undefined {
  const rows = ledger.views.under(statementPk(id)).filter((row) => sequenceIn(row.sk) <= sequence);
  return rows.at(-1)?.body as StatementRow | undefined;
}

function reviewNeeded({ actor, proposition }: PositionId, { entry, step: { outcome } }: { entry: Entry; step: Step }) {
  const item = (reason: string, against?: StatementId) => [
    { actor, proposition, statement: entry.statement, reason, against },
  ];
  if (entry.unconfirmed) return item("unconfirmed");
  if (entry.stance === "unclear") return entry.kind === "words" ? item("unclear") : [];
  if (outcome.kind === "contested") return item("contested");
  if (outcome.kind === "provisional") return item("order", outcome.against);
  return outcome.kind === "moved" && outcome.replacedCondition ? item("condition_replaced") : [];
}
