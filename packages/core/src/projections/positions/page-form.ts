import { StatementId } from "../../domain/ids.ts";
import type { PlacedStance, Stance } from "../../domain/stance.ts";
import { instantOf, type Instant } from "../../domain/time.ts";
import { sequenceKey } from "../projection.ts";

/** Where the position stands after an entry, without the words: those are read from the statement. */
export interface Standpoint {
  statement: StatementId;
  stance: PlacedStance;
  since: Instant;
  /** The stance depends on the condition that the statement's words carry. */
  conditional: boolean;
  /** The entry's own row says by what. */
  contested: boolean;
  provisional: boolean;
}

/** One entry of a position as its timeline lists it: enough to say where the actor stood, and where to read more. */
export interface TimelineItem {
  /** The entry's key: places it in the order of the fold. */
  key: string;
  /** The event that made this version of the entry. */
  sequence: number;
  standpoint: Standpoint | null;
}

/** An item as it is stored: key, sequence, then the standpoint: statement, stance, since (0: with the key), marks. */
export type PackedItem = [string, number] | [string, number, string, number, string | 0, number];

const RADIX = 36;
const INSTANT_CHARS = 24;
const STANCES = ["committed", "leaning_for", "open", "leaning_against", "ruled_out"] as const satisfies Stance[];
const CONDITIONAL = 1;
const CONTESTED = 2;
const PROVISIONAL = 4;

const shortInstant = (instant: string) => Date.parse(instant).toString(RADIX);
const longInstant = (short: string) => instantOf(Number.parseInt(short, RADIX));

/** A key in a third of its length. Short keys do not sort: they are for storing and naming. `""` stays. */
export function shortKey(key: string): string {
  if (key === "") return "";
  const [place = "", rank = "", sequence = ""] = key.split("|");
  const behind = place.slice(INSTANT_CHARS);
  return `${shortInstant(place.slice(0, INSTANT_CHARS))}${behind}|${rank}|${Number(sequence).toString(RADIX)}`;
}

/** The key of a short key. */
export function longKey(short: string): string {
  if (short === "") return "";
  const [place = "", rank = "", sequence = ""] = short.split("|");
  const instant = place.replaceAll("~", "");
  return `${longInstant(instant)}${place.slice(instant.length)}|${rank}|${sequenceKey(Number.parseInt(sequence, RADIX))}`;
}

export function packItem({ key, sequence, standpoint }: TimelineItem): PackedItem {
  if (standpoint === null) return [shortKey(key), sequence];
  const { statement, stance, since, conditional, contested, provisional } = standpoint;
  const marks = (conditional ? CONDITIONAL : 0) | (contested ? CONTESTED : 0) | (provisional ? PROVISIONAL : 0);
  const sinceKey = key.startsWith(since) ? 0 : shortInstant(since);
  return [shortKey(key), sequence, statement, STANCES.indexOf(stance), sinceKey, marks];
}

export function unpackItem([short, sequence, statement, stance, since, marks = 0]: PackedItem): TimelineItem {
  const key = longKey(short);
  const placed = stance === undefined ? undefined : STANCES[stance];
  if (statement === undefined || placed === undefined) return { key, sequence, standpoint: null };
  const standpoint = {
    statement: StatementId.parse(statement),
    stance: placed,
    since: longInstant(since === 0 || since === undefined ? shortInstant(key.slice(0, INSTANT_CHARS)) : since),
    conditional: (marks & CONDITIONAL) !== 0,
    contested: (marks & CONTESTED) !== 0,
    provisional: (marks & PROVISIONAL) !== 0,
  };
  return { key, sequence, standpoint };
}
