import type { StatementId } from "../../domain/ids.ts";
import type { Entry } from "../../domain/position/entry.ts";
import { heldFrom, wordsOf, type FoldState, type Held, type Outcome } from "../../domain/position/fold.ts";
import { isPlaced } from "../../domain/stance.ts";
import type { Instant } from "../../domain/time.ts";
import { entryKeyIn } from "./rows.ts";

/** What is remembered of an announcement: to withdraw it by its id when the record moves. */
export interface Announced {
  id: string;
  number: number;
}

/** A version of one entry of a position: how it stood in the fold, from a sequence number on. */
export interface EntryRow {
  recordedAt: Instant;
  entry: Entry;
  outcome: Outcome;
  /** The fold's state after this entry. */
  state: FoldState;
  announced?: Announced;
  /** The review item that it opened. */
  review?: string;
}

/** From this sequence number on the entry is no longer part of the position. */
export interface GoneRow {
  recordedAt: Instant;
  gone: true;
}

type PackedEntry = Omit<Entry, "key" | "settledAfter"> & Partial<Pick<Entry, "settledAfter">>;
type Moved = Extract<Outcome, { kind: "moved" }>;
type PackedOutcome = Exclude<Outcome, Moved> | Omit<Moved, "to">;

/** Words are kept once each, and those of the entry itself by the moment since when their stance is held. */
export interface PackedRow {
  recordedAt: Instant;
  entry: PackedEntry;
  outcome: PackedOutcome;
  words: (Held | { since: Instant })[];
  /** Places in `words`: held, firm, direct; then the rivals. -1: none. */
  state: number[];
  contests?: FoldState["contests"];
  announced?: Announced;
  review?: string;
}

/** Whether a row holds a condition of a statement: in the entry, or in what it left behind in the fold. */
export function bearsCondition(row: EntryRow | null, statement: StatementId): boolean {
  if (row === null) return false;
  const { entry, outcome, state } = row;
  const { held, firm, direct, rivals, contests } = state;
  const told = outcome.kind === "moved" ? [outcome.from, outcome.to] : [];
  return [entry, ...told, held, firm, direct, ...rivals, ...contests].some(
    (words) => words?.statement === statement && words.condition !== undefined,
  );
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function packWords(held: Held, entry: Entry): Held | { since: Instant } {
  const { stance } = entry;
  const own = isPlaced(stance) && sameJson(heldFrom(entry, stance, held.since), held);
  return own ? { since: held.since } : held;
}

function unpackWords(words: Held | { since: Instant }, entry: Entry): Held {
  if ("statement" in words) return words;
  const { stance } = entry;
  if (!isPlaced(stance)) throw new Error(`an entry without a place on the scale holds words: ${entry.key}`);
  return heldFrom(entry, stance, words.since);
}

/** An entry's row as it is stored: most often below a kilobyte, which is one unit to write. */
export function packEntry({ recordedAt, entry, outcome, state, announced, review }: EntryRow): PackedRow {
  const { key: _key, settledAfter, ...rest } = entry;
  const words: PackedRow["words"] = [];
  const placeOf = (held: Held | null): number => {
    if (held === null) return -1;
    const packed = packWords(held, entry);
    const at = words.findIndex((each) => sameJson(each, packed));
    return at >= 0 ? at : words.push(packed) - 1;
  };
  const places = [state.held, state.firm, state.direct, ...state.rivals].map(placeOf);
  let kept: PackedOutcome = outcome;
  if (outcome.kind === "moved") {
    const { to: _to, ...without } = outcome;
    kept = without;
  }
  return {
    recordedAt,
    entry: { ...rest, ...(settledAfter.length > 0 && { settledAfter }) },
    outcome: kept,
    words,
    state: places,
    ...(state.contests.length > 0 && { contests: state.contests }),
    ...(announced && { announced }),
    ...(review !== undefined && { review }),
  };
}

/** The row that `packEntry` packed; its key stands in the sort key. `null` from where the entry is gone. */
export function unpackEntry(sk: string, body: PackedRow | GoneRow): EntryRow | null {
  if ("gone" in body) return null;
  const { recordedAt, announced, review, contests = [] } = body;
  const entry: Entry = { key: entryKeyIn(sk), settledAfter: [], ...body.entry };
  const at = (place: number | undefined): Held | null => {
    const words = place === undefined ? undefined : body.words[place];
    return words === undefined ? null : unpackWords(words, entry);
  };
  const [held, firm, direct, ...rivals] = body.state;
  const state: FoldState = {
    held: at(held),
    firm: at(firm),
    direct: at(direct),
    contests,
    rivals: rivals.flatMap((place) => at(place) ?? []),
  };
  return {
    recordedAt,
    entry,
    outcome: unpackOutcome(body.outcome, state),
    state,
    ...(announced && { announced }),
    ...(review !== undefined && { review }),
  };
}

/** What moved the position is the position beyond doubt after it. */
function unpackOutcome(outcome: PackedOutcome, { firm }: FoldState): Outcome {
  if (outcome.kind !== "moved") return outcome;
  if (firm === null) throw new Error("a position that moved stands somewhere");
  return { ...outcome, to: wordsOf(firm) };
}
