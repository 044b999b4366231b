import { CONFIDENCE_THRESHOLD } from "../../limits.ts";
import type { ActorId, PropositionId, StatementId } from "../ids.ts";
import { isPlaced, type Force, type Stance } from "../stance.ts";
import { countingAssessments, waitingAssessments } from "../statement/counting.ts";
import type { Evidence } from "../statement/parts.ts";
import { actorOf, isDirect, type Assessment, type Statement } from "../statement/state.ts";
import { Instant } from "../time.ts";

/** Whose position on what. */
export interface PositionId {
  actor: ActorId;
  proposition: PropositionId;
}

/** One thing that bears on a position, at its place in time: a statement's words, or the news that a condition was met. */
export interface Entry {
  /** Sorts entries in the order of the fold: place in time, direct before delegated, sequence. */
  key: string;
  kind: "words" | "condition_met";
  statement: StatementId;
  /** Of the statement's recording: the later recorded of two is the one with the higher. */
  sequence: number;
  speaker: ActorId;
  /** `delegated` words were spoken on the actor's behalf; an editor may have accepted or rejected them. */
  voice: "direct" | "delegated" | "accepted" | "rejected";
  /** The span in which it was said; it begins where an editor placed it, once its order is settled. */
  from: Instant;
  until: Instant;
  stance: Stance;
  condition?: string | undefined;
  force: Force;
  assessment: string;
  evidence?: Evidence | undefined;
  cue?: string | undefined;
  /** Of an erased condition: the assessments of others whose conditions it was known to differ from. */
  unlike?: readonly string[];
  /** The statement was erased: nobody can do anything about it any more. */
  erased?: true;
  /** Below the confidence threshold: waits for an editor, counts for nothing. */
  unconfirmed?: true;
  /** Statements that an editor placed this one behind. */
  settledAfter: StatementId[];
}

const RANK = { direct: 0, accepted: 1, delegated: 1, rejected: 1 } as const;
const MARK_RANK = 2;
const INSTANT_CHARS = 24;

function keyOf(place: string, rank: number, sequence: number): string {
  return `${place}|${rank}|${String(sequence).padStart(12, "0")}`;
}

/** The end of the keys of everything said at or before a moment. */
export function keysThrough(asOf: Instant): string {
  return `${asOf}\u{10FFFF}`;
}

function voiceOf(statement: Statement, proposition: PropositionId): Entry["voice"] {
  if (isDirect(statement)) return "direct";
  const settled = statement.delegations.find((d) => d.proposition === proposition);
  if (settled === undefined) return "delegated";
  return settled.accepted ? "accepted" : "rejected";
}

/** Where the statement stands begins with an instant: that of its saidAt, unless an editor placed it. */
function fromOf({ place, saidAt }: Statement): Instant {
  return place === saidAt.from ? saidAt.from : Instant.parse(place.slice(0, INSTANT_CHARS));
}

function words(statement: Statement, sequence: number, assessment: Assessment): Entry {
  const voice = voiceOf(statement, assessment.proposition);
  // Written out, as is all that the fold makes by the million: copying optional parts one by one costs more than all else.
  const entry: Entry = {
    key: keyOf(statement.place, RANK[voice], sequence),
    kind: "words",
    statement: statement.id,
    sequence,
    speaker: statement.speaker,
    voice,
    from: fromOf(statement),
    until: statement.saidAt.until,
    stance: assessment.stance,
    force: assessment.force,
    assessment: assessment.id,
    settledAfter: statement.settledAfter,
  };
  if (assessment.condition !== undefined) entry.condition = assessment.condition;
  if (assessment.evidence !== undefined) entry.evidence = assessment.evidence;
  if (assessment.cue !== undefined) entry.cue = assessment.cue;
  if (statement.unlike === undefined) return entry;
  if (entry.condition !== undefined) entry.unlike = statement.unlike[assessment.id] ?? [];
  if (statement.erased !== undefined) entry.erased = true;
  return entry;
}

function conditionMet(statement: Statement, entry: Entry, proposition: PropositionId): Entry | undefined {
  if (!isPlaced(entry.stance)) return undefined;
  const met = statement.conditionsMet.find((m) => m.proposition === proposition && m.condition === entry.condition);
  if (met === undefined) return undefined;
  const place = met.metAt.from > statement.place ? met.metAt.from : statement.place;
  return {
    ...entry,
    key: keyOf(place, MARK_RANK, entry.sequence),
    kind: "condition_met",
    from: met.metAt.from,
    until: met.metAt.until,
    settledAfter: [],
  };
}

function counting(statement: Statement, sequence: number, assessment: Assessment): Entry[] {
  const said = words(statement, sequence, assessment);
  const met = conditionMet(statement, said, assessment.proposition);
  return met === undefined ? [said] : [said, met];
}

function waiting(statement: Statement, sequence: number, assessment: Assessment): Entry[] {
  return [{ ...words(statement, sequence, assessment), unconfirmed: true }];
}

/** What a standing statement, recorded at `sequence`, contributes to its actor's positions, by proposition. */
export function entriesOf(statement: Statement, sequence: number): Map<PropositionId, Entry[]> {
  return new Map(contributionsOf(statement, sequence));
}

/** The same as a list: most often of one. */
export function contributionsOf(statement: Statement, sequence: number): (readonly [PropositionId, Entry[]])[] {
  const [only, ...others] = statement.assessments;
  if (only !== undefined && others.length === 0) {
    const make = only.confidence < CONFIDENCE_THRESHOLD ? waiting : counting;
    return [[only.proposition, make(statement, sequence, only)]];
  }
  const counted = [...countingAssessments(statement).values()].map(
    (each) => [each.proposition, counting(statement, sequence, each)] as const,
  );
  const waits = waitingAssessments(statement).map(
    (each) => [each.proposition, waiting(statement, sequence, each)] as const,
  );
  return [...counted, ...waits];
}

/** The position that an entry of this statement on this proposition belongs to. */
export function positionOf(statement: Statement, proposition: PropositionId): PositionId {
  return { actor: actorOf(statement), proposition };
}
