import { LedgerError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { EventId } from "../log/envelope.ts";
import type { LogReader, StreamStore, ViewStore } from "../log/ports.ts";

export interface AfterDeps {
  views: ViewStore;
  log: LogReader;
  streams: StreamStore;
  clock: () => number;
  sleep: (ms: number) => Promise<void>;
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 200;

/**
 * Waits until an event is behind the answers of a projection: read your own writes.
 * Throws `event_not_found`, or `view_behind` when it takes longer than `LIMITS.afterWaitMs`.
 */
export async function waitFor(id: EventId, projection: string, deps: AfterDeps): Promise<void> {
  const { views, log, streams, clock, sleep } = deps;
  const deadline = clock() + LIMITS.afterWaitMs;
  let sequence: number | null = null;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    sequence ??= await log.sequenceOf(id);
    if (sequence !== null && (await views.checkpoint(projection)).next > sequence) return;
    if (sequence === null && pause === FIRST_PAUSE_MS) {
      const [event] = await streams.read([id]);
      if (!event)
        throw new LedgerError("event_not_found", `there is no event ${id}`, {
          fields: [{ path: "after", message: "names no event" }],
        });
    }
    if (clock() >= deadline) {
      throw new LedgerError("view_behind", `event ${id} is recorded but not yet in this view: ask again`);
    }
    await sleep(pause);
  }
}
