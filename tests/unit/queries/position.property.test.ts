import { entriesOf, type Entry } from "@on-record/core/domain/position/entry";
import { isProvisional, type Step } from "@on-record/core/domain/position/fold";
import { instantOf, type Instant } from "@on-record/core/domain/time";
import { historyOf } from "@on-record/core/queries/history";
import { findPosition, type Position } from "@on-record/core/queries/positions";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AIR, LEAVITT, MACRON, TROOPS, TRUMP } from "../../fixtures/statements.ts";
import { MemoryLedger, wholeLog } from "../../helpers/memory-ledger.ts";
import { historyOf as possibleHistory, opsUpTo, runs, type History } from "../positions/histories.ts";
import { knowledgeOf, nameOfPosition, type Knowledge } from "../positions/naive.ts";
import { told } from "../positions/told.ts";

const POSITIONS = [TRUMP, LEAVITT, MACRON].flatMap((actor) =>
  [TROOPS, AIR].map((proposition) => ({ actor, proposition })),
);
const PAGE_ITEMS = 2;
/** Small, so that histories of a few entries have many pages, which are split, emptied and passed over. */
const TIMELINE_ITEMS = 3;

/** Moments around everything that the histories hold: beginnings of spans, their ends, and a millisecond beside each. */
const SAID = ["2025-08-17T22:00", "2025-08-18T00:00", "2025-08-18T04:00", "2025-08-18T10:00", "2025-08-18T15:00"]
  .concat("2025-08-19T00:00", "2025-08-19T02:00", "2025-08-20T09:00", "2025-08-21T00:00")
  .map((text) => Date.parse(`${text}:00Z`));

interface Question {
  said: number;
  /** Which segment of the log is the newest known. */
  known: number;
  besideMs: number;
  position: number;
}

const question: fc.Arbitrary<Question> = fc.record({
  said: fc.nat(SAID.length),
  known: fc.nat(30),
  besideMs: fc.constantFrom(-1, 0, 1),
  position: fc.nat(POSITIONS.length - 1),
});
const questions = fc.array(question, { minLength: 8, maxLength: 8 });

async function enter(ledger: MemoryLedger, { segments }: History, from = 0, until = Infinity): Promise<void> {
  for (const segment of segments.slice(from, until)) await ledger.append(segment);
  await ledger.catchUp();
}

/** The question's moment in this ledger; `times` are those of the log's segments. */
function momentOf({ said, known, besideMs, position }: Question, times: readonly Instant[]) {
  const at = times[known % times.length] ?? "2025-08-25T00:00:00.000Z";
  const knownAt = instantOf(Date.parse(at) + besideMs);
  const spoken = SAID[said];
  const asOf = spoken === undefined ? knownAt : instantOf(spoken + besideMs);
  return { id: POSITIONS[position] ?? { actor: TRUMP, proposition: TROOPS }, asked: { asOf, knownAt, now: knownAt } };
}

const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

/** The position as folding everything known at once gives it, its basis read from the statements so known. */
function naivePosition(known: Knowledge, state: Step["state"], id: (typeof POSITIONS)[number]): Position | null {
  const { held } = state;
  // By which reading they contradict the actor is not told.
  const contests = state.contests.map(({ assessment: _assessment, ...told }) => told);
  const behind = held && known.statements.get(held.statement);
  if (held === null || !behind) return null;
  const { stance, condition, force, since, statement, speaker, direct } = held;
  const { saidAt, text, disputes } = behind.statement;
  const [entry] = entriesOf(behind.statement, behind.sequence).get(id.proposition) ?? [];
  const { evidence, cue } = entry ?? {};
  const basis = {
    statement,
    speaker,
    direct,
    saidAt,
    text,
    evidence,
    cue,
    corroboration: behind.publishers,
    disputed: disputes.length > 0,
  };
  return { ...id, stance, condition, force, since, basis, contests, provisional: isProvisional(state) };
}

