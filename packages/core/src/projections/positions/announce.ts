import { createHash } from "node:crypto";
import type { StatementId } from "../../domain/ids.ts";
import type { Entry, PositionId } from "../../domain/position/entry.ts";
import type { Contest, Outcome, Words } from "../../domain/position/fold.ts";
import { base32, canonicalJson } from "../../log/digest.ts";
import { sequenceKey } from "../projection.ts";
import { DerivedEvent, type Cause, type ReviewReason } from "./derived.ts";
import type { Difference, Refold, Refolded, Trigger } from "./refold.ts";
import type { Announced } from "./entry-form.ts";

type Moved = Extract<Outcome, { kind: "moved" }>;

/** What folding anew gives the world to know, and what each entry remembers of it, by the entry's key. */
export interface Announcements {
  events: DerivedEvent[];
  announced: Map<string, Announced>;
  /** The review item that stands for the entry: the sequence and id of the event that asked for it. */
  reviews: Map<string, string>;
}

const RETRACTIONS = new Set<Trigger["type"]>(["ReportWithdrawn", "StatementWithdrawn", "StatementMerged"]);
const SETTLEMENTS = new Set<Trigger["type"]>(["OrderSettled", "DelegationSettled", "ConditionMet"]);

/** Why the record of this position moved. A first say on a proposition is news, wherever it comes from. */
export function causeOf({ removed }: Difference, trigger: Trigger, followed: boolean): Cause {
  if (RETRACTIONS.has(trigger.type)) return "retraction";
  if (SETTLEMENTS.has(trigger.type)) return "settlement";
  const assessed = trigger.type === "StatementAssessed" && removed.every((entry) => entry.unconfirmed === true);
  if (trigger.type === "StatementRecorded" || assessed) return followed ? "late_record" : "new_statement";
  return "correction";
}

/** Words as the world is told of them. */
function toldOf({ statement, stance, condition, force }: Words) {
  return { statement, stance, ...(condition !== undefined && { condition }), force };
}

/** What a change says, without its place in time and log: the same content is the same change. */
function contentOf(entry: Entry, { change, reversal, from, to }: Moved) {
  return {
    statement: entry.statement,
    kind: entry.kind,
    speaker: entry.speaker,
    saidFrom: entry.from,
    change,
    reversal,
    previous: from && toldOf(from),
    current: toldOf(to),
  };
}

/** What an editor is to look at, and the other statement where an order is in question. */
interface ReviewNeed {
  reason: ReviewReason;
  against?: StatementId;
}

function reviewOf({ unconfirmed, stance, erased }: Entry, outcome: Outcome): ReviewNeed | undefined {
  // Of the two in question, the other can still be placed; all else is asked of the one that is erased.
  if (erased && outcome.kind !== "provisional") return undefined;
  if (unconfirmed) return { reason: "unconfirmed" };
  if (outcome.kind === "noted") return stance === "unclear" ? { reason: "unclear" } : undefined;
  if (outcome.kind === "contested") return { reason: "contested" };
  if (outcome.kind === "provisional") return { reason: "order", against: outcome.against };
  return outcome.replacedCondition ? { reason: "condition_replaced" } : undefined;
}

/** A derived event without what somebody said: whoever guesses that could tell by its hash that they were right. */
function withoutWords(content: object): unknown {
  return JSON.parse(
    JSON.stringify(content, (key, value: unknown) => (key === "condition" || key === "cue" ? undefined : value)),
  );
}

/** Numbers and names the derived events of one position, as one event of the log makes them. */
class Herald {
  readonly events: DerivedEvent[] = [];
  readonly #common: { actor: string; proposition: string; sequence: number; recordedAt: string; cause: Cause };
  #number: number;

  constructor(position: PositionId, trigger: Trigger, cause: Cause, number: number) {
    const { sequence, recordedAt } = trigger;
    this.#common = { ...position, sequence, recordedAt, cause };
    this.#number = number;
  }

