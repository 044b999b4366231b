import type { Occurred } from "../../domain/decider.ts";
import { StatementId } from "../../domain/ids.ts";
import { mergedInto, factType, type StatementFact } from "../../domain/statement/erased-event.ts";
import { redact } from "../../domain/statement/erasure.ts";
import { publisherKey } from "../../domain/statement/parts.ts";
import { evolveStatement, standingReports, type Statement } from "../../domain/statement/state.ts";
import type { Instant } from "../../domain/time.ts";
import type { LedgerEvent, LogEntry } from "../../log/envelope.ts";
import type { ViewRow } from "../../log/ports.ts";
import { bodyOf } from "../body.ts";
import { horizonBefore, momentKey, newestVersion, type Horizon } from "../moments.ts";
import { sequenceKey, type ViewReader } from "../projection.ts";
import type { Erasure } from "./erasing.ts";
import { awaitedPk, statementPk } from "./rows.ts";
import { unlikeOf } from "./unlike.ts";

/** A statement as the ledger's order makes it: its own stream, and what merges bring it. */
export interface StatementRow {
  statement: Statement;
  /** Of its recording. */
  sequence: number;
  /** When this version entered the log. */
  recordedAt: Instant;
  /** Where its reports went; absent when a merge would have closed a circle. */
  heldBy?: StatementId;
  /** Statements whose reports came here. */
  holds: StatementId[];
  /** How many publishers stand behind it, counting the reports it holds. */
  corroboration: number;
  /** Whether it counts: neither withdrawn nor merged, and with at least one standing report. */
  stands: boolean;
}

export interface StatementChange {
  before: StatementRow | null;
  after: StatementRow;
}

/** The rows that one event touches: read once as they were, altered in memory. */
class Rows {
  readonly #views: ViewReader;
  readonly #horizon: Horizon;
  readonly #before = new Map<StatementId, StatementRow | null>();
  readonly #now = new Map<StatementId, StatementRow>();

  constructor(views: ViewReader, horizon: Horizon) {
    this.#views = views;
    this.#horizon = horizon;
  }

  async #read(id: StatementId): Promise<StatementRow | null> {
    const row = await newestVersion(this.#views, statementPk(id), this.#horizon);
    return row === null ? null : bodyOf<StatementRow>(row);
  }

