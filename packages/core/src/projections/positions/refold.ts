import type { StatementId } from "../../domain/ids.ts";
import type { Entry, PositionId } from "../../domain/position/entry.ts";
import { challengerOf, NO_POSITION, stepPosition, type FoldState, type Step } from "../../domain/position/fold.ts";
import type { Instant } from "../../domain/time.ts";
import type { StatementEvent } from "../../domain/statement/events.ts";
import { sameJson } from "../../domain/same-json.ts";
import { bearsCondition, type EntryRow } from "./entry-form.ts";
import type { Timeline } from "./timeline.ts";

/** The event that moves the record. */
export interface Trigger {
  type: StatementEvent["type"];
  sequence: number;
  recordedAt: Instant;
  statement: StatementId;
}

/** What one event takes from and brings to one position. */
export interface Difference {
  position: PositionId;
  removed: readonly Entry[];
  added: readonly Entry[];
}

/** One entry before and after: `before` is its row as it stood, `after` how it stands now. */
export interface Refolded {
  before: EntryRow | null;
  after: ({ entry: Entry } & Step) | null;
}

/** What folding anew has altered, in the order of the fold. */
export interface Refold {
  changed: Refolded[];
  /** The state after the last entry, before and after. */
  tip: { before: FoldState; after: FoldState };
  /** Whether entries that stood before lie behind what the event brought. */
  followed: boolean;
  /** Whether the position never had an entry. */
  isNew: boolean;
}

/** No span of time that an utterance can have is longer than this: a day, with the largest shifts of zones. */
const LONGEST_SPAN_MS = 48 * 3_600_000;

/** The entries of a position from a point on, as the event leaves them, read ahead as far as is asked. */
class Upcoming {
  readonly #stored: AsyncGenerator<EntryRow>;
  readonly #removed: Set<string>;
  readonly #added: Entry[];
  readonly #queue: { key: string; entry: Entry | null; before: EntryRow | null }[] = [];
  #peeked: EntryRow | null = null;
  #ended = false;

  constructor(stored: AsyncGenerator<EntryRow>, { removed, added }: Difference) {
    this.#stored = stored;
    this.#added = added.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const kept = new Set(added.map((entry) => entry.key));
    this.#removed = new Set(removed.map((entry) => entry.key).filter((key) => !kept.has(key)));
  }

  async #peek(): Promise<EntryRow | null> {
    if (this.#peeked === null && !this.#ended) {
      const next = await this.#stored.next();
      if (next.done) this.#ended = true;
      else this.#peeked = next.value;
    }
    return this.#peeked;
  }

  async #read(): Promise<boolean> {
    const stored = await this.#peek();
    const added = this.#added[0];
    if (added !== undefined && (stored === null || added.key <= stored.entry.key)) {
      this.#added.shift();
      const replaces = stored?.entry.key === added.key;
      this.#queue.push({ key: added.key, entry: added, before: replaces ? stored : null });
      if (replaces) this.#peeked = null;
      return true;
    }
    if (stored === null) return false;
    this.#peeked = null;
    const { entry } = stored;
    this.#queue.push({ key: entry.key, entry: this.#removed.has(entry.key) ? null : entry, before: stored });
    return true;
  }

  async next() {
    if (this.#queue.length === 0) await this.#read();
    const item = this.#queue.shift();
    if (item !== undefined) this.#removed.delete(item.key);
    return item;
  }

  /** Reads ahead until an entry begins at or behind `until`. */
  async readThrough(until: Instant): Promise<void> {
    while (!this.#queue.some(({ entry }) => entry !== null && entry.from >= until)) {
      if (!(await this.#read())) return;
    }
  }

  *entries(): Generator<Entry> {
    for (const { entry } of this.#queue) if (entry !== null) yield entry;
  }

  /** Whether everything that the event takes or brings has been passed. */
  get settled(): boolean {
    return (
      this.#added.length === 0 &&
      this.#removed.size === 0 &&
      this.#queue.every(({ entry, before }) => before !== null && entry === before.entry)
    );
  }
}

function isUnaltered(before: EntryRow | null, entry: Entry, { state, outcome }: Step): boolean {
  return (
    before !== null &&
    sameJson(before.entry, entry) &&
    sameJson(before.state, state) &&
    sameJson(before.outcome, outcome)
  );
}

/**
 * Where folding anew begins. A statement just recorded has the highest sequence number of all and so challenges
 * nothing before it; a change to an older one may alter how entries fared whose span reaches up to it.
 */
function startOf({ removed, added }: Difference, trigger: Trigger): string {
  const keys = [...removed, ...added].map((entry) => entry.key);
  const first = keys.reduce((a, b) => (a < b ? a : b));
  if (trigger.type === "StatementRecorded") return first;
  return new Date(Date.parse(first.slice(0, 24)) - LONGEST_SPAN_MS).toISOString();
}

/**
 * Folds a position anew from the first entry that the event touches, until entry and state are again as they
 * stood: one more statement at the end costs the same however long the history, a late one what it alters.
 */
export async function refoldPosition(difference: Difference, trigger: Trigger, timeline: Timeline): Promise<Refold> {
  const start = startOf(difference, trigger);
  const last = await timeline.lastBefore(start);
  const before = last && (await timeline.entry(last));
  let state = before?.state ?? NO_POSITION;
  let tipBefore = state;
  let followed = false;
  const isNew = (await timeline.starts()).length === 0;
  const changed: Refolded[] = [];
  const upcoming = new Upcoming(timeline.entriesFrom(start), difference);
  for (let item = await upcoming.next(); item !== undefined; item = await upcoming.next()) {
    if (item.before !== null) {
      tipBefore = item.before.state;
    }
    if (item.entry === null) {
      changed.push({ before: item.before, after: null });
      continue;
    }
    await upcoming.readThrough(item.entry.until);
    const step = stepPosition(state, item.entry, challengerOf(item.entry, upcoming.entries()));
    ({ state } = step);
    // What comes behind a tombstone reads no words that are still to leave the rows before it.
    const isWritten = trigger.type === "StatementErased" && bearsCondition(item.before, trigger.statement);
    if (isWritten || !isUnaltered(item.before, item.entry, step)) {
      changed.push({ before: item.before, after: { entry: item.entry, ...step } });
    } else if (upcoming.settled) {
      return { changed, tip: { before: NO_POSITION, after: NO_POSITION }, followed: true, isNew: false };
    }
    if (item.entry.statement !== trigger.statement && upcoming.settled) followed = true;
  }
  return { changed, tip: { before: tipBefore, after: state }, followed, isNew };
}
