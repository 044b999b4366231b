import type { LedgerStores } from "@on-record/local/stores";
import { isProvisional } from "@on-record/core/domain/position/fold";
import type { Instant } from "@on-record/core/domain/time";
import { LedgerFold, type FoldedPosition } from "@on-record/core/projections/positions/ledger-fold";
import { eventsOf } from "@on-record/core/projections/run";
import { entriesBetween } from "@on-record/core/sequencer/entries";
import { Failure, UsageError } from "../io.ts";

/** The last event that counts: by its number, or by when it was recorded. */
export type At = { sequence: number } | { time: Instant };

/** Where an actor stood on a proposition. */
export interface StoodRow {
  actor: string;
  proposition: string;
  stance: string;
  condition?: string | undefined;
  force: string;
  since: Instant;
  /** The statement that it rests on, when that was said and by whom. */
  statement: string;
  saidFrom: Instant;
  speaker: string;
  direct: boolean;
  contested: boolean;
  provisional: boolean;
  corroboration: number;
}

/** A past state of the whole ledger. */
export interface LedgerState {
  /** The newest event that counts; `null` when nothing had been recorded. */
  through: { sequence: number; recordedAt: Instant } | null;
  asOf: Instant | null;
  positions: StoodRow[];
}

function rowOf({ actor, proposition, state, corroboration }: FoldedPosition): StoodRow[] {
  const { held, contests } = state;
  if (held === null) return [];
  const { stance, condition, force, since, statement, from, speaker, direct } = held;
  const words = { statement, saidFrom: from, speaker, direct };
  const doubts = { contested: contests.length > 0, provisional: isProvisional(state) };
  return [{ actor, proposition, stance, condition, force, since, ...words, ...doubts, corroboration }];
}

function refuseBeyond(at: At, size: number): void {
  if (!("sequence" in at) || at.sequence < size) return;
  const held = size === 0 ? "the log is empty" : `the log holds the events 0 to ${size - 1}`;
  throw new Failure(`there is no event ${at.sequence}: ${held}`);
}

/** Folds the positions of a whole ledger as they stood, from its log alone. */
export async function stateAt(
  { log, streams }: Pick<LedgerStores, "log" | "streams">,
  { at, asOf }: { at: At; asOf: Instant | undefined },
  { signal, onStep }: { signal: AbortSignal; onStep: (done: number, total: number) => void },
): Promise<LedgerState> {
  const { size } = await log.head();
  refuseBeyond(at, size);
  const end = "sequence" in at ? at.sequence + 1 : size;
  const fold = new LedgerFold();
  let through: LedgerState["through"] = null;
  for await (const found of entriesBetween(log, 0, end, null)) {
    signal.throwIfAborted();
    const entries = found.filter((entry) => ("sequence" in at ? entry.sequence < end : entry.recordedAt <= at.time));
    for (const logged of await eventsOf(entries, streams)) fold.apply(logged);
    const last = entries.at(-1);
    if (last === undefined) break;
    through = { sequence: last.sequence, recordedAt: last.recordedAt };
    onStep(last.sequence + 1, end);
  }
  const knownAt = "time" in at ? at.time : (through?.recordedAt ?? null);
  if (asOf !== undefined && knownAt !== null && asOf > knownAt)
    throw new UsageError(`--as-of ${asOf} is later than what was known then, at ${knownAt}`);
  const moment = asOf ?? knownAt;
  return { through, asOf: moment, positions: fold.positions(moment ?? undefined).flatMap(rowOf) };
}
