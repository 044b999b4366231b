import type { Occurred } from "../../domain/decider.ts";
import { StatementId } from "../../domain/ids.ts";
import { entriesOf, keysThrough, positionOf, type Entry, type PositionId } from "../../domain/position/entry.ts";
import { foldPosition, type FoldState } from "../../domain/position/fold.ts";
import type { StatementEvent } from "../../domain/statement/events.ts";
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

/**
 * All positions of a ledger, folded from its events alone, with no store: what any past state was, for whoever holds the
 * log. Give it the events in the order of the log, as far as they are to be known.
 */
export class LedgerFold {
  readonly #statements = new Map<StatementId, Known>();
  /** Where the reports of merged statements went. */
  readonly #into = new Map<StatementId, StatementId>();

  apply({ entry, event }: LoggedEvent): void {
    if (!isOfStatement(event)) return;
    const id = StatementId.parse(entry.stream.slice("statement/".length));
    const known = this.#statements.get(id);
    const { version, recordedBy } = entry;
    const occurred: Occurred<StatementEvent> = { ...event, version, recordedBy };
    const statement = evolveStatement(known?.statement ?? null, occurred);
    if (statement === null) throw new Error(`${entry.id} leaves no statement`);
    if (known === undefined) this.#statements.set(id, { statement, sequence: entry.sequence });
    else known.statement = statement;
    if (event.type === "StatementReinstated") this.#into.delete(id);
    // Two merges decided at once can close a circle; the later in the log then moves nothing.
    if (event.type === "StatementMerged" && this.#holderOf(event.data.into) !== id) this.#into.set(id, event.data.into);
  }

  #holderOf(id: StatementId): StatementId {
    let holder = id;
    for (let next = this.#into.get(holder); next !== undefined; next = this.#into.get(holder)) holder = next;
    return holder;
  }

  /** How many publishers stand behind each statement that holds reports. */
  #corroborations(): Map<StatementId, number> {
    const publishers = new Map<StatementId, Set<string>>();
    for (const [id, { statement }] of this.#statements) {
      const holder = this.#holderOf(id);
      const names = publishers.get(holder) ?? new Set();
      publishers.set(holder, names);
      for (const { publisher } of standingReports(statement)) names.add(publisherKey(publisher));
    }
    return new Map([...publishers].map(([id, names]) => [id, names.size]));
  }

  /** Where every actor stood, of what had been said by `asOf`; by actor and proposition. */
  positions(asOf?: Instant): FoldedPosition[] {
    const corroborations = this.#corroborations();
    const through = asOf === undefined ? undefined : keysThrough(asOf);
    const found = new Map<string, { position: PositionId; entries: Entry[] }>();
    for (const [id, { statement, sequence }] of this.#statements) {
      const stands = statement.withdrawn === undefined && !this.#into.has(id) && (corroborations.get(id) ?? 0) > 0;
      if (!stands) continue;
      for (const [proposition, some] of entriesOf(statement, sequence)) {
        const position = positionOf(statement, proposition);
        const name = `${position.actor} ${position.proposition}`;
        const held = found.get(name);
        if (held === undefined) found.set(name, { position, entries: some });
        else held.entries.push(...some);
      }
    }
    return [...found]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, { position, entries }]) => {
        // All entries are folded: what was said later may put in doubt what came before.
        const last = foldPosition(entries).findLast(({ entry }) => through === undefined || entry.key <= through);
        const state = last?.step.state;
        if (state === undefined || state.held === null) return [];
        return [{ ...position, state, corroboration: corroborations.get(state.held.statement) ?? 0 }];
      });
  }
}
