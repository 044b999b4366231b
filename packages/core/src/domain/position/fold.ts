import { grade, type Change, type Reversal } from "../change.ts";
import type { ActorId, StatementId } from "../ids.ts";
import { isPlaced, scale, type Force, type PlacedStance, type Standing } from "../stance.ts";
import { overlaps, type Instant } from "../time.ts";
import type { Entry } from "./entry.ts";

/** A standing and the statement that it rests on. */
export interface Words extends Standing {
  force: Force;
  statement: StatementId;
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
}

/** Delegated words that contradict the actor's own. */
export interface Contest {
  statement: StatementId;
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

export const NO_POSITION: FoldState = { held: null, firm: null, direct: null, contests: [], rivals: [] };

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

function sameStanding(a: Standing, b: Standing): boolean {
  return a.stance === b.stance && a.condition === b.condition;
}

/** The entry's words as a position holds them whose stance has been held since then. */
export function heldFrom(entry: Entry, stance: PlacedStance, since: Instant): Held {
  return {
    stance,
    ...(entry.condition !== undefined && { condition: entry.condition }),
    force: entry.force,
    statement: entry.statement,
    sequence: entry.sequence,
    speaker: entry.speaker,
    direct: entry.voice === "direct",
    from: entry.from,
    until: entry.until,
    since,
  };
}

/** What of the words held is told of them. */
export function wordsOf({ statement, stance, condition, force }: Words): Words {
  return { statement, stance, ...(condition !== undefined && { condition }), force };
}

type Utterance = {
  from: Instant;
  until: Instant;
  statement: StatementId;
  stance: string;
  condition?: string | undefined;
};

/** Two utterances whose order nobody knows. */
function unordered(later: Pick<Entry, "from" | "until" | "settledAfter">, earlier: Omit<Utterance, "stance">): boolean {
  return overlaps(later, earlier) && !later.settledAfter.includes(earlier.statement);
}

/** Two utterances whose order nobody knows, and which disagree. */
export function inDoubt(
  later: Pick<Entry, "from" | "until" | "settledAfter" | "stance" | "condition">,
  earlier: Utterance,
): boolean {
  return (later.stance !== earlier.stance || later.condition !== earlier.condition) && unordered(later, earlier);
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
    if (moves(other) && other.sequence < entry.sequence && inDoubt(other, entry)) return other.statement;
  }
  return null;
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
  const { condition: _condition, ...rest } = held;
  return rest;
}

/** A met condition falls away from the words that carried it. The stance is the same: reaffirmed. */
function meetCondition(state: FoldState, entry: Entry): Step {
  const { held, contests } = state;
  const met = <W extends Held | null>(words: W) =>
    words !== null && words.stance === entry.stance && words.condition === entry.condition
      ? withoutCondition(words)
      : words;
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
  const { statement, speaker, condition } = entry;
  const { change, reversal } = judged;
  const contest: Contest = {
    statement,
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

/**
 * Words that take a place on the scale. Of all words that nobody knows to have been followed, the latest recorded
 * are shown. Those that disagree with others recorded before, and whose order to them is unknown, are not announced.
 */
function move(state: FoldState, entry: Entry, stance: PlacedStance, challenger: StatementId | null): Step {
  const { held, firm } = state;
  const own = entry.voice === "direct" || entry.voice === "accepted";
  const said = heldFrom(entry, stance, firm?.stance === stance ? firm.since : entry.from);
  const to = basisOf(state, entry, said);
  const open = [...state.rivals, ...(held === null ? [] : [held])].filter((words) => unordered(entry, words));
  const shown = open.reduce((a, b) => (b.sequence > Math.max(a.sequence, entry.sequence) ? b : a), to);
  const doubted = open.findLast((words) => words.sequence < entry.sequence && inDoubt(entry, words))?.statement;
  const against = doubted ?? challenger;
  const next: FoldState = {
    held: shown,
    firm: against === null ? to : firm,
    direct: own && against === null ? said : state.direct,
    contests: own ? [] : state.contests,
    rivals: [...open, to].filter((words) => words.statement !== shown.statement).slice(-RIVALS_COUNT),
  };
  if (against !== null) return { state: next, outcome: { kind: "provisional", against } };
  const told = { from: firm && wordsOf(firm), to: wordsOf(to) };
  return { state: next, outcome: { kind: "moved", ...grade(firm, said), ...told } };
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

function* behind(entries: readonly Entry[], index: number): Generator<Entry> {
  for (let at = index + 1; at < entries.length; at += 1) {
    const entry = entries[at];
    if (entry !== undefined) yield entry;
  }
}

/** Folds all entries of one position from nothing: what every cleverer way must agree with. */
export function foldPosition(entries: readonly Entry[]): { entry: Entry; step: Step }[] {
  const sorted = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  let state = NO_POSITION;
  return sorted.map((entry, index) => {
    const step = stepPosition(state, entry, challengerOf(entry, behind(sorted, index)));
    state = step.state;
    return { entry, step };
  });
}