  async find(id: StatementId): Promise<StatementRow | null> {
    const now = this.#now.get(id);
    if (now !== undefined) return now;
    if (!this.#before.has(id)) this.#before.set(id, await this.#read(id));
    return this.#before.get(id) ?? null;
  }

  async get(id: StatementId): Promise<StatementRow> {
    const row = await this.find(id);
    if (row === null) throw new Error(`the log speaks of statement ${id} before its recording`);
    return row;
  }

  set(row: StatementRow): void {
    this.#now.set(row.statement.id, row);
  }

  /** Has a row, as it was, read otherwise. */
  readAs(row: StatementRow): void {
    this.#before.set(row.statement.id, row);
  }

  changes(): StatementChange[] {
    return [...this.#now].map(([id, after]) => ({ before: this.#before.get(id) ?? null, after }));
  }
}

/** Who holds the reports in the end: follows merges from one statement to the next, as far as the log knows them. */
async function holderOf(rows: Rows, id: StatementId): Promise<StatementId> {
  let row = await rows.get(id);
  while (row.heldBy !== undefined) {
    const next = await rows.find(row.heldBy);
    if (next === null) break;
    row = next;
  }
  return row.statement.id;
}

async function publishersOf(rows: Rows, id: StatementId, into = new Set<string>()): Promise<Set<string>> {
  const row = await rows.get(id);
  for (const report of standingReports(row.statement)) into.add(publisherKey(report.publisher));
  for (const held of row.holds) await publishersOf(rows, held, into);
  return into;
}

/** Counts anew what stands behind a statement. */
async function recount(rows: Rows, id: StatementId, recordedAt: Instant): Promise<void> {
  const row = await rows.get(id);
  const corroboration = (await publishersOf(rows, id)).size;
  const stands = corroboration > 0 && row.statement.withdrawn === undefined && row.heldBy === undefined;
  rows.set({ ...row, recordedAt, corroboration, stands });
}

/**
 * Moves the reports. The log orders events within a stream only: a merge may enter before the recording of the
 * statement that it leads to. Then that one takes the reports over when it is recorded.
 */
async function merge(rows: Rows, id: StatementId, into: StatementId): Promise<void> {
  const target = await rows.find(into);
  // Two merges decided at once can close a circle; the later in the log then moves nothing.
  if (target !== null && (await holderOf(rows, into)) === id) return;
  rows.set({ ...(await rows.get(id)), heldBy: into });
  if (target !== null) rows.set({ ...target, holds: [...target.holds, id] });
}

/** Statements that were merged into this one before its recording entered the log, and still are. */
async function awaiting(rows: Rows, views: ViewReader, id: StatementId, sequence: number): Promise<StatementId[]> {
  const found = await views.query(awaitedPk(id), { to: sequenceKey(sequence) });
  const merged = new Set(found.map((row) => bodyOf<{ statement: StatementId }>(row).statement));
  const held: StatementId[] = [];
  for (const each of merged) if ((await rows.get(each)).heldBy === id) held.push(each);
  return held;
}

async function separate(rows: Rows, id: StatementId): Promise<void> {
  const { heldBy, ...row } = await rows.get(id);
  if (heldBy === undefined) return;
  rows.set(row);
  const target = await rows.find(heldBy);
  if (target !== null) rows.set({ ...target, holds: target.holds.filter((held) => held !== id) });
}

const REGISTRY_EVENTS: ReadonlySet<string> = new Set([
  "ActorRegistered",
  "ActorRevised",
  "PropositionDefined",
  "PropositionRevised",
]);

/** Whether the event is one of a statement's stream. */
export function isOfStatement(event: LedgerEvent): event is StatementFact {
  return !REGISTRY_EVENTS.has(event.type);
}

/** What replaces the words in what stands before an event that was erased, or that erases; `null` for any other event. */
async function erasureBy(
  { entry, event }: { entry: LogEntry; event: StatementFact },
  row: StatementRow | null,
  views: ViewReader,
): Promise<Erasure | null> {
  const statement = StatementId.parse(entry.stream.slice("statement/".length));
  if (event.type === "Erased") {
    const { numbers, state } = event.data;
    return { statement, numbers, unlike: state.unlike };
  }
  if (event.type !== "StatementErased") return null;
  const unlike = row?.statement.unlike ?? (await unlikeOf(views, statement, entry));
  return { statement, numbers: event.data.conditions, unlike };
}

/** Applies an event of a statement's stream to the statement and to those that hold its reports. */
export async function settleStatements(
  { entry, event }: { entry: LogEntry; event: StatementFact },
  views: ViewReader,
): Promise<{ statement: StatementId; rows: ViewRow[]; changes: StatementChange[]; erasure: Erasure | null }> {
  const { sequence, recordedAt, version, recordedBy } = entry;
  const id = StatementId.parse(entry.stream.slice("statement/".length));
  const rows = new Rows(views, horizonBefore(entry));
  // What was just recorded has no earlier version to read.
  const known = version === 1 ? null : await rows.get(id);
  const erasure = await erasureBy({ entry, event }, known, views);
  // Words that are still in the view are not to be told from those that have left it already.
  const row = known && erasure ? { ...known, statement: redact(known.statement, erasure) } : known;
  if (row !== null && row !== known) rows.readAs(row);
  const occurred: Occurred<StatementFact> = { ...event, version, recordedBy };
  const statement = evolveStatement(row?.statement ?? null, occurred);
  if (statement === null) throw new Error(`${entry.type} left no statement ${id}`);
  const holds = row === null ? await awaiting(rows, views, id, sequence) : [];
  const fresh = { sequence, recordedAt, holds, corroboration: 0, stands: false };
  rows.set({ ...(row ?? fresh), statement });

  const heldBefore = await holderOf(rows, id);
  const into = mergedInto(event);
  if (into !== undefined) await merge(rows, id, into);
  if (factType(event) === "StatementReinstated") await separate(rows, id);
  const touched = new Set([id, heldBefore, await holderOf(rows, id)]);
  for (const each of touched) await recount(rows, each, recordedAt);

  const changes = rows.changes();
  const sk = sequenceKey(sequence);
  const versions = changes.map(({ after }) => ({
    pk: statementPk(after.statement.id),
    sk: momentKey(recordedAt, sequence),
    body: { ...after, recordedAt },
  }));
  const early = into !== undefined && (await rows.find(into)) === null;
  const awaited = early ? [{ pk: awaitedPk(into), sk, body: { statement: id, recordedAt } }] : [];
  return { statement: id, rows: [...versions, ...awaited], changes, erasure };
}
