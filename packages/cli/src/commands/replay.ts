import { command } from "../args.ts";
import { DONE, FAILED, type Io } from "../io.ts";
import { JSON_OPTION } from "../ledger.ts";
import { startProgress } from "../progress.ts";
import { counted, say, sayJson } from "../text.ts";
import { STORE_OPTIONS, withStores } from "../upkeep/open.ts";
import { PROJECTION_OPTION, projectionsNamed } from "../upkeep/projections.ts";
import { replayOne, type Replayed } from "../upkeep/replay.ts";

function told({ name, build, through, removed }: Replayed): string {
  if (build === null)
    return `${name}: ended before it was whole. What is shown has not changed; run it again to go on.`;
  const gone = removed === undefined ? "" : ` ${counted(removed, "row")} of older builds removed.`;
  const reach = through === null ? "and holds nothing yet" : `through event ${through}`;
  return `${name}: build ${build} is shown, ${reach}.${gone}`;
}

async function tell(io: Io, results: readonly Replayed[], json: boolean): Promise<void> {
  if (json) await sayJson(io.out, { replayed: results });
  else for (const result of results) await say(io.out, told(result));
}

/** `on-record replay`. */
export const replay = command({
  name: "replay",
  summary: "Rebuild views from the log, beside the ones that are shown",
  about:
    "Views are what queries read: positions, changes, lists. This makes them anew from the log's first event on, beside the ones that are shown, and switches to each in one write when it has caught up. Queries go on meanwhile and never see half of one. Nothing is announced again.\n\nCtrl-C ends it between two steps, and a killed one leaves nothing broken: run it again and it goes on where it was.",
  options: {
    ...PROJECTION_OPTION,
    afresh: {
      type: "boolean",
      about: "begin from the first event even where an unfinished replay could be gone on with",
    },
    "remove-old": { type: "boolean", about: "afterwards remove the rows of builds that are no longer shown" },
    ...STORE_OPTIONS,
    ...JSON_OPTION,
  },
  examples: [
    ["on-record replay", "Rebuild every view of this machine's ledger"],
    [
      "on-record replay --projection positions --remove-old",
      "Rebuild the positions, and free the space of the old ones",
    ],
    ["on-record replay --aws --projection changes", "Rebuild the index of changes of a deployed ledger"],
  ],
  async run({ values }, io) {
    const projections = projectionsNamed(values.projection);
    return withStores(io, values, async (stores) => {
      const { size } = await stores.log.head();
      const results: Replayed[] = [];
      for (const projection of projections) {
        const progress = startProgress(io, `replaying ${projection.name}`, {
          total: size,
          unit: "events",
          json: values.json,
        });
        const { afresh, "remove-old": removeOld } = values;
        results.push(
          await replayOne(projection, stores, { afresh, removeOld, signal: io.signal, onStep: progress.at }),
        );
        progress.end();
        if (io.signal.aborted) break;
      }
      await tell(io, results, values.json);
      return results.every(({ build }) => build !== null) ? DONE : FAILED;
    });
  },
});
