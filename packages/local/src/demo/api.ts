import type { Answer, Item, OnRecordClient } from "@on-record/client";

/** The answers as the demo looks into them. */
export type StatementAnswer = Answer<"mergeStatement">;
export type RecordedAnswer = Answer<"recordStatement">;
export type Outcome = Pick<StatementAnswer, "event" | "replayed" | "unchanged">;
export type Position = Item<"listPositionsOfActor">;
export type HistoryItem = Item<"listHistory">;
export type DerivedEvent = Item<"listChanges">;

/** Every derived event so far; with `after`, once that event of the log is behind the answer. */
export function changesSoFar(api: OnRecordClient, after?: string): Promise<DerivedEvent[]> {
  return api.each.listChanges({ after }).all();
}

/** When a statement's first event entered the log. */
export async function recordedAtOf(api: OnRecordClient, id: string): Promise<string> {
  const { events } = await api.listStatementEvents(id);
  const at = events[0]?.recordedAt;
  if (at === undefined) throw new Error(`${id} is not in the log yet`);
  return at;
}
