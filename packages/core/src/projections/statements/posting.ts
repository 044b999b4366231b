import { createHash } from "node:crypto";
import { publisherKey } from "../../domain/statement/parts.ts";
import { actorOf, isDirect, standingReports, type Statement } from "../../domain/statement/state.ts";
import { readingsOf, statementStatus } from "../../domain/statement/status.ts";
import { sequenceKey } from "../projection.ts";

/**
 * What the index knows of a statement as of one event: where it stands in both orders, and its facts as codes. A later
 * event that alters any of it makes another posting; so a statement's newest posting tells what it is now, and those
 * before it are stale. Readers look at the statement itself before they answer.
 */
export interface Posting {
  /** Of the statement's recording. */
  sequence: number;
  /** Of the recording: an instant. */
  recordedAt: string;
  /** The beginning of its saidAt: an instant. */
  said: string;
  /** The statement's id. */
  id: string;
  /** Who recorded it. */
  by: string;
  /** Codes that lead to it. */
  indexed: readonly string[];
  /** Codes that only tell it from others. */
  also: readonly string[];
}

/** What is known of a statement's recording, whatever happened to it since. */
export interface Recording {
  sequence: number;
  recordedAt: string;
  by: string;
}

/** What a code can stand for. */
export type Fact = "actor" | "speaker" | "proposition" | "reading" | "stance" | "publisher" | "recordedBy" | "status";

const CODE_CHARS = 4;

/** A fact in 24 bits. Two that share a code only cost a look at a statement that is then left out. */
export function codeOf(fact: Fact, value: string): string {
  return createHash("sha256").update(`${fact}\0${value}`).digest("base64url").slice(0, CODE_CHARS);
}

/** How a stance on a proposition is named as one fact. */
export const readingKey = (proposition: string, stance: string) => `${proposition}|${stance}`;

export function postingOf(statement: Statement, recording: Recording): Posting {
  const readings = readingsOf(statement);
  const status = statementStatus(statement);
  const speaker = codeOf("speaker", statement.speaker);
  const indexed = [
    codeOf("actor", actorOf(statement)),
    // Who speaks for itself is found as the actor: most statements then stand in one list less.
    ...(isDirect(statement) ? [] : [speaker]),
    ...readings.flatMap(({ proposition, stance }) => [codeOf("proposition", proposition), codeOf("stance", stance)]),
    ...standingReports(statement).map(({ publisher }) => codeOf("publisher", publisherKey(publisher))),
    codeOf("recordedBy", recording.by),
    // Nearly all stand: a list of them would be as long as the ledger.
    ...(status === "standing" ? [] : [codeOf("status", status)]),
  ];
  const also = [
    ...(isDirect(statement) ? [speaker] : []),
    ...readings.map(({ proposition, stance }) => codeOf("reading", readingKey(proposition, stance))),
  ];
  return {
    ...recording,
    said: statement.saidAt.from,
    id: statement.id,
    indexed: [...new Set(indexed)],
    also: [...new Set(also)],
  };
}

const RADIX = 36;
const ID_PREFIX = "st_";

/** A posting as one short text: thousands of them are read for a page. */
export function encodePosting({ sequence, recordedAt, said, id, by, indexed, also }: Posting): string {
  const numbers = [sequence, Date.parse(recordedAt), Date.parse(said)].map((number) => number.toString(RADIX));
  return [...numbers, id.slice(ID_PREFIX.length), by, indexed.join(""), also.join("")].join(" ");
}

function codesIn(text: string): string[] {
  const codes: string[] = [];
  for (let at = 0; at < text.length; at += CODE_CHARS) codes.push(text.slice(at, at + CODE_CHARS));
  return codes;
}

export function decodePosting(text: string): Posting {
  const [sequence = "", recordedAt = "", said = "", id = "", by = "", indexed = "", also = ""] = text.split(" ");
  const instant = (digits: string) => new Date(Number.parseInt(digits, RADIX)).toISOString();
  return {
    sequence: Number.parseInt(sequence, RADIX),
    recordedAt: instant(recordedAt),
    said: instant(said),
    id: `${ID_PREFIX}${id}`,
    by,
    indexed: codesIn(indexed),
    also: codesIn(also),
  };
}

/** The two orders that statements are listed in. */
export type Order = "recorded" | "said";

/** Where a posting stands in an order: sorts as text, and no two statements share one. */
export function keyOf(order: Order, { sequence, said }: Pick<Posting, "sequence" | "said">): string {
  return order === "recorded" ? sequenceKey(sequence) : `${said}#${sequenceKey(sequence)}`;
}
