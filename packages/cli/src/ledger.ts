import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createClient, OnRecordError, type OnRecordClient } from "@on-record/client";
import { Failure, UsageError, type Io } from "./io.ts";

/** Of one try: a page of an export takes a while to read. */
const TIMEOUT_MS = 30_000;

/** Options that say which ledger is asked over HTTP. */
export const HTTP_OPTIONS = {
  url: {
    type: "string",
    value: "<url>",
    about: "where the ledger is (default: ON_RECORD_URL, else the running ledger of this machine)",
  },
  token: {
    type: "string",
    value: "<token>",
    about:
      "the token; ON_RECORD_TOKEN keeps it out of the list of processes (default: that, else the token of the data folder)",
  },
  data: {
    type: "string",
    value: "<folder>",
    about: "the folder of this machine's ledger (default: ON_RECORD_DATA, else .on-record)",
  },
} as const;

export const JSON_OPTION = { json: { type: "boolean", about: "for programs: JSON, and no progress" } } as const;

interface HttpValues {
  url: string | undefined;
  token: string | undefined;
  data: string | undefined;
}

/** A ledger that answers over HTTP. */
export interface RemoteLedger {
  readonly url: string;
  readonly client: OnRecordClient;
  /** Ends calls when the person does. */
  readonly options: { signal: AbortSignal };
}

/** The folder of this machine's ledger. */
export function dataFolder(io: Pick<Io, "env" | "cwd">, given: string | undefined): string {
  return resolve(io.cwd, given || io.env["ON_RECORD_DATA"] || ".on-record");
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError(`"${text}" is not the address of a ledger, such as https://ledger.example`);
  return text.replace(/\/+$/, "");
}

/** A running ledger of this machine, and its own token. */
async function localLedger(folder: string): Promise<{ url: string; token: string | undefined }> {
  const { runningUrl } = await import("@on-record/local/running");
  const url = await runningUrl(folder);
  if (url === undefined)
    throw new Failure(`no ledger is running on ${folder}: start it with npm start, or name one with --url or --data`);
  const token = await readFile(join(folder, "token"), "utf8").catch(() => undefined);
  return { url, token: token?.trim() };
}

/** Which ledger the options and the environment name. The token of this machine's goes to this machine's alone. */
async function target(io: Io, values: HttpValues): Promise<{ url: string; token: string | undefined }> {
  const token = values.token || io.env["ON_RECORD_TOKEN"] || undefined;
  const url = values.url || (values.data === undefined ? io.env["ON_RECORD_URL"] : undefined);
  if (url) return { url: checkedUrl(url), token };
  const local = await localLedger(dataFolder(io, values.data));
  return { url: local.url, token: token ?? local.token };
}

/** The ledger that the options name. Nothing is sent yet. */
export async function remoteLedger(io: Io, values: HttpValues): Promise<RemoteLedger> {
  const { url, token } = await target(io, values);
  const client = createClient({ url, token, fetch: io.fetch, timeoutMs: TIMEOUT_MS, pauseMs: io.pauseMs });
  return { url, client, options: { signal: io.signal } };
}

/** Whether a request was refused for want of a token, or of a scope. */
export function isForbidden(error: unknown): boolean {
  return error instanceof OnRecordError && (error.code === "forbidden" || error.code === "unauthenticated");
}
