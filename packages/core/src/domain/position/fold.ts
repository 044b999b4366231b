import { grade, type Change, type Reversal } from "../change.ts";
import type { ActorId, StatementId } from "../ids.ts";
import { isPlaced, scale, type Force, type PlacedStance, type Standing } from "../stance.ts";
import { overlaps, type Instant } from "../time.ts";
import type { Entry } from "./entry.ts";

/** A standing and the statement that it rests on. */
export interface Words extends Standing {
  force: Force;
  statement: StatementId;
  /** The reading of it that the standing and its condition are taken from. */
  assessment: string;
}

/** A standing and the words it rests on. The evidence in them is the statement's own. */
export interface Held extends Words {
  sequence: number;
  speaker: ActorId;
  direct: boolean;
  from: Instant;
  until: Instant;
  /** When the stance was taken up, without a different one since. */
  since: Instant;
  /** As the entry has it. */
  unlike?: readonly string[];
}

/** Delegated words that contradict the actor's own. */
export interface Contest {
  statement: StatementId;
  assessment: string;
  speaker: ActorId;
  stance: PlacedStance;
  condition?: string | undefined;
  change: Change;
  reversal: Reversal;
}

/** Everything that the next entry is judged by. Small, so that each entry can be kept with its state. */
export interface FoldState {
  /** The position shown. */
  held: Held | null;
  /** The last position beyond doubt: what the next is graded against. Differs from `held` while that is provisional. */
  firm: Held | null;
  /** The actor's latest own words beyond doubt: what words spoken for it are judged by. */
  direct: Held | null;
  contests: Contest[];
  /** Words beside `held` of which nobody knows that others followed them. Most often none. */
  rivals: Held[];
}

/** Most often there are none: one list for all of them. */
const NO_CONTESTS: Contest[] = [];
const NO_RIVALS: Held[] = [];
Object.freeze(NO_CONTESTS);
Object.freeze(NO_RIVALS);

export const NO_POSITION: FoldState = {
  held: null,
  firm: null,
  direct: null,
  contests: NO_CONTESTS,
  rivals: NO_RIVALS,
};

/** Whether the position shown may have to give way once an editor has settled an order. */
export function isProvisional({ held, firm, rivals }: FoldState): boolean {
  if (held === null) return false;
  return firm === null || [firm, ...rivals].some((words) => !sameStanding(words, held));
}

/** What an entry did to the position. */
export type Outcome =
  | { kind: "noted"; why: "no_comment" | "unclear" | "unconfirmed" | "weaker" | "rejected" | "not_current" }
  | { kind: "contested"; change: Change; reversal: Reversal }
  | { kind: "provisional"; against: StatementId }
  | { kind: "moved"; change: Change; reversal: Reversal; from: Words | null; to: Words; replacedCondition?: true };

export interface Step {
  state: FoldState;
  outcome: Outcome;
}

/** More contests at once than this and a further one only asks for review, until one of them has ended. */
const CONTESTS_COUNT = 8;
/** More rivals at once than this and the oldest is forgotten: a day with ten utterances known by the day only. */
const RIVALS_COUNT = 8;

/** A condition, and whose it is. */
type Conditional = Pick<Entry, "statement" | "assessment" | "condition" | "unlike">;

/** How an assessment is named among those of all statements. */
export function assessmentName({ statement, assessment }: Pick<Conditional, "statement" | "assessment">): string {
  return `${statement}:${assessment}`;
}

/**
 * Whether two depend on the same. What an erased condition was nobody knows any more: it counts as the same as any
 * other statement's, but for those that it was known to differ from. So erasing moves no position.
 */
function sameCondition(a: Conditional, b: Conditional): boolean {
  if ((a.unlike ?? b.unlike) === undefined || a.statement === b.statement) return a.condition === b.condition;
  if (a.condition === undefined || b.condition === undefined) return a.condition === b.condition;
  return !a.unlike?.includes(assessmentName(b)) && !b.unlike?.includes(assessmentName(a));
}

function sameStanding(a: Held, b: Held): boolean {
  return a.stance === b.stance && sameCondition(a, b);
}

