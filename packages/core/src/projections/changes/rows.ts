import type { Checkpoint, ViewRow } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { sequenceIn, sequenceKey } from "../projection.ts";
import { decodeChanges, encodeChanges, type ChangePosting } from "./posting.ts";

/** The name and prefix of the index of changes. */
export const CHANGES = "changes";

/** Counts the forms of the index's own rows. */
const FORM = 1;
const FORMS_COUNT = 100;

/** The index's revision: with another one of the positions other events may follow from the log, and it is built anew. */
export function changesRevision(ofPositions: number): number {
  return ofPositions * FORMS_COUNT + FORM;
}

/** How far the index tells of what is shown of the positions: not at all, where it was made of another revision's rows. */
export function indexedThrough(index: Checkpoint, { revision }: Checkpoint): number {
  const isOther = revision !== undefined && index.revision !== changesRevision(revision);
  return isOther ? 0 : index.next;
}

/** How the log is cut: leaves of so many events, blocks of so many leaves. */
export interface ChangesShape {
  leafEvents: number;
  blockLeaves: number;
  /** Ids that occur seldom share this many lists; one that occurs more often in a block has its own there. */
  sharedLists: number;
  ownCount: number;
  /** How many of the places that have something open are looked at anew with each block. */
  looksPerBlock: number;
}

/** A list that is shared, or one of an id of its own, then fills about one write unit or more. */
export const CHANGES_SHAPE: ChangesShape = {
  leafEvents: 64,
  blockLeaves: 64,
  sharedLists: 32,
  ownCount: 64,
  looksPerBlock: 1_024,
};

export const changesBlockOf = ({ leafEvents, blockLeaves }: ChangesShape) => leafEvents * blockLeaves;

/** The facts that lists are kept by. */
export const NARROW = ["actor", "proposition"] as const;
export const BROAD = ["type", "change", "reversal", "cause"] as const;
export type Narrow = (typeof NARROW)[number];
export type Broad = (typeof BROAD)[number];

/** What every leaf brought: `<first sequence number of the leaf>#…`. */
export const CHANGE_LEAVES_PK = `${CHANGES}#leaves`;
/** Postings with a letter or a code, block by block: `<first sequence number of the block>#…`. */
export const changeListPk = (fact: Narrow | Broad, code: string) => `${CHANGES}#list#${fact}#${code}`;
/** Postings of ids that are seldom in the block, of all whose code falls here. */
export function sharedListPk(fact: Narrow, code: string, { sharedLists }: ChangesShape): string {
  const [byte = 0] = Buffer.from(code, "base64url");
  return `${CHANGES}#shared#${fact}#${byte % sharedLists}`;
}
/** What may still wait for an editor, by the block that it was asked for in; the newest version of a row counts. */
export const OPEN_PK = `${CHANGES}#open`;

const PART_DIGITS = 3;
/** A posting takes at most 32 bytes: so a row stays well below DynamoDB's 400 KB, whatever an event has led to. */
const PART_POSTINGS = 8_000;

interface ChangesBody {
  postings: string;
}

/** The part of a key that stays when a row gets another version. */
const partStem = (first: number, part: number) => `${sequenceKey(first)}#${String(part).padStart(PART_DIGITS, "0")}`;

/** The same of a row that is there. */
export const partStemIn = (sk: string) => sk.slice(0, sk.lastIndexOf("#"));

/** A row with postings of a leaf or a block, as the log up to `last` makes it. */
export function changesRow(pk: string, stem: string, postings: readonly ChangePosting[], last: number): ViewRow {
  const body: ChangesBody = { postings: encodeChanges(postings, firstIn(stem)) };
  return { pk, sk: `${stem}#${sequenceKey(last)}`, body };
}

/** The same in as many rows as it takes. */
export function changesRows(pk: string, first: number, postings: readonly ChangePosting[], last: number): ViewRow[] {
  const rows: ViewRow[] = [];
  for (let at = 0; at < postings.length; at += PART_POSTINGS) {
    const stem = partStem(first, at / PART_POSTINGS);
    rows.push(changesRow(pk, stem, postings.slice(at, at + PART_POSTINGS), last));
  }
  return rows;
}

/** What tells a derived event from others of its sequence number, at the end of its row's key. */
export const ordinalIn = (sk: string) => Number(sk.slice(sequenceKey(0).length + 1));

/** The first sequence number of the leaf or the block that a row is of. */
export const firstIn = (sk: string) => Number(sk.slice(0, sequenceKey(0).length));

export function changesIn(row: ViewRow): ChangePosting[] {
  return decodeChanges(bodyOf<ChangesBody>(row).postings, firstIn(row.sk));
}

/** Of rows in order the newest version of each part, of those that a smaller sequence number than `before` made. */
export function newestParts(rows: readonly ViewRow[], before: number): Map<string, ChangePosting[]> {
  const parts = new Map<string, ChangePosting[]>();
  for (const row of rows) {
    if (sequenceIn(row.sk) < before) parts.set(partStemIn(row.sk), changesIn(row));
  }
  return parts;
}
