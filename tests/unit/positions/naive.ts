import type { StatementId } from "@on-record/core/domain/ids";
import { entriesOf, positionOf, type Entry, type PositionId } from "@on-record/core/domain/position/entry";
import { foldPosition, type Step } from "@on-record/core/domain/position/fold";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import { evolveStatement, standingReports, type Statement } from "@on-record/core/domain/statement/state";
import type { StatementEvent } from "@on-record/core/domain/statement/events";
import type { LoggedEvent } from "@on-record/core/projections/projection";

/** A statement as the whole history leaves it. */
export interface Known {
  statement: Statement;
  sequence: number;
  publishers: number;
  stands: boolean;
}

/** What the ledger knows after a history: computed anew from all of it, with nothing remembered. */
export interface Knowledge {
  statements: Map<StatementId, Known>;
  positions: Map<string, { position: PositionId; folded: { entry: Entry; step: Step }[] }>;
}

export const nameOfPosition = ({ actor, proposition }: PositionId) => `${actor}#${proposition}`;

/** Follows merges to where the reports lie. */
function holder(into: ReadonlyMap<StatementId, StatementId>, id: StatementId): StatementId {
  const next = into.get(id);
  return next === undefined ? id : holder(into, next);
}

function mergesIn(history: readonly LoggedEvent[]): Map<StatementId, StatementId> {
  const into = new Map<StatementId, StatementId>();
  for (const { entry, event } of history) {
    const id = entry.stream.slice("statement/".length) as StatementId;
    if (event.type === "StatementReinstated") into.delete(id);
    // A merge that would close a circle moves nothing.
    if (event.type === "StatementMerged" && holder(into, event.data.into) !== id) into.set(id, event.data.into);
  }
  return into;
}

/** The ledger after these events, which are the whole log up to some sequence number. */
export function knowledgeOf(history: readonly LoggedEvent[]): Knowledge {
  const into = mergesIn(history);
  const states = new Map<StatementId, { statement: Statement; sequence: number }>();
  for (const { entry, event } of history) {
    const id = entry.stream.slice("statement/".length) as StatementId;
    const { version, recordedBy } = entry;
    const before = states.get(id);
    const statement = evolveStatement(before?.statement ?? null, { ...(event as StatementEvent), version, recordedBy });
    if (statement !== null) states.set(id, { statement, sequence: before?.sequence ?? entry.sequence });
  }
  const statements = new Map<StatementId, Known>();
  for (const [id, { statement, sequence }] of states) {
    const here = [...states.values()].filter((other) => holder(into, other.statement.id) === id);
    const publishers = new Set(here.flatMap((o) => standingReports(o.statement)).map((r) => publisherKey(r.publisher)))
      .size;
    const stands = publishers > 0 && statement.withdrawn === undefined && !into.has(id);
    statements.set(id, { statement, sequence, publishers, stands });
  }
  return { statements, positions: foldedOf(statements) };
}

function foldedOf(statements: ReadonlyMap<StatementId, Known>): Knowledge["positions"] {
  const entries = new Map<string, { position: PositionId; entries: Entry[] }>();
  for (const { statement, sequence, stands } of statements.values()) {
    if (!stands) continue;
    for (const [proposition, some] of entriesOf(statement, sequence)) {
      const position = positionOf(statement, proposition);
      const name = nameOfPosition(position);
      entries.set(name, { position, entries: [...(entries.get(name)?.entries ?? []), ...some] });
    }
  }
  return new Map(
    [...entries].map(([name, { position, entries: some }]) => [name, { position, folded: foldPosition(some) }]),
  );
}