/** The entry's words as a position holds them whose stance has been held since then. */
export function heldFrom(entry: Entry, stance: PlacedStance, since: Instant): Held {
  const held: Held = {
    stance,
    force: entry.force,
    statement: entry.statement,
    assessment: entry.assessment,
    sequence: entry.sequence,
    speaker: entry.speaker,
    direct: entry.voice === "direct",
    from: entry.from,
    until: entry.until,
    since,
  };
  if (entry.condition !== undefined) held.condition = entry.condition;
  if (entry.unlike !== undefined) held.unlike = entry.unlike;
  return held;
}

/** What of the words held an outcome keeps. */
export function wordsOf({ statement, assessment, stance, condition, force }: Words): Words {
  return condition === undefined
    ? { statement, assessment, stance, force }
    : { statement, assessment, stance, condition, force };
}

type Utterance = Pick<Entry, "from" | "until" | "stance"> & Conditional;

/** Two utterances whose order nobody knows. */
function unordered(
  later: Pick<Entry, "from" | "until" | "settledAfter">,
  earlier: Pick<Utterance, "from" | "until" | "statement">,
): boolean {
  return overlaps(later, earlier) && !later.settledAfter.includes(earlier.statement);
}

/** Two utterances whose order nobody knows, and which disagree. */
export function inDoubt(later: Utterance & Pick<Entry, "settledAfter">, earlier: Utterance): boolean {
  return (later.stance !== earlier.stance || !sameCondition(later, earlier)) && unordered(later, earlier);
}

/**
 * The first entry behind this one, in the order of keys, that was recorded before it, disagrees with it and
 * whose order to it is unknown. Then this one is shown, but the one recorded before keeps what was announced of
 * it. `following` yields the entries behind this one in order; it is read no further than this one's span.
 */
export function challengerOf(entry: Entry, following: Iterable<Entry>): StatementId | null {
  if (!moves(entry)) return null;
  for (const other of following) {
    if (other.from >= entry.until) return null;
    if (challenges(other, entry)) return other.statement;
  }
  return null;
}

/** The same for an entry of a sorted list. */
function challengerIn(sorted: readonly Entry[], index: number): StatementId | null {
  const entry = sorted[index];
  if (entry === undefined || !moves(entry)) return null;
  for (let at = index + 1; at < sorted.length; at += 1) {
    const other = sorted[at];
    if (other === undefined || other.from >= entry.until) return null;
    if (challenges(other, entry)) return other.statement;
  }
  return null;
}

function challenges(other: Entry, entry: Entry): boolean {
  return moves(other) && other.sequence < entry.sequence && inDoubt(other, entry);
}

function moves(entry: Entry): boolean {
  return (
    entry.kind === "words" && isPlaced(entry.stance) && entry.unconfirmed === undefined && entry.voice !== "rejected"
  );
}

function noted(state: FoldState, why: Extract<Outcome, { kind: "noted" }>["why"]): Step {
  return { state, outcome: { kind: "noted", why } };
}

function withoutCondition(held: Held): Held {
  const { condition: _condition, unlike: _unlike, ...rest } = held;
  return rest;
}

/** A met condition falls away from the words that carried it. The stance is the same: reaffirmed. */
function meetCondition(state: FoldState, entry: Entry): Step {
  const { held, contests } = state;
  const met = <W extends Held | null>(words: W) =>
    words !== null && words.stance === entry.stance && sameCondition(words, entry) ? withoutCondition(words) : words;
  const [firm, direct, rivals] = [met(state.firm), met(state.direct), state.rivals.map(met)];
  const to = met(held);
  if (held === null || to === null || to === held)
    return noted({ held, firm, direct, contests, rivals }, "not_current");
  if (isProvisional(state)) return noted({ held: to, firm, direct, contests, rivals }, "not_current");
  const told = { from: wordsOf(held), to: wordsOf(to) };
  const outcome: Outcome = { kind: "moved", change: "reaffirmed", reversal: "none", ...told };
  return { state: { held: to, firm: to, direct, contests, rivals }, outcome };
}