function foldedBy(known: Knowledge, id: (typeof POSITIONS)[number], asOf: Instant): { entry: Entry; step: Step }[] {
  const folded = known.positions.get(nameOfPosition(id))?.folded ?? [];
  return folded.filter(({ entry }) => entry.key.slice(0, asOf.length) <= asOf);
}

async function timesOf(ledger: MemoryLedger): Promise<Instant[]> {
  return [...new Set((await wholeLog(ledger.log, ledger.streams)).map(({ entry }) => entry.recordedAt))];
}

describe("for any possible history and any moment, on both axes", () => {
  test("a position, and every page of its history, is what folding the whole log as then known gives", async () => {
    const property = fc.asyncProperty(opsUpTo(25), questions, async (ops, asked) => {
      const history = possibleHistory(ops);
      const ledger = new MemoryLedger({ pageItems: TIMELINE_ITEMS });
      await enter(ledger, history);
      const log = await wholeLog(ledger.log, ledger.streams);
      const times = await timesOf(ledger);
      for (const each of asked) {
        const { id, asked: moment } = momentOf(each, times);
        const known = knowledgeOf(log.filter(({ entry }) => entry.recordedAt <= moment.knownAt));
        const folded = foldedBy(known, id, moment.asOf);
        const last = folded.at(-1);
        const about = `${nameOfPosition(id)} as of ${moment.asOf}, known at ${moment.knownAt}\n${told(history)}`;
        const answer = await findPosition(ledger.views, id, moment);
        expect(plain(answer.value), about).toEqual(
          plain(last === undefined ? null : naivePosition(known, last.step.state, id)),
        );
        const listed = [];
        for (let after: string | undefined, first = true; first || after !== undefined; first = false) {
          const page = await pageOf(ledger, id, moment, after);
          listed.push(...page.items);
          after = page.next;
        }
        const naive = folded.map(({ entry, step }) => [
          entry.statement,
          entry.kind,
          step.outcome.kind,
          step.state.held?.stance ?? null,
        ]);
        expect(
          listed.map((item) => [item.statement, item.kind, item.outcome.kind, item.position?.stance ?? null]),
          about,
        ).toEqual(naive);
      }
    });
    await fc.assert(property, { numRuns: runs(80) });
  });

  test("a final answer is the same after whatever else is recorded, and one without the mark is of no final moment", async () => {
    const property = fc.asyncProperty(opsUpTo(25), fc.nat(20), questions, async (ops, cut, asked) => {
      const history = possibleHistory(ops);
      const ledger = new MemoryLedger({ pageItems: TIMELINE_ITEMS });
      const middle = cut % (history.segments.length + 1);
      await enter(ledger, history, 0, middle);
      // Moments at, before and a little behind what is in so far.
      const times = await timesOf(ledger);
      const before = [];
      for (const each of asked) {
        const { id, asked: moment } = momentOf(each, times);
        const answers = [
          await findPosition(ledger.views, id, moment),
          await historyOf(ledger.views, id, moment, { limit: 100 }),
        ];
        for (const answer of answers)
          expect(answer.final).toBe(times.length > 0 && moment.knownAt <= (times.at(-1) ?? ""));
        before.push({ id, moment, answers });
      }
      await enter(ledger, history, middle);
      for (const { id, moment, answers } of before) {
        const again = [
          await findPosition(ledger.views, id, moment),
          await historyOf(ledger.views, id, moment, { limit: 100 }),
        ];
        for (const [index, answer] of answers.entries()) {
          if (!answer.final) continue;
          const { through: _was, ...standing } = answer;
          const { through: _is, ...now } = again[index] ?? answer;
          expect(now, `${nameOfPosition(id)} ${JSON.stringify(moment)}\n${told(history)}`).toEqual(standing);
        }
      }
    });
    await fc.assert(property, { numRuns: runs(80) });
  });
});

async function pageOf(
  ledger: MemoryLedger,
  id: (typeof POSITIONS)[number],
  moment: ReturnType<typeof momentOf>["asked"],
  after?: string,
) {
  return (await historyOf(ledger.views, id, moment, { after, limit: PAGE_ITEMS })).value;
}
