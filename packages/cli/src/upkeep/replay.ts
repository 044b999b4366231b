import type { LedgerStores } from "@on-record/local/stores";
import type { AnyProjection } from "@on-record/core/projections/projection";
import { removeOldBuilds, replay } from "@on-record/core/projections/replay";

/** What became of one projection. */
export interface Replayed {
  name: string;
  /** The build that is shown now; `null` when it was ended before. */
  build: number | null;
  /** The newest event that it rests on; `null` of an empty log. */
  through: number | null;
  /** Rows of older builds that were removed. */
  removed?: number;
}

/** Rebuilds one projection, and says how far it has come. */
export async function replayOne(
  projection: AnyProjection,
  stores: LedgerStores,
  asked: { afresh: boolean; removeOld: boolean; signal: AbortSignal; onStep: (done: number) => void },
): Promise<Replayed> {
  const onStep = (_name: string, next: number) => {
    asked.onStep(next);
    return !asked.signal.aborted;
  };
  const { name } = projection;
  const build = await replay(projection, { ...stores, onStep }, { afresh: asked.afresh });
  const { next } = await stores.views.checkpoint(name);
  const shown = { name, build, through: next === 0 ? null : next - 1 };
  if (build === null || !asked.removeOld) return shown;
  return { ...shown, removed: await removeOldBuilds(stores.views, projection) };
}
