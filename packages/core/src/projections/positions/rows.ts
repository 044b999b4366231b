import { ActorId, PropositionId } from "../../domain/ids.ts";
import type { PositionId } from "../../domain/position/entry.ts";
import { sequenceKey } from "../projection.ts";

/** The name and prefix of the positions. */
export const POSITIONS = "positions";

/** Derived events are spread over partitions of this many sequence numbers. */
const BUCKET_EVENTS = 1_000;

/** Partition of a statement's versions; sort key: the moment that made each. */
export const statementPk = (statement: string) => `${POSITIONS}#statement#${statement}`;

/** Statements merged into one that had not entered the log yet. Sort key: the sequence of the merge. */
export const awaitedPk = (statement: string) => `${POSITIONS}#awaited#${statement}`;

/** Partition of a position. */
export const positionPk = ({ actor, proposition }: PositionId) => `${POSITIONS}#position#${actor}#${proposition}`;
/** The position that a partition is of; `null` for another partition. */
export function positionIn(pk: string): PositionId | null {
  const [view, kind, actor, proposition] = pk.split("#");
  if (view !== POSITIONS || kind !== "position") return null;
  return { actor: ActorId.parse(actor), proposition: PropositionId.parse(proposition) };
}

/** An entry's versions stand together, oldest first: `e#<key>#<sequence>`. */
export const entrySk = (key: string, sequence: number) => `e#${key}#${sequenceKey(sequence)}`;
export const isEntrySk = (sk: string) => sk.startsWith("e#");
export const entryKeyIn = (sk: string) => sk.slice(2, sk.lastIndexOf("#"));
/** Bounds for entries: from a key on, and through everything that begins with a key. */
export const entriesFrom = (key: string) => `e#${key}`;
export const entriesThrough = (key: string) => `e#${key}\u{10FFFF}`;

/** Versions of a page of the timeline, by the short key that it begins with, and of the list of pages. */
export const pageStem = (start: string) => `p#${start}#`;
export const DIRECTORY_STEM = "r#";

/** Partition that lists on which propositions an actor has a position, and the reverse. Sort key: the other's id. */
export const actorIndexPk = (actor: string) => `${POSITIONS}#of-actor#${actor}`;
export const propositionIndexPk = (proposition: string) => `${POSITIONS}#on-proposition#${proposition}`;

/** Derived events in the order of the log: `<sequence>#<ordinal>`. */
export const derivedPk = (sequence: number) => `${POSITIONS}#derived#${Math.floor(sequence / BUCKET_EVENTS)}`;
/** The first sequence number of the partition behind the one that a sequence number falls into. */
export const nextDerivedBucket = (sequence: number) => (Math.floor(sequence / BUCKET_EVENTS) + 1) * BUCKET_EVENTS;
export const derivedSk = (sequence: number, ordinal: number) =>
  `${sequenceKey(sequence)}#${String(ordinal).padStart(5, "0")}`;
/** The sequence number that a derived event's sort key begins with. */
export const derivedSequenceIn = (sk: string) => Number(sk.slice(0, sequenceKey(0).length));

/** Everything that waits or waited for an editor; an item's versions stand together: `<item>#<sequence>`. */
export const REVIEW_PK = `${POSITIONS}#review`;
export const reviewSk = (item: string, sequence: number) => `${item}#${sequenceKey(sequence)}`;
