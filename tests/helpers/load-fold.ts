/** Every position from the statements' events, the plain way: what the ledger's own views must agree with. */
import type { StatementId } from "@on-record/core/domain/ids";
import { entriesOf, positionOf, type Entry } from "@on-record/core/domain/position/entry";
import { foldPosition, isProvisional, NO_POSITION, type FoldState } from "@on-record/core/domain/position/fold";
import { publisherKey } from "@on-record/core/domain/statement/parts";
import {
  evolveStatement,
  standingReports,
  type Statement,
  type StatementState,
} from "@on-record/core/domain/statement/state";
import type { ReadEvent, ShownPosition } from "./load-read.ts";

interface Recorded {
  statement: Statement;
  sequence: number;
}

function stateOf(events: readonly ReadEvent[]): Recorded {
  let state: StatementState = null;
  for (const event of events) state = evolveStatement(state, event);
  const sequence = events[0]?.sequence;
  if (state === null || sequence === undefined) throw new Error("a statement has no recording in the log");
  return { statement: state, sequence };
}

/** Who holds whose reports in the end: merges and reinstatements in the order of the log. */
function mergesOf(events: readonly (ReadEvent & { of: string })[]): Map<string, string> {
  const heldBy = new Map<string, string>();
  const recorded = new Set<string>();
  const holderOf = (id: string): string => {
    const next = heldBy.get(id);
    return next === undefined || !recorded.has(next) ? id : holderOf(next);
  };
  for (const event of events.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))) {
    if (event.type === "StatementRecorded") recorded.add(event.of);
    if (event.type === "StatementReinstated") heldBy.delete(event.of);
    if (event.type !== "StatementMerged") continue;
    const { into } = event.data;
    // Two merged into each other at the same moment: the later in the log moves nothing.
    if (!recorded.has(into) || holderOf(into) !== event.of) heldBy.set(event.of, into);
  }
  return heldBy;
}

export function naivePositions(read: ReadonlyMap<string, readonly ReadEvent[]>): Map<string, FoldState> {
  const states = new Map([...read].map(([id, events]) => [id, stateOf(events)]));
  const heldBy = mergesOf([...read].flatMap(([of, events]) => events.map((event) => ({ ...event, of }))));
  const publishersOf = (id: string): Set<string> => {
    const { statement } = states.get(id) ?? {};
    const own =
      statement === undefined ? [] : standingReports(statement).map(({ publisher }) => publisherKey(publisher));
    const held = [...heldBy].filter(([, into]) => into === id).flatMap(([from]) => [...publishersOf(from)]);
    return new Set([...own, ...held]);
  };
  const entries = new Map<string, Entry[]>();
  for (const [id, { statement, sequence }] of states) {
    if (statement.withdrawn !== undefined || heldBy.has(id) || publishersOf(id).size === 0) continue;
    for (const [proposition, some] of entriesOf(statement, sequence)) {
      const position = positionOf(statement, proposition);
      const name = `${position.actor}/${position.proposition}`;
      entries.set(name, [...(entries.get(name) ?? []), ...some]);
    }
  }
  return new Map([...entries].map(([name, some]) => [name, foldPosition(some).at(-1)?.step.state ?? NO_POSITION]));
}

/** How the API must show a folded position; `undefined` where there is none to show. */
export function shownOf(name: string, state: FoldState): ShownPosition | undefined {
  const { held, contests } = state;
  if (held === null) return undefined;
  const [actor = "", proposition = ""] = name.split("/");
  const { stance, condition, force } = held;
  const statement: StatementId = held.statement;
  return {
    actor,
    proposition,
    stance,
    ...(condition !== undefined && { condition }),
    force,
    basis: { statement },
    // By which reading they contradict the actor is not told.
    contests: contests.map(({ assessment: _assessment, ...told }) => told),
    provisional: isProvisional(state),
  };
}
