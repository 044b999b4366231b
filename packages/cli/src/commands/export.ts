import { resolve } from "node:path";
import { command, oneOf } from "../args.ts";
import { DONE, UsageError, type Io } from "../io.ts";
import { remoteSource, type ExportSource } from "../export/source.ts";
import { writeExport, type Exported, type Format } from "../export/write.ts";
import { dataFolder, HTTP_OPTIONS, JSON_OPTION, remoteLedger } from "../ledger.ts";
import { startProgress, type Progress } from "../progress.ts";
import { counted, say, sayJson } from "../text.ts";
import { openStores, STORE_OPTIONS } from "../upkeep/open.ts";
import { storeSource } from "../upkeep/source.ts";

const FORMATS = ["jsonl", "csv"] as const;

function formatsIn(text: string): Format[] {
  return [...new Set(text.split(",").map((word) => oneOf(word.trim(), FORMATS, "--format")))];
}

function told({ folder, origin, size, root, erased, files }: Exported): string {
  const gone =
    erased === 0
      ? []
      : [`${counted(erased, "event")} had been erased: of them the entry is here, and what erasure left.`];
  return [
    `${counted(size, "event")} of ${origin} in ${folder}: ${files.join(", ")}.`,
    ...gone,
    `Root ${root}.`,
    "It holds what the ledger holds, salts included. on-record verify checks it without the ledger.",
  ].join("\n");
}

interface Values {
  url: string | undefined;
  token: string | undefined;
  data: string | undefined;
  aws: boolean;
}

/** The keys that checkpoints are checked with, where the stores are read themselves. */
async function keysOf(io: Io, { data, aws }: Values): Promise<string[]> {
  if (aws || io.stores !== undefined)
    return (io.env["ON_RECORD_LOG_VERIFIER_KEYS"] ?? "").split(/[\s,]+/).filter((key) => key !== "");
  const { verifierKeysIn } = await import("@on-record/local/settings");
  return verifierKeysIn(dataFolder(io, data));
}

/** Where the options say that the export is read from, and how to be done with it. */
async function sourceOf(io: Io, values: Values): Promise<{ source: ExportSource; close: () => Promise<void> }> {
  const overHttp = values.url !== undefined || (!values.aws && values.data === undefined);
  if (overHttp && (values.aws || values.data !== undefined))
    throw new UsageError("--url, --data and --aws name different ledgers: give one of them");
  if (overHttp) return { source: remoteSource(await remoteLedger(io, values)), close: async () => {} };
  const keys = await keysOf(io, values);
  const { stores, close } = await openStores(io, values);
  return { source: storeSource(stores, keys), close };
}

/** `on-record export`. */
export const exporting = command({
  name: "export",
  summary: "Write everything that the ledger holds into a folder, with its proof",
  about:
    "Takes the log with what its events say, and the signed checkpoint over it: enough to prove without the ledger that nothing was altered, and to bring the ledger back word for word. With csv come tables for people: every statement, and who did what; with jsonl, who did what as JSON Lines. README.txt in the folder says what each file is.\n\nThe folder must not be there yet. It takes its name when everything is in it: one that was broken off bears .part behind its name, and can be begun anew. The ledger may be at work meanwhile; the export ends where the log stood when it began.",
  options: {
    out: { type: "string", value: "<folder>", about: "the folder to make" },
    format: { type: "string", value: "<formats>", about: "jsonl, csv, or both separated by a comma (the default)" },
    url: HTTP_OPTIONS.url,
    token: HTTP_OPTIONS.token,
    data: { ...STORE_OPTIONS.data, about: "read the stores of this machine's ledger in this folder, running or not" },
    aws: { ...STORE_OPTIONS.aws, about: `${STORE_OPTIONS.aws.about}; its keys as in ON_RECORD_LOG_VERIFIER_KEYS` },
    ...JSON_OPTION,
  },
  examples: [
    ["on-record export --out backup-2025-08-20", "From this machine's running ledger, over HTTP"],
    [
      "on-record export --out backup --url https://ledger.example --format jsonl",
      "From a deployed one, with ON_RECORD_TOKEN of scope admin",
    ],
    ["on-record export --out backup --data .on-record", "From the stores of a ledger that is not running"],
  ],
  async run({ values }, io) {
    if (!values.out) throw new UsageError("on-record export needs --out: the folder to make");
    const formats = formatsIn(values.format ?? "jsonl,csv");
    const { source, close } = await sourceOf(io, values);
    let progress: Progress | undefined;
    try {
      const exported = await writeExport(source, resolve(io.cwd, values.out), {
        formats,
        signal: io.signal,
        onStart(total) {
          progress = startProgress(io, "exporting", { total, unit: "events", json: values.json });
          return progress.at;
        },
      });
      progress?.end();
      await (values.json ? sayJson(io.out, exported) : say(io.out, told(exported)));
      return DONE;
    } finally {
      await close();
    }
  },
});
