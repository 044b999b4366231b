import type { StatementId } from "@on-record/core/domain/ids";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { evolveStatement, standingReports, type Statement } from "@on-record/core/domain/statement/state";
import { readingsOf, statementStatus } from "@on-record/core/domain/statement/status";
import type { LogEntry } from "@on-record/core/log/envelope";
import { storedEventOf, type ExportLine } from "@on-record/core/log/export-line";
import { readEvent } from "@on-record/core/log/upcast";
import { csvLine } from "../csv-write.ts";
import { Failure } from "../io.ts";
import { jsonText } from "../text.ts";

const WHO_COLUMNS = [
  "sequence",
  "recordedAt",
  "recordedBy",
  "type",
  "stream",
  "version",
  "event",
  "receivedAt",
] as const;

function whoOf({ sequence, recordedAt, recordedBy, type, stream, version, id, receivedAt }: LogEntry) {
  return { sequence, recordedAt, recordedBy, type, stream, version, event: id, receivedAt };
}

export const whoCsvHead = (): string => csvLine(WHO_COLUMNS);

export function whoCsvLine(entry: LogEntry): string {
  const row = whoOf(entry);
  return csvLine(WHO_COLUMNS.map((column) => row[column]));
}

export function whoJsonLine(entry: LogEntry): string {
  return `${jsonText(whoOf(entry))}\n`;
}

const STATEMENT_COLUMNS = [
  "sequence",
  "recordedAt",
  "recordedBy",
  "statement",
  "status",
  "speaker",
  "onBehalfOf",
  "saidAt",
  "precision",
  "saidFrom",
  "saidUntil",
  "language",
  "text",
  "assessments",
  "publishers",
  "urls",
  "disputes",
  "events",
] as const;

interface Recorded {
  entry: LogEntry;
  statement: Statement;
  events: number;
}

/** The statement behind an event; throws a `Failure` where the ledger was damaged so that there is none. */
function after(before: Statement | null, line: ExportLine): Statement {
  const { id, sequence, version, recordedBy } = line.entry;
  try {
    const event = readEvent(storedEventOf(line));
    const statement = isOfStatement(event) ? evolveStatement(before, { ...event, version, recordedBy }) : null;
    if (statement !== null) return statement;
  } catch (error) {
    throw unreadable(`event ${sequence} (${id})`, error);
  }
  throw unreadable(`event ${sequence} (${id})`);
}

function unreadable(event: string, cause?: unknown): Failure {
  const message = `what ${event} says cannot be read, so there can be no table of it: --format jsonl exports without tables, and on-record verify tells what was altered`;
  return new Failure(message, { cause });
}

/** Every statement as it stands at the end of the lines that went in; one row of memory a statement. */
export class StatementsTable {
  readonly #statements = new Map<string, Recorded>();

  /** Takes in a line, in the order of the log. What is not of a statement is passed over. */
  add(line: ExportLine): void {
    const { entry } = line;
    if (!entry.stream.startsWith("statement/")) return;
    const known = this.#statements.get(entry.stream);
    const statement = after(known?.statement ?? null, line);
    this.#statements.set(entry.stream, { entry: known?.entry ?? entry, statement, events: entry.version });
  }

  *rows(): Generator<string> {
    yield csvLine(STATEMENT_COLUMNS);
    const into = new Set<StatementId>();
    for (const { statement } of this.#statements.values()) if (statement.merged) into.add(statement.merged.into);
    for (const recorded of this.#statements.values()) yield rowOf(recorded, into);
  }
}

type LedgerEvent = ReturnType<typeof readEvent>;
type StatementEvent = Parameters<typeof evolveStatement>[1];

function isOfStatement(event: LedgerEvent): event is Extract<LedgerEvent, Pick<StatementEvent, "type">> {
  return !/^(Actor|Proposition)/.test(event.type);
}

/** Reports of a statement that was merged into this one stand behind it: with some it cannot be unreported. */
function statusOf(statement: Statement, into: ReadonlySet<StatementId>): string {
  return statement.erased !== undefined ? "erased" : statementStatus(statement, into.has(statement.id) ? 1 : 0);
}

function rowOf({ entry, statement, events }: Recorded, into: ReadonlySet<StatementId>): string {
  const { id, speaker, onBehalfOf, saidAt, language, text, disputes } = statement;
  const reports = standingReports(statement);
  const publishers = new Map(reports.map(({ publisher }) => [publisherKey(publisher), publisher]));
  const readings = readingsOf(statement).map(({ proposition, stance, condition, basis }) => {
    return `${proposition}: ${stance}${condition === undefined ? "" : ` (${condition})`} [${basis}]`;
  });
  const said = [saidAt.given, saidAt.precision, saidAt.from, saidAt.until] as const;
  const status = statusOf(statement, into);
  const many = [readings, [...publishers.values()], reports.flatMap(({ url }) => url || [])].map((list) =>
    list.join("; "),
  );
  const head = [entry.sequence, entry.recordedAt, entry.recordedBy, id, status, speaker, onBehalfOf] as const;
  return csvLine([...head, ...said, language, text, ...many, disputes.length, events]);
}
