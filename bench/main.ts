/**
 * npm run bench -- append   what an append costs, beside the bare SDK and castore
 * npm run bench -- units    write units of a new statement, by table and kind of row
 * npm run bench -- audit    what a page of each audit query reads, in a small ledger and in a large one
 * npm run bench -- past     what a question about the past reads, and one more statement costs to project
 * npm run bench -- rebuild  how fast the positions are built anew from the log
 * npm run bench -- fold     how fast all positions are folded from events in memory
 * npm run bench -- load     how long a large ledger takes to load
 *
 *   --rounds 7 --count 2000 --clients 16 --statements 100000
 *   --folder <folder>   where the engine keeps its files, if not the system's folder for temporary ones
 *   --rest <seconds>    waits between the rounds of append, so that others on the machine get on with their work
 *   --only <text>       measures only the ways whose names hold the text, for profiling with BENCH_NODE_FLAGS
 *   --write             puts the result into docs/benchmarks.md
 */
import { parseArgs } from "node:util";
import { appendRows } from "./append.ts";
import { auditRows } from "./audit.ts";
import { loadRows } from "./load.ts";
import { withPlace, type BenchOptions, type Place } from "./place.ts";
import { foldRows } from "./fold.ts";
import { pastRows } from "./past.ts";
import { rebuildRows } from "./rebuild.ts";
import { machine, writeSection } from "./report.ts";
import { unitRows } from "./units.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    count: { type: "string", default: "2000" },
    clients: { type: "string", default: "16" },
    statements: { type: "string", default: "100000" },
    folder: { type: "string" },
    rest: { type: "string", default: "0" },
    only: { type: "string", default: "" },
    write: { type: "boolean", default: false },
  },
});

type Bench = (place: Place, options: BenchOptions) => Promise<string>;
const BENCHES = new Map<string, Bench>([
  ["append", appendRows],
  ["units", unitRows],
  ["load", loadRows],
  ["audit", auditRows],
  ["past", pastRows],
  ["rebuild", rebuildRows],
  ["fold", foldRows],
]);

const [name = ""] = positionals;
const bench = BENCHES.get(name);
if (bench === undefined) throw new Error(`which bench? ${[...BENCHES.keys()].join(", ")}`);
const options = {
  rounds: Number(values.rounds),
  count: Number(values.count),
  clients: Number(values.clients),
  statements: Number(values.statements),
  restMs: Number(values.rest) * 1_000,
  only: values.only,
};
const table = await withPlace(values.folder, (place) => bench(place, options));
console.log(`${table}\n\n${machine()}`);
if (values.write) writeSection(name, `${table}\n\n${machine()}`);
// The handlers' clients have no end of their own.
process.exit(0);
