import type { Checkpoint, ViewStore } from "../log/ports.ts";

/** How old a checkpoint may be: less than a wake-up takes to reach a projection. */
const RECENT_MS = 50;

/**
 * Views for hints, whose checkpoints are read once in a while and not for each of a thousand requests. Checkpoints only
 * move forward: an old one hides the rows of the last moment, and never shows one too many.
 */
export function withRecentCheckpoint(views: ViewStore, clock: () => number): ViewStore {
  const kept = new Map<string, { readAt: number; checkpoint: Promise<Checkpoint> }>();
  return {
    get: (pk, sk) => views.get(pk, sk),
    query: (pk, range) => views.query(pk, range),
    put: (rows) => views.put(rows),
    advance: (projection, expected, to) => views.advance(projection, expected, to),
    checkpoint(projection) {
      const now = clock();
      const recent = kept.get(projection);
      if (recent !== undefined && Math.abs(now - recent.readAt) < RECENT_MS) return recent.checkpoint;
      const checkpoint = views.checkpoint(projection);
      kept.set(projection, { readAt: now, checkpoint });
      // Who waits for it hears of a failure; the next to come asks anew.
      checkpoint.catch(() => kept.delete(projection));
      return checkpoint;
    },
  };
}
