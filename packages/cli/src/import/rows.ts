import { BatchItemInput } from "@on-record/core/commands/inputs";
import { ActorProfile } from "@on-record/core/domain/actor";
import { ActorId, PropositionId } from "@on-record/core/domain/ids";
import { PropositionProfile } from "@on-record/core/domain/proposition";
import { LIMITS } from "@on-record/core/limits";
import type * as z from "zod";
import { linesOf } from "../lines.ts";
import { rowReader, type Kind } from "./columns.ts";
import { csvRecords, headerOf } from "./csv.ts";

/** What a row asks for: a statement as it stands in the file, or a whole profile. */
export type Wish =
  | { kind: "statement"; value: object }
  | { kind: "actor"; id: string; value: ActorProfile }
  | { kind: "proposition"; id: string; value: PropositionProfile };

/** A row of the file that was read: what it asks for, or what is wrong with it. */
export type Row = { line: number; wish: Wish } | { line: number; flaw: string };

/** How a file is to be read. */
export interface Reading {
  path: string;
  format: "jsonl" | "csv";
  /** Of a CSV file's rows. */
  kind: Kind;
  map: ReadonlyMap<string, string>;
}

const ActorInput = ActorProfile.extend({ id: ActorId });
const PropositionInput = PropositionProfile.extend({ id: PropositionId });
const PROBLEMS_COUNT = 5;

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${path === "" ? key : `${path}.${key}`} is not a known field`).join("; ");
  const isLacking = issue.code === "invalid_type" && issue.message.endsWith("received undefined");
  const message = isLacking ? "is required" : issue.message;
  return path === "" ? message : `${path}: ${message}`;
}

function problemsOf({ issues }: z.ZodError): string {
  return issues.slice(0, PROBLEMS_COUNT).map(problemOf).join("; ");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function actorIn(value: object): Wish | string {
  const read = ActorInput.safeParse(value);
  if (!read.success) return problemsOf(read.error);
  const { id, ...profile } = read.data;
  return { kind: "actor", id, value: profile };
}

function propositionIn(value: object): Wish | string {
  const read = PropositionInput.safeParse(value);
  if (!read.success) return problemsOf(read.error);
  const { id, ...profile } = read.data;
  return { kind: "proposition", id, value: profile };
}

function statementIn(value: object): Wish | string {
  const read = BatchItemInput.safeParse(value);
  return read.success ? { kind: "statement", value } : problemsOf(read.error);
}

const READERS = { statement: statementIn, actor: actorIn, proposition: propositionIn } as const;

/** Reads what a row asks for; the schemas are those of the API. */
function wishOf(kind: Wish["kind"], value: unknown): Wish | string {
  return isObject(value) ? READERS[kind](value) : "is not an object";
}

/** A line of JSON Lines: a statement as it is posted, or an actor or proposition under its name. */
function wishIn(text: string): Wish | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "is not JSON";
  }
  if (!isObject(value)) return "is not an object";
  const named = (["actor", "proposition", "statement"] as const).find((name) => Object.hasOwn(value, name));
  if (named === undefined) return wishOf("statement", value);
  const others = Object.keys(value).filter((name) => name !== named);
  return others.length > 0 ? `${others.join(", ")} cannot stand beside ${named}` : wishOf(named, value[named]);
}

function rowOf(line: number, wish: Wish | string): Row {
  return typeof wish === "string" ? { line, flaw: wish } : { line, wish };
}

async function* jsonRows(path: string): AsyncGenerator<Row> {
  for await (const { number, text, flaw } of linesOf(path, { maxBytes: LIMITS.bodyBytes })) {
    const line = number === 1 ? text?.replace(/^\uFEFF/, "") : text;
    if (line === null || line === undefined) yield { line: number, flaw: flaw ?? "cannot be read" };
    else if (line.trim() !== "") yield rowOf(number, wishIn(line));
  }
}

const SINGULAR = { statements: "statement", actors: "actor", propositions: "proposition" } as const;

async function* csvRows({ path, kind, map }: Reading): AsyncGenerator<Row> {
  const records = csvRecords(path, { maxBytes: LIMITS.bodyBytes });
  const first = await records.next();
  const header = headerOf(first.done === true ? undefined : first.value);
  const read = rowReader(kind, header, map);
  for await (const { line, cells, flaw } of records) {
    if (cells === null) yield { line, flaw: flaw ?? "cannot be read" };
    else if (cells.length !== header.length)
      yield { line, flaw: `has ${cells.length} cells, and there are ${header.length} columns` };
    else yield rowOf(line, wishOf(SINGULAR[kind], read(cells)));
  }
}

/** The rows of a file, one after the other; each is read by itself, and one spoils no other. */
export function rowsOf(reading: Reading): AsyncGenerator<Row> {
  return reading.format === "csv" ? csvRows(reading) : jsonRows(reading.path);
}
