import { resolve } from "node:path";
import { LIMITS } from "@on-record/core/limits";
import { command, oneOf, wholeNumber } from "../args.ts";
import { mapIn, KINDS } from "../import/columns.ts";
import { forgetPlace, freshPlace, readPlace, writePlace, type Place } from "../import/place.ts";
import { recordRows } from "../import/record.ts";
import type { Reading } from "../import/rows.ts";
import { survey, type BadRow, type Survey } from "../import/survey.ts";
import { DONE, FAILED, UsageError, type Io } from "../io.ts";
import { HTTP_OPTIONS, JSON_OPTION, remoteLedger } from "../ledger.ts";
import { startProgress } from "../progress.ts";
import { counted, messageOf, oneLine, say, sayJson } from "../text.ts";

const BATCH_COUNT = 50;
const MESSAGE_CHARS = 500;

interface Values {
  format: string | undefined;
  kind: string | undefined;
  map: readonly string[];
}

function readingOf(file: string, values: Values, io: Io): Reading {
  const ending = /\.(jsonl|ndjson|csv)$/i.exec(file)?.[1]?.toLowerCase();
  const format = values.format === undefined ? (ending === "ndjson" ? "jsonl" : ending) : values.format;
  if (format === undefined) throw new UsageError(`is ${file} JSON Lines or CSV? Say so with --format`);
  const reading = { path: resolve(io.cwd, file), format: oneOf(format, ["jsonl", "csv"], "--format") };
  if (reading.format === "jsonl" && (values.map.length > 0 || values.kind !== undefined))
    throw new UsageError("--map and --kind are for CSV: a line of JSON Lines says what it is");
  return { ...reading, kind: oneOf(values.kind ?? "statements", KINDS, "--kind"), map: mapIn(values.map) };
}

/** Everything that is told at the end. */
interface Summary {
  dryRun: boolean;
  rows: number;
  counts: Place["counts"];
  bad: readonly BadRow[];
}

function told({ dryRun, rows, counts, bad }: Summary): string {
  const { recorded, replayed, registered, unchanged } = counts;
  const would = dryRun ? "would be " : "";
  const parts = [
    `${counted(recorded, "statement")} ${would}recorded`,
    `${replayed} recorded before`,
    ...(registered + unchanged === 0
      ? []
      : [
          `${counted(registered, "actor or proposition", "actors and propositions")} ${would}registered, ${unchanged} as they were`,
        ]),
    `${counted(bad.length, "row")} not taken`,
  ];
  return `Of ${counted(rows, "row")}: ${parts.join("; ")}.${dryRun ? " Nothing was recorded." : ""}`;
}

/** Remembers how far it has come, where that can be written; says once where it cannot. */
function rememberer(file: string, io: Io, dryRun: boolean): (place: Place) => Promise<void> {
  let silent = dryRun;
  return async (place) => {
    if (silent) return;
    try {
      await writePlace(file, place);
    } catch (error) {
      silent = true;
      await say(
        io.err,
        `on-record: ${messageOf(error)}: a killed import will begin anew, and still record nothing twice`,
      );
    }
  };
}

/** `on-record import`. */
export const importing = command({
  name: "import",
  summary: "Record statements, actors and propositions from a file, over HTTP",
  about:
    'Reads the whole file first and reports each row that is not as it must be with the number of its line; then records the others, and reports what the ledger refuses in the same way. One bad row spoils no other.\n\nJSON Lines: a statement a line, as POST /v1/statements takes it; or {"actor": {"id": …}} or {"proposition": {"id": …}} with a profile as PUT takes it. CSV: the first line names the columns, which are fields of a statement, its report (publisher, url, publishedAt, headline, contentHash) and one assessment (proposition, stance, condition, force, basis, cue, confidence), or several as JSON in assessments. Lists in cells of actors and propositions are separated by semicolons. Actors and propositions are registered before statements.\n\nNothing is recorded twice, however often the file is imported and wherever it was killed: each statement\'s Idempotency-Key is made of what the row says. That holds for one principal: import a file again with a token of the same one. How far it has come is kept beside the file, so that a killed import goes on where it was.',
  args: [{ name: "file", about: "ends in .jsonl, .ndjson or .csv, or see --format" }],
  options: {
    "dry-run": { type: "boolean", about: "check every row, ask the ledger what it would say, and record nothing" },
    batch: {
      type: "string",
      value: "<count>",
      about: `statements in one request, 1 to ${LIMITS.batchStatementsCount} (default ${BATCH_COUNT})`,
    },
    format: { type: "string", value: "<jsonl|csv>", about: "what the file is, where its name does not tell" },
    kind: {
      type: "string",
      value: "<kind>",
      about: `what the rows of a CSV file are: ${KINDS.join(", ")} (default statements)`,
    },
    map: {
      type: "string",
      multiple: true,
      value: "<column>=<field>",
      about: "which field a column of a CSV file holds; none after = leaves it out",
    },
    ...HTTP_OPTIONS,
    ...JSON_OPTION,
  },
  failsWhen: "a row was not taken",
  examples: [
    ["on-record import statements.jsonl --dry-run", "See what would be recorded, and which rows are bad"],
    ["on-record import quotes.csv --map 'Who=speaker' --map 'Quote=text' --map 'Notes='", "From somebody's table"],
    [
      "on-record import actors.csv --kind actors --url https://ledger.example",
      "Into a deployed ledger, with ON_RECORD_TOKEN",
    ],
  ],
  async run({ values, arg }, io) {
    const { json, "dry-run": dryRun } = values;
    const batch =
      values.batch === undefined
        ? BATCH_COUNT
        : wholeNumber(values.batch, "--batch", { min: 1, max: LIMITS.batchStatementsCount });
    const reading = readingOf(arg("file"), values, io);
    const onBad = async ({ line, message }: BadRow) => {
      if (!json) await say(io.out, `line ${line}: ${oneLine(message, MESSAGE_CHARS)}`);
    };
    const found: Survey = await survey(reading, { signal: io.signal, onFlaw: onBad });
    const ledger = await remoteLedger(io, values);
    const total = found.statements + found.registry;
    const place = dryRun ? freshPlace(found.hash, ledger.url) : await readPlace(reading.path, found.hash, ledger.url);
    for (const bad of place.refused) await onBad(bad);
    const remember = rememberer(reading.path, io, dryRun);
    const progress = startProgress(io, dryRun ? "checking" : "importing", { total, unit: "rows", json });
    const end = await recordRows(reading, place, {
      ledger,
      dryRun,
      brings: found.brings,
      batch,
      io,
      onBad,
      async onSettled(done, reached) {
        progress.at(done);
        await remember(reached);
      },
    }).finally(() => progress.end());
    if (!dryRun) await forgetPlace(reading.path);
    const bad = [...found.flawed, ...end.refused].toSorted((a, b) => a.line - b.line);
    const summary = { dryRun, rows: total + found.flawed.length, counts: end.counts, bad };
    await (json ? sayJson(io.out, summary) : say(io.out, told(summary)));
    return bad.length === 0 ? DONE : FAILED;
  },
});
