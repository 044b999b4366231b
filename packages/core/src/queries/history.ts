import type { ActorId, StatementId } from "../domain/ids.ts";
import { keysThrough, type Entry, type PositionId } from "../domain/position/entry.ts";
import { isProvisional, type Outcome } from "../domain/position/fold.ts";
import type { Stance } from "../domain/stance.ts";
import type { Instant } from "../domain/time.ts";
import type { ViewStore } from "../log/ports.ts";
import { openView } from "../projections/builds.ts";
import { POSITIONS } from "../projections/positions/rows.ts";
import type { EntryRow } from "../projections/positions/entry-form.ts";
import type { TimelineItem } from "../projections/positions/page-form.ts";
import { Timeline } from "../projections/positions/timeline.ts";
import { answered, horizonOf, momentFrom, type Answered, type AskedMoment } from "./moment.ts";
import type { Page, Paging } from "./positions.ts";

/** One step of a position's history. */
export interface HistoryItem {
  statement: StatementId;
  kind: Entry["kind"];
  speaker: ActorId;
  voice: Entry["voice"];
  saidFrom: Instant;
  saidUntil: Instant;
  stance: Stance;
  condition?: string | undefined;
  outcome:
    | Exclude<Outcome, { kind: "moved" }>
    | (Pick<Extract<Outcome, { kind: "moved" }>, "kind" | "change" | "reversal"> & { previous: StatementId | null });
  /** Where the actor stood after it. */
  position: { stance: Stance; condition?: string | undefined; statement: StatementId; provisional: boolean } | null;
  /** When the ledger came to know it so. */
  recordedAt: Instant;
  /** The announcement that stands for it. */
  announced?: { id: string; number: number };
}

function itemOf({ entry, outcome, state, recordedAt, announced }: EntryRow): HistoryItem {
  const { held } = state;
  const { statement, kind, speaker, voice, stance, condition } = entry;
  return {
    statement,
    kind,
    speaker,
    voice,
    saidFrom: entry.from,
    saidUntil: entry.until,
    stance,
    ...(condition !== undefined && { condition }),
    outcome:
      outcome.kind === "moved"
        ? {
            kind: outcome.kind,
            change: outcome.change,
            reversal: outcome.reversal,
            previous: outcome.from?.statement ?? null,
          }
        : outcome,
    position: held && {
      stance: held.stance,
      ...(held.condition !== undefined && { condition: held.condition }),
      statement: held.statement,
      provisional: isProvisional(state),
    },
    recordedAt,
    ...(announced && { announced }),
  };
}

/** How a position came about, in the order of what was said, a page at a time; `after` is an entry's key. */
export async function historyOf(
  views: ViewStore,
  id: PositionId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<HistoryItem>>> {
  const { place, rows } = await openView(views, POSITIONS);
  const moment = momentFrom(asked, place);
  const timeline = new Timeline(rows, id, horizonOf(place, moment));
  const through = keysThrough(moment.asOf);
  const found: TimelineItem[] = [];
  for await (const item of timeline.itemsFrom(paging.after === undefined ? "" : `${paging.after}~`)) {
    if (item.key > through || found.length > paging.limit) break;
    found.push(item);
  }
  const listed = found.slice(0, paging.limit);
  const entries = await Promise.all(listed.map((item) => timeline.entry(item)));
  const last = found.length > paging.limit ? listed.at(-1) : undefined;
  return answered({ items: entries.map(itemOf), ...(last && { next: last.key }) }, moment, place);
}
