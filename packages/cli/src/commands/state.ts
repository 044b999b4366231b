import { resolve } from "node:path";
import { parseMoment, readMoment, type Instant } from "@on-record/core/domain/time";
import { command, oneOf, wholeNumber } from "../args.ts";
import { csvLine } from "../csv-write.ts";
import { writeWhole } from "../files.ts";
import { DONE, UsageError, type Io } from "../io.ts";
import { JSON_OPTION } from "../ledger.ts";
import { startProgress } from "../progress.ts";
import { counted, jsonText, plain, say, sayJson } from "../text.ts";
import { STORE_OPTIONS, withStores } from "../upkeep/open.ts";
import { stateAt, type At, type LedgerState, type StoodRow } from "../upkeep/state.ts";

const COLUMNS = [
  "actor",
  "proposition",
  "stance",
  "condition",
  "force",
  "since",
  "statement",
  "saidFrom",
  "speaker",
  "direct",
  "contested",
  "provisional",
  "corroboration",
] as const satisfies readonly (keyof StoodRow)[];

function momentIn(text: string, option: string): Instant {
  const read = readMoment(text);
  if (read === null || read.dateOnly)
    throw new UsageError(`${option} must be a date-time with its offset, such as 2025-08-19T12:00:00Z, not "${text}"`);
  return parseMoment(text);
}

function atIn(text: string | undefined): At {
  if (text === undefined)
    throw new UsageError("on-record state needs --at: an event's number, or a date-time with its offset");
  return /^\d+$/.test(text) ? { sequence: wholeNumber(text, "--at") } : { time: momentIn(text, "--at") };
}

const FORMATS = {
  jsonl: { head: "", line: (row: StoodRow) => `${jsonText(row)}\n` },
  csv: { head: csvLine(COLUMNS), line: (row: StoodRow) => csvLine(COLUMNS.map((column) => row[column])) },
} as const;

async function write(
  state: LedgerState,
  format: keyof typeof FORMATS,
  take: (text: string) => void | Promise<void>,
): Promise<void> {
  const { head, line } = FORMATS[format];
  await take(head);
  for (const row of state.positions) await take(line(row));
}

function told({ through, asOf, positions }: LedgerState, path: string | undefined): string {
  if (through === null) return "Nothing had been recorded by then.";
  const where = path === undefined ? "" : ` in ${path}`;
  const known = `as known through event ${through.sequence}, recorded at ${through.recordedAt}`;
  return `${counted(positions.length, "position")}${where}, as of ${asOf ?? ""}, ${known}.`;
}

async function answer(
  io: Io,
  state: LedgerState,
  format: keyof typeof FORMATS,
  { out, json }: { out: string | undefined; json: boolean },
) {
  const path = out === undefined ? undefined : resolve(io.cwd, out);
  if (path !== undefined) await writeWhole(path, (file) => write(state, format, (text) => file.write(text)));
  else
    await write(state, format, (text) =>
      io.out.closed ? undefined : io.out.write(text === "" ? "" : plainLines(text)),
    );
  const { through, asOf, positions } = state;
  if (path === undefined) return json ? undefined : say(io.err, told(state, path));
  return json
    ? sayJson(io.out, { file: path, through, asOf, positions: positions.length })
    : say(io.out, told(state, path));
}

/** For a terminal: the ends of lines stay as they are. */
function plainLines(text: string): string {
  return text.split("\r\n").map(plain).join("\r\n");
}

/** `on-record state`. */
export const state = command({
  name: "state",
  summary: "Fold all positions as they stood at a past moment",
  about:
    "Reads the log from its first event to the one that is named, and works out from that alone where every actor stood: no view is used, and none has to be there. With a number, the event of that number is the last that counts; with a time, the last that had been recorded by then.\n\n--as-of asks for what had been said by a moment, of what was known; without it that is the moment of --at. One position a line goes to standard output, or to a file that is there as a whole or not at all.",
  options: {
    at: { type: "string", value: "<number|time>", about: "the last event that counts, or a date-time with its offset" },
    "as-of": { type: "string", value: "<time>", about: "only what had been said by then; not later than --at" },
    format: { type: "string", value: "<jsonl|csv>", about: "JSON Lines (the default), or CSV with a header" },
    out: { type: "string", value: "<file>", about: "write to this file" },
    ...STORE_OPTIONS,
    ...JSON_OPTION,
  },
  examples: [
    ["on-record state --at 41", "Where everybody stood once event 41 had been recorded"],
    [
      "on-record state --at 2025-08-20T00:00:00-04:00 --format csv --out wednesday.csv",
      "As known when Wednesday began, as a table",
    ],
    [
      "on-record state --at 2025-08-21T12:00:00Z --as-of 2025-08-19T03:59:59Z",
      "What had been said by Monday's end, as known on Thursday",
    ],
  ],
  async run({ values }, io) {
    const at = atIn(values.at);
    const asOf = values["as-of"] === undefined ? undefined : momentIn(values["as-of"], "--as-of");
    const format = oneOf(values.format ?? "jsonl", ["jsonl", "csv"], "--format");
    if ("time" in at && asOf !== undefined && asOf > at.time)
      throw new UsageError("--as-of is later than --at: what was said after it was not known then");
    return withStores(io, values, async (stores) => {
      const { size } = await stores.log.head();
      const progress = startProgress(io, "folding the log", { total: size, unit: "events", json: values.json });
      const found = await stateAt(stores, { at, asOf }, { signal: io.signal, onStep: progress.at });
      progress.end();
      await answer(io, found, format, values);
      return DONE;
    });
  },
});
