import type { LedgerStores } from "@on-record/local/stores";
import { checkView, type Checked } from "@on-record/core/projections/check";
import type { AnyProjection } from "@on-record/core/projections/projection";

export type { Checked };

/** Compares what is shown of one projection with what the log says. Throws the signal's reason when it is ended. */
export async function checkOne(
  projection: AnyProjection,
  stores: LedgerStores,
  asked: { signal: AbortSignal; onStep: (done: number) => void },
): Promise<Checked> {
  const onStep = (_name: string, next: number) => {
    asked.onStep(next);
    // Half a comparison proves nothing.
    asked.signal.throwIfAborted();
    return true;
  };
  return checkView(projection, { ...stores, onStep });
}