/** Words on the actor's behalf, judged against its own. `null` when they move the position like its own. */
function judgeDelegated(state: FoldState, entry: Entry, stance: PlacedStance): Step | null {
  if (entry.voice !== "delegated" || state.direct === null) return null;
  const judged = grade(state.direct, { stance, condition: entry.condition });
  if (judged.reversal === "none") {
    return Math.abs(scale(stance)) < Math.abs(scale(state.direct.stance)) ? noted(state, "weaker") : null;
  }
  const { statement, assessment, speaker, condition } = entry;
  const { change, reversal } = judged;
  const contest: Contest = {
    statement,
    assessment,
    speaker,
    stance,
    ...(condition !== undefined && { condition }),
    change,
    reversal,
  };
  const full = state.contests.length >= CONTESTS_COUNT;
  const contests = full ? state.contests : [...state.contests, contest];
  return { state: { ...state, contests }, outcome: { kind: "contested", change, reversal } };
}

/** At equal standing the actor's own words stay the basis. */
function basisOf(state: FoldState, entry: Entry, said: Held): Held {
  if (entry.voice !== "delegated") return said;
  const own = [state.firm, state.direct].find((words) => words !== null && words.direct && sameStanding(words, said));
  return own === undefined || own === null ? said : { ...own, since: said.since };
}

/** What is shown and its rivals, of which nobody knows whether the entry followed them. */
function openBeside({ held, rivals }: FoldState, entry: Entry): Held[] {
  const isOpen = (words: Held) => unordered(entry, words);
  if (rivals.length === 0) return held !== null && isOpen(held) ? [held] : NO_RIVALS;
  return [...rivals, ...(held === null ? [] : [held])].filter(isOpen);
}

/**
 * Words that take a place on the scale. Of all words that nobody knows to have been followed, the latest recorded
 * are shown. Those that disagree with others recorded before, and whose order to them is unknown, are not announced.
 */
function move(state: FoldState, entry: Entry, stance: PlacedStance, challenger: StatementId | null): Step {
  const { firm } = state;
  const own = entry.voice === "direct" || entry.voice === "accepted";
  const said = heldFrom(entry, stance, firm?.stance === stance ? firm.since : entry.from);
  const to = basisOf(state, entry, said);
  const open = openBeside(state, entry);
  const shown = open.reduce((a, b) => (b.sequence > Math.max(a.sequence, entry.sequence) ? b : a), to);
  const doubted = open.findLast((words) => words.sequence < entry.sequence && inDoubt(entry, words))?.statement;
  const against = doubted ?? challenger;
  const next: FoldState = {
    held: shown,
    firm: against === null ? to : firm,
    direct: own && against === null ? said : state.direct,
    contests: own ? NO_CONTESTS : state.contests,
    rivals:
      open.length === 0
        ? NO_RIVALS
        : [...open, to].filter((words) => words.statement !== shown.statement).slice(-RIVALS_COUNT),
  };
  if (against !== null) return { state: next, outcome: { kind: "provisional", against } };
  const { change, reversal, replacedCondition } = grade(firm, said, firm !== null && sameCondition(firm, said));
  const outcome: Outcome = { kind: "moved", change, reversal, from: firm && wordsOf(firm), to: wordsOf(to) };
  if (replacedCondition) outcome.replacedCondition = true;
  return { state: next, outcome };
}

/**
 * Folds one entry, in the order of keys. `challenger` is what `challengerOf` says of it.
 * The same entries always give the same states.
 */
export function stepPosition(state: FoldState, entry: Entry, challenger: StatementId | null): Step {
  if (entry.unconfirmed) return noted(state, "unconfirmed");
  if (!isPlaced(entry.stance)) return noted(state, entry.stance);
  if (entry.voice === "rejected") return noted(state, "rejected");
  if (entry.kind === "condition_met") return meetCondition(state, entry);
  return judgeDelegated(state, entry, entry.stance) ?? move(state, entry, entry.stance, challenger);
}

function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Folds all entries of one position from nothing: what every cleverer way must agree with. */
export function foldPosition(entries: readonly Entry[]): { entry: Entry; step: Step }[] {
  const sorted = inOrder(entries);
  let state = NO_POSITION;
  return sorted.map((entry, index) => {
    const step = stepPosition(state, entry, challengerIn(sorted, index));
    state = step.state;
    return { entry, step };
  });
}

/** Where that fold stands after the last entry whose key sorts at or before `through`. */
export function positionThrough(entries: readonly Entry[], through: string): FoldState {
  const sorted = inOrder(entries);
  let state = NO_POSITION;
  for (const [index, entry] of sorted.entries()) {
    if (entry.key > through) break;
    ({ state } = stepPosition(state, entry, challengerIn(sorted, index)));
  }
  return state;
}
