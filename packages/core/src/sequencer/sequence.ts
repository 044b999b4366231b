import type { Bus } from "../log/ports.ts";
import { enter } from "./enter.ts";
import type { EnterDeps } from "./enter.ts";
import type { Hint } from "./hints.ts";
import { publish } from "./publish.ts";

/** What the sequencer works with. */
export interface SequencerDeps extends EnterDeps {
  bus: Bus;
}

/** What one call did; for logs and metrics. */
export interface Sequenced {
  /** Entries that this call committed, as far as it knows. */
  entered: number;
  /** Entries whose pointers it wrote for a sequencer that had not. */
  repointed: number;
  /** Entries that the bus took from it. */
  published: number;
  /** The log's size when it ended. */
  size: number;
  /** Streams with a hole, and the version missing: to be reported. Passing at worst, or a fault of the store. */
  gaps: Hint[];
}

/**
 * Gives every event of the hinted streams its place in the log, then tells the bus of all that it has not been told.
 * Safe to run again, to run many at once, and to kill anywhere: see `enter` for the invariant. With no hints it
 * finishes what others left undone. The bus comes last, so that a bus that is down keeps none of these events out of
 * the log; the failure then brings the same hints again, and what stands behind them in the stream waits.
 *
 * Hints stand in the order in which events of different streams shall enter; repeated ones change nothing.
 *
 * @throws LedgerError `version_conflict` when other sequencers were faster again and again, `store_unavailable`
 *   when a store or the bus was: run it again with the same hints.
 */
export async function sequence(deps: SequencerDeps, hints: readonly Hint[]): Promise<Sequenced> {
  const { head, newest, entered, repointed, gaps } = await enter(deps, hints);
  const published = await publish(deps, head, newest);
  return { entered, repointed, published, size: head.size, gaps };
}
