import type { Decided } from "../../helpers/memory-ledger.ts";
import { isRefusal, MemoryLedger } from "../../helpers/memory-ledger.ts";
import type { StatementCommand } from "@on-record/core/domain/statement/decide";
import type { AssessmentInput } from "@on-record/core/domain/statement/parts";
import type { Statement, StatementState } from "@on-record/core/domain/statement/state";
import { saidAtFrom } from "@on-record/core/domain/said-at";
import fc from "fast-check";
import type { History } from "./told.ts";
import {
  AIR,
  assessment,
  EDITOR,
  LEAVITT,
  MACRON,
  report,
  st,
  TEXT,
  TROOPS,
  TRUMP,
} from "../../fixtures/statements.ts";

export { told, type History } from "./told.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
export const LATEST = "2025-12-31T00:00:00.000Z";
/** A narrow window of time, so that spans often overlap, touch and coincide. */
const TIMES = [
  saidAtFrom("2025-08-18"),
  saidAtFrom("2025-08-18", "day", "America/New_York"),
  saidAtFrom("2025-08-19"),
  saidAtFrom("2025-08-18T10:00Z"),
  saidAtFrom("2025-08-18T15:00Z"),
  saidAtFrom("2025-08-18T10:00:30Z"),
  saidAtFrom("2025-08-18T10:00:00.000Z"),
  saidAtFrom("2025-08-19T02:00Z"),
  saidAtFrom("2025-08-20T09:00:00Z"),
];
const VOICES = [
  { speaker: TRUMP },
  { speaker: TRUMP },
  { speaker: LEAVITT, onBehalfOf: TRUMP },
  { speaker: LEAVITT, onBehalfOf: TRUMP },
  { speaker: MACRON },
  { speaker: LEAVITT },
];

/** One thing to try; whom it meets is decided when it is tried. */
interface Op {
  kind: Kind;
  /** Which of the statements there are, and which other. */
  a: number;
  b: number;
  time: number;
  voice: number;
  publisher: number;
  yes: boolean;
  /** Whether the other statement is seen as it was when just recorded: two commands that raced. */
  stale: boolean;
  readings: AssessmentInput[];
  /** How many events of other streams enter the log before it. */
  delay: number;
  /** Whether a segment of the log ends here. */
  cut: boolean;
}

/** How often each is tried, against the others. */
const WEIGHTS = {
  record: 5,
  assess: 2,
  withdrawReport: 1,
  addReport: 1,
  correctTime: 1,
  correctActor: 1,
  correctText: 1,
  met: 1,
  order: 2,
  delegation: 1,
  merge: 2,
  withdraw: 1,
  reinstate: 2,
  dispute: 1,
};
type Kind = keyof typeof WEIGHTS;
const KINDS = (Object.keys(WEIGHTS) as Kind[]).flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind));

const reading = fc
  .record({
    proposition: fc.constantFrom(TROOPS, TROOPS, AIR),
    stance: fc.constantFrom(
      "committed",
      "leaning_for",
      "open",
      "leaning_against",
      "ruled_out",
      "ruled_out",
      "no_comment",
      "unclear",
    ),
    condition: fc.constantFrom(undefined, undefined, "if asked", "if paid"),
    basis: fc.constantFrom("editor", "editor", "rule", "model"),
    confidence: fc.constantFrom(1, 1, 1, 0.3),
  })
  .map(({ condition, ...rest }) => assessment({ ...rest, ...(condition !== undefined && { condition }) }));

const op: fc.Arbitrary<Op> = fc.record({
  kind: fc.constantFrom(...KINDS),
  a: fc.nat(25),
  b: fc.nat(25),
  time: fc.nat(TIMES.length - 1),
  voice: fc.nat(VOICES.length - 1),
  publisher: fc.nat(2),
  yes: fc.boolean(),
  stale: fc.boolean(),
  readings: fc.uniqueArray(reading, { minLength: 1, maxLength: 2, selector: (r) => r.proposition }),
  delay: fc.constantFrom(0, 0, 0, 1, 3, 8),
  cut: fc.boolean(),
});

/** Things to try, the first of them statements. */
export function opsUpTo(maxLength: number): fc.Arbitrary<Op[]> {
  const opening = fc
    .array(op, { minLength: 2, maxLength: 5 })
    .map((list) => list.map((o) => ({ ...o, kind: "record" as const })));
  return fc
    .tuple(opening, fc.array(op, { maxLength: maxLength - 2 }))
    .map(([first, rest]) => [...first, ...rest].slice(0, maxLength));
}

const by = EDITOR;
const reason = "as the record shows";

