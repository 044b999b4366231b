import type { Occurred } from "../../domain/decider.ts";
import type { StatementId } from "../../domain/ids.ts";
import { contributionsOf, keysThrough, positionOf, type Entry, type PositionId } from "../../domain/position/entry.ts";
import { positionThrough, type FoldState } from "../../domain/position/fold.ts";
import { factType, mergedInto, type StatementFact } from "../../domain/statement/erased-event.ts";
import { publisherKey } from "../../domain/statement/parts.ts";
import { evolveStatement, standingReports, type Statement } from "../../domain/statement/state.ts";
import type { Instant } from "../../domain/time.ts";
import type { LoggedEvent } from "../projection.ts";
import { isOfStatement } from "./statements.ts";

interface Known {
  statement: Statement;
  /** Of its recording. */
  sequence: number;
}

/** Where an actor stood, and how many publishers stand behind the words. */
export interface FoldedPosition extends PositionId {
  state: FoldState;
  corroboration: number;
}

/** Behind every key. */
const END = "\u{10FFFF}";

const streamOf = (id: StatementId) => `statement/${id}`;

/**
 * All positions of a ledger, folded from its events alone, with no store: what any past state was, for whoever holds the
 * log. Give it the events in the order of the log, as far as they are to be known.
 */
export class LedgerFold {
  /** By stream. */
  readonly #statements = new Map<string, Known>();
  /** Where the reports of merged statements went, by streams. */
  readonly #into = new Map<string, string>();

  apply({ entry, event }: LoggedEvent): void {
    if (!isOfStatement(event)) return;
    const { stream, version, recordedBy, sequence } = entry;
    const known = this.#statements.get(stream);
    const occurred: Occurred<StatementFact> = { ...event, version, recordedBy };
    const statement = evolveStatement(known === undefined ? null : known.statement, occurred);
    if (statement === null) throw new Error(`${entry.id} leaves no statement`);
    if (known === undefined) this.#statements.set(stream, { statement, sequence });
    else known.statement = statement;
    if (factType(event) === "StatementReinstated") this.#into.delete(stream);
    const target = mergedInto(event);
    if (target === undefined) return;
    // Two merges decided at once can close a circle; the later in the log then moves nothing.
    const into = streamOf(target);
    if (this.#holderOf(into) !== stream) this.#into.set(stream, into);
  }

  #holderOf(stream: string): string {
    let holder = stream;
    for (let next = this.#into.get(holder); next !== undefined; next = this.#into.get(holder)) holder = next;
    return holder;
  }

  /** The statements whose reports went to another, by that other. */
  #merged(): Map<string, Statement[]> {
    const merged = new Map<string, Statement[]>();
    for (const stream of this.#into.keys()) {
      const known = this.#statements.get(stream);
      const holder = this.#holderOf(stream);
      if (known !== undefined) merged.set(holder, [...(merged.get(holder) ?? []), known.statement]);
    }
    return merged;
  }

  /** What the statements that stand contribute to each position. */
  #contributions(merged: ReadonlyMap<string, Statement[]>): { position: PositionId; entries: Entry[] }[] {
    const found = new Map<string, { position: PositionId; entries: Entry[] }>();
    for (const [stream, { statement, sequence }] of this.#statements) {
      if (statement.withdrawn !== undefined || this.#into.has(stream)) continue;
      if (!hasReport(statement) && !merged.get(stream)?.some(hasReport)) continue;
      for (const [proposition, some] of contributionsOf(statement, sequence)) {
        const position = positionOf(statement, proposition);
        const name = `${position.actor} ${position.proposition}`;
        const held = found.get(name);
        if (held === undefined) found.set(name, { position, entries: some });
        else for (const entry of some) held.entries.push(entry);
      }
    }
    return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, contributed]) => contributed);
  }

  /** Where every actor stood, of what had been said by `asOf`; by actor and proposition. */
  positions(asOf?: Instant): FoldedPosition[] {
    const merged = this.#merged();
    const through = asOf === undefined ? END : keysThrough(asOf);
    const corroborationOf = (id: StatementId) => {
      const own = this.#statements.get(streamOf(id));
      const all = [...(own ? [own.statement] : []), ...(merged.get(streamOf(id)) ?? [])];
      return new Set(all.flatMap(standingReports).map(({ publisher }) => publisherKey(publisher))).size;
    };
    return this.#contributions(merged).flatMap(({ position, entries }) => {
      const state = positionThrough(entries, through);
      return state.held === null ? [] : [{ ...position, state, corroboration: corroborationOf(state.held.statement) }];
    });
  }
}

function hasReport({ reports }: Statement): boolean {
  return reports.some(({ withdrawn }) => withdrawn === undefined);
}
