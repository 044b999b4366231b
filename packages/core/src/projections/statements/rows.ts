import { sequenceKey } from "../projection.ts";
import type { Order } from "./posting.ts";

/** The name and prefix of the statements' index. */
export const STATEMENTS = "statements";

/** How the log is cut: leaves of so many events, blocks of so many leaves. */
export interface Shape {
  leafEvents: number;
  blockLeaves: number;
  /** A code with more postings than this in one bucket of a block has no list there: the list of all is read. */
  denseCount: number;
}

/**
 * A leaf is what a reader takes from the log at most, when it is not complete yet. A block is as long as keeps the
 * lists of codes that occur a few times in it within about one write unit each.
 */
export const SHAPE: Shape = { leafEvents: 64, blockLeaves: 64, denseCount: 256 };

export const blockEventsOf = ({ leafEvents, blockLeaves }: Shape) => leafEvents * blockLeaves;

const PART_DIGITS = 3;
/** Every sort key ends so: the part of a row that was too long for one, and the last sequence number of its block. */
export const ending = (part: number, last: number) => `${String(part).padStart(PART_DIGITS, "0")}#${sequenceKey(last)}`;

/** What every leaf brought, in the log's order: `<first sequence number of the leaf>#…`. */
export const LEAVES_PK = `${STATEMENTS}#leaves`;
/** What later leaves brought of statements recorded in earlier ones: `<first of the leaf of the recording>#…`. */
export const STRAYS_PK = `${STATEMENTS}#strays`;
/** When leaves began: `<recordedAt of the first event>#<its sequence number>`. */
export const TIMES_PK = `${STATEMENTS}#times`;

/** The code that every statement has. */
export const ALL = "all";

/**
 * Postings with a code in an order: `<bucket>#…`. A bucket of the order of recording is a block, named by its first
 * sequence number; one of the order of saying a quarter of a year, named by its first month.
 */
export const indexPk = (order: Order, code: string) => `${STATEMENTS}#${order}#${code}`;
/** All postings of a quarter in the order of saying: `<day>#…`. */
export const daysPk = (quarter: string) => `${STATEMENTS}#days#${quarter}`;

const YEAR_CHARS = "2025".length;
const MONTH_CHARS = "2025-07".length;
export const DAY_CHARS = "2025-07-18".length;
const QUARTER_MONTHS = 3;

const monthKey = (year: string, month: number) => `${year}-${String(month).padStart(2, "0")}`;

/** The first month of the quarter that a time falls into; of a text that names no month, the text. */
function quarterOf(said: string): string {
  const year = said.slice(0, YEAR_CHARS);
  const month = Number(said.slice(YEAR_CHARS + 1, MONTH_CHARS));
  if (!(month >= 1)) return said;
  return monthKey(year, month - ((month - 1) % QUARTER_MONTHS));
}

/** The last month of a quarter. */
export function lastMonthOf(quarter: string): string {
  const month = Number(quarter.slice(YEAR_CHARS + 1));
  return monthKey(quarter.slice(0, YEAR_CHARS), month + QUARTER_MONTHS - 1);
}

/** The bucket of a key in its order. */
export function bucketIn(order: Order, key: string, shape: Shape): string {
  if (order === "said") return quarterOf(key);
  const size = blockEventsOf(shape);
  return sequenceKey(Math.floor(Number(key) / size) * size);
}

/** The first sequence number of the leaf that holds one. */
export function leafOf(sequence: number, { leafEvents }: Shape): number {
  return Math.floor(sequence / leafEvents) * leafEvents;
}

export interface PostingsBody {
  postings: string[];
}

/** In place of postings: they are many, and stand in the list of all. */
export type IndexBody = PostingsBody | { dense: true };
