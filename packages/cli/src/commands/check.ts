import { command } from "../args.ts";
import { DONE, FAILED } from "../io.ts";
import { JSON_OPTION } from "../ledger.ts";
import { startProgress } from "../progress.ts";
import { counted, jsonText, say, sayJson } from "../text.ts";
import { checkOne, type Checked } from "../upkeep/check.ts";
import { STORE_OPTIONS, withStores } from "../upkeep/open.ts";
import { PROJECTION_OPTION, projectionsNamed } from "../upkeep/projections.ts";

const WHAT = {
  missing: "the log makes a row that is not shown",
  altered: "a row is shown otherwise than the log makes it",
  extra: "a row is shown that nothing in the log makes",
} as const;

function told({ name, through, rowsCount, difference }: Checked): string {
  if (through === null) return `${name}: nothing is shown yet.`;
  if (difference === null)
    return `${name}: ${counted(rowsCount, "row")} are what the log says, through event ${through}.`;
  const { kind, pk, sk, rebuilt, shown } = difference;
  return [
    `${name}: ${WHAT[kind]}.`,
    `  row       ${pk} ${sk}`,
    ...(rebuilt === undefined ? [] : [`  the log   ${jsonText(rebuilt)}`]),
    ...(shown === undefined ? [] : [`  is shown  ${jsonText(shown)}`]),
    `  on-record replay --projection ${name} makes it anew.`,
  ].join("\n");
}

/** `on-record check`. */
export const check = command({
  name: "check",
  summary: "Prove that the views are what the log says",
  about:
    "Goes through the log as a replay would, writes nothing, and compares each row that it would write with the one that is shown; then looks for rows that nothing in the log makes. The first difference is named, in the order of the log. The ledger may be at work meanwhile.",
  options: { ...PROJECTION_OPTION, ...STORE_OPTIONS, ...JSON_OPTION },
  failsWhen: "a view differs from the log",
  examples: [
    ["on-record check", "Check every view of this machine's ledger"],
    ["on-record check --aws --projection positions --json", "Check the positions of a deployed ledger, for a program"],
  ],
  async run({ values }, io) {
    const projections = projectionsNamed(values.projection);
    return withStores(io, values, async (stores) => {
      const results: Checked[] = [];
      for (const projection of projections) {
        const { next } = await stores.views.checkpoint(projection.name);
        const progress = startProgress(io, `checking ${projection.name}`, {
          total: next,
          unit: "events",
          json: values.json,
        });
        results.push(await checkOne(projection, stores, { signal: io.signal, onStep: progress.at }));
        progress.end();
      }
      if (values.json) await sayJson(io.out, { checked: results });
      else for (const result of results) await say(io.out, told(result));
      return results.every(({ difference }) => difference === null) ? DONE : FAILED;
    });
  },
});