/** The command that an op comes to, on the statement it meets. */
function commandFor(op: Op, own: Statement, other: StatementState, nth: number): StatementCommand | null {
  const [first] = op.readings;
  const proposition = first?.proposition ?? TROOPS;
  switch (op.kind) {
    case "assess":
      return { type: "AssessStatement", by, data: { assessments: op.readings } };
    case "addReport": {
      const letter = LETTERS.charAt(op.publisher);
      return { type: "AddReport", by, data: { report: report(letter, { publisher: `Outlet ${op.publisher}` }) } };
    }
    case "withdrawReport": {
      const held = own.reports[op.b % own.reports.length];
      return held === undefined
        ? null
        : { type: "WithdrawReport", by, data: { report: held.id, reason: `${reason} ${nth}` } };
    }
    case "correctTime":
      return { type: "CorrectStatement", by, latest: LATEST, data: { reason, saidAt: TIMES[op.time] } };
    case "correctActor":
      return { type: "CorrectStatement", by, latest: LATEST, data: { reason, onBehalfOf: null, ...VOICES[op.voice] } };
    case "correctText":
      return {
        type: "CorrectStatement",
        by,
        latest: LATEST,
        data: { reason, text: `${TEXT} (${nth})`, assessments: op.readings },
      };
    case "met":
      return {
        type: "MeetCondition",
        by,
        latest: LATEST,
        data: { proposition, metAt: TIMES[op.time] ?? saidAtFrom("2025-08-20") },
      };
    case "order":
      return other && { type: "SettleOrder", by, data: { after: other.id }, other };
    case "delegation":
      return { type: "SettleDelegation", by, data: { proposition, accepted: op.yes } };
    case "merge":
      return other && { type: "MergeStatement", by, data: { into: other.id }, other };
    case "withdraw":
      return { type: "WithdrawStatement", by, data: { reason: `${reason} ${nth}` } };
    case "reinstate":
      return { type: "ReinstateStatement", by, data: { reason: `${reason} ${nth}` } };
    case "dispute":
      return { type: "DisputeStatement", by, data: { reason: `${reason} ${nth}` } };
    case "record":
      return null;
  }
}

/** Applies what can be applied, and leaves out what the rules refuse. */
export function historyOf(ops: readonly Op[]): History {
  const rules = new MemoryLedger();
  const fresh: Statement[] = [];
  const decided: { event: Decided; rank: number; cut: boolean }[] = [];
  for (const [nth, op] of ops.entries()) {
    const event = attempt(rules, op, fresh, nth);
    if (event === null) continue;
    if (event.event.type === "StatementRecorded") {
      const state = rules.stateOf(event.statement);
      if (state !== null) fresh.push(state);
    }
    decided.push({ event, rank: nth + op.delay, cut: op.cut });
  }
  return { segments: segmented(decided) };
}

function attempt(rules: MemoryLedger, op: Op, fresh: readonly Statement[], nth: number): Decided | null {
  try {
    if (op.kind === "record") {
      const letter = LETTERS.charAt(fresh.length);
      const data = {
        statement: st(letter),
        ...(VOICES[op.voice] ?? { speaker: TRUMP }),
        text: TEXT,
        saidAt: TIMES[op.time] ?? saidAtFrom("2025-08-18"),
        report: report(letter, { publisher: `Outlet ${op.publisher}` }),
        assessments: op.readings,
      };
      return rules.decide(data.statement, { type: "RecordStatement", by, data, latest: LATEST });
    }
    const own = fresh[op.a % fresh.length];
    const seen = fresh[op.b % fresh.length];
    if (own === undefined || seen === undefined) return null;
    const state = rules.stateOf(own.id);
    const command = state && commandFor(op, state, op.stale ? seen : rules.stateOf(seen.id), nth);
    return command && rules.decide(own.id, command);
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** Streams keep their order; between streams, events enter late by their delay. */
function segmented(decided: readonly { event: Decided; rank: number; cut: boolean }[]): Decided[][] {
  const waiting = new Map<string, Decided[]>();
  for (const { event } of decided) waiting.set(event.statement, [...(waiting.get(event.statement) ?? []), event]);
  const segments: Decided[][] = [];
  const segment: Decided[] = [];
  for (const { event, cut } of decided.toSorted((a, b) => a.rank - b.rank)) {
    const next = waiting.get(event.statement)?.shift();
    if (next !== undefined) segment.push(next);
    if (cut) segments.push(segment.splice(0));
  }
  return [...segments, segment].filter((events) => events.length > 0);
}

/** How many cases each property tries: `POSITION_RUNS=1000` for a long look. */
export function runs(usual: number): number {
  return Number(process.env["POSITION_RUNS"] ?? usual);
}
