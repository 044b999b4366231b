import type { Instant } from "../domain/time.ts";
import type { ViewRow, ViewStore } from "../log/ports.ts";
import { sequenceKey } from "./projection.ts";

/**
 * What a reader knows of the log, as the end of sort keys: everything made by a moment sorts at or before it. Keys of
 * versions end in the moment that made them, so that any past one is found by one read, whatever came later.
 */
export type Horizon = string;

/** Sorts behind every sequence number. */
const BEHIND = "~";

/** When a row was made, as it stands at the end of sort keys. `recordedAt` and sequence numbers grow together. */
export function momentKey(recordedAt: Instant, sequence: number): Horizon {
  return `${recordedAt}#${sequenceKey(sequence)}`;
}

/** Sees what the event with this place and everything before it made. `null`: nothing was made. */
export function horizonAt({ sequence, recordedAt }: { sequence: number | null; recordedAt: Instant | null }): Horizon {
  return sequence === null || recordedAt === null ? "" : momentKey(recordedAt, sequence);
}

/** Sees everything recorded by then. */
export function horizonKnown(knownAt: Instant): Horizon {
  return `${knownAt}#${BEHIND}`;
}

/** Sees what the events before this one made. */
export function horizonBefore({ sequence, recordedAt }: { sequence: number; recordedAt: Instant }): Horizon {
  return sequence === 0 ? "" : momentKey(recordedAt, sequence - 1);
}

/** The newest versions, newest first, of what is kept in a partition under a stem of sort keys (none: all of it). */
export async function newestVersions(
  views: Pick<ViewStore, "query">,
  { pk, stem = "" }: { pk: string; stem?: string },
  horizon: Horizon,
  limit: number,
): Promise<ViewRow[]> {
  if (horizon === "") return [];
  return views.query(pk, { from: stem, to: `${stem}${horizon}`, descending: true, limit });
}

/** The newest version; `null` when there is none. */
export async function newestVersion(
  views: Pick<ViewStore, "query">,
  pk: string,
  horizon: Horizon,
): Promise<ViewRow | null> {
  const [row] = await newestVersions(views, { pk }, horizon, 1);
  return row ?? null;
}