  say(type: DerivedEvent["type"], content: object): Announced {
    this.#number += 1;
    const { actor, proposition, sequence } = this.#common;
    const number = this.#number;
    const named = canonicalJson({ actor, proposition, sequence, number, type, content: withoutWords(content) });
    const id = `dv_${base32(createHash("sha256").update(named).digest(), 26)}`;
    this.events.push(DerivedEvent.parse({ type, id, schemaVersion: 1, ...this.#common, number, ...content }));
    return { id, number };
  }
}

function withdrawAndChange(herald: Herald, changed: readonly Refolded[]): Map<string, Announced> {
  const standing = new Map<string, { announced: Announced; entry: Entry; outcome: Moved }>();
  for (const { before } of changed) {
    if (before?.announced && before.outcome.kind === "moved") {
      const { announced, entry, outcome } = before;
      standing.set(JSON.stringify(contentOf(entry, outcome)), { announced, entry, outcome });
    }
  }
  const kept = new Map<string, Announced>();
  const fresh: { entry: Entry; outcome: Moved }[] = [];
  for (const { after } of changed) {
    if (after?.outcome.kind !== "moved") continue;
    const { entry, outcome } = after;
    const content = JSON.stringify(contentOf(entry, outcome));
    const same = standing.get(content);
    if (same === undefined) fresh.push({ entry, outcome });
    else kept.set(entry.key, same.announced);
    standing.delete(content);
  }
  for (const { announced, entry, outcome } of standing.values()) {
    const { change, reversal } = outcome;
    herald.say("PositionChangeWithdrawn", { statement: entry.statement, withdraws: announced.id, change, reversal });
  }
  for (const { entry, outcome } of fresh) {
    const { kind: _kind, ...content } = contentOf(entry, outcome);
    const { evidence, cue } = entry;
    const told = {
      ...content,
      ...(evidence && { evidence }),
      ...(cue !== undefined && { cue }),
    };
    kept.set(entry.key, herald.say("PositionChanged", told));
  }
  return kept;
}

function contestContent({ statement, speaker, stance, condition, change, reversal }: Contest) {
  return { statement, speaker, stance, ...(condition !== undefined && { condition }), change, reversal };
}

/** Contests count at the tip only: one that was over before it was known is no news. */
function contestsOpenAndEnd(herald: Herald, { changed, tip }: Refold, cause: Cause): void {
  const open = new Set(tip.after.contests.map((contest) => JSON.stringify(contestContent(contest))));
  const were = new Set(tip.before.contests.map((contest) => JSON.stringify(contestContent(contest))));
  for (const contest of tip.before.contests) {
    if (open.has(JSON.stringify(contestContent(contest)))) continue;
    const altered = changed.find(({ before }) => before?.entry.statement === contest.statement);
    const opensAnew = tip.after.contests.some(({ statement }) => statement === contest.statement);
    // Where the words are judged as before, what ended the contest are words of the actor that came in behind them.
    const recordMoved = altered !== undefined && (opensAnew || altered.after?.outcome.kind !== "contested");
    const news = cause === "new_statement" || cause === "late_record" || cause === "revision";
    const how = news || !recordMoved ? "actor_spoke" : cause;
    herald.say("PositionContestEnded", { statement: contest.statement, how });
  }
  for (const contest of tip.after.contests) {
    const content = contestContent(contest);
    if (!were.has(JSON.stringify(content))) herald.say("PositionContested", content);
  }
}

function requestReviews(herald: Herald, trigger: Trigger, changed: readonly Refolded[]): Map<string, string> {
  const reviews = new Map<string, string>();
  for (const { before, after } of changed) {
    if (after === null) continue;
    const { entry, outcome } = after;
    const need = reviewOf(entry, outcome);
    if (need === undefined) continue;
    const asked = before?.review === undefined ? undefined : reviewOf(before.entry, before.outcome);
    if (before?.review !== undefined && asked?.reason === need.reason && asked.against === need.against) {
      reviews.set(entry.key, before.review);
      continue;
    }
    const { id } = herald.say("ReviewRequested", { statement: entry.statement, ...need });
    reviews.set(entry.key, `${sequenceKey(trigger.sequence)}-${id}`);
  }
  return reviews;
}

/**
 * Compares what was announced of a position with what is now so: first what no longer stands is withdrawn, then
 * changes in the order of the fold, then contests, then what waits for an editor. `number` is the last one used.
 */
export function announce(difference: Difference, trigger: Trigger, refold: Refold, number: number): Announcements {
  const cause = causeOf(difference, trigger, refold.followed);
  const herald = new Herald(difference.position, trigger, cause, number);
  const announced = withdrawAndChange(herald, refold.changed);
  contestsOpenAndEnd(herald, refold, cause);
  const reviews = requestReviews(herald, trigger, refold.changed);
  return { events: herald.events, announced, reviews };
}
