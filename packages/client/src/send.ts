import { errorOf, OnRecordError } from "./errors.ts";

/** How to reach a ledger. */
export interface ClientOptions {
  /** Where it is, such as `https://ledger.example`; a path before `/v1` is kept. */
  url: string;
  /** The bearer token; or how to get one, asked for each try. Where reading is public, none is needed. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** In place of the platform's own. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** How often a request may be tried again. */
  retries?: number | undefined;
  /** Of each try. */
  timeoutMs?: number | undefined;
  /** Milliseconds before the first retry; it doubles with each, and half of it is chance. */
  pauseMs?: number | undefined;
}

/** One request, ready to be sent as often as need be. */
export interface Sending {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** What is to be answered; `json` unless told. */
  as?: "json" | "text" | "bytes" | undefined;
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  retries?: number | undefined;
}

/** An answer that ended well, and its body; `null` where it has none. */
export interface Sent {
  response: Response;
  body: unknown;
}

const RETRIES = 4;
const TIMEOUT_MS = 15_000;
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** A server that asks for more patience than this is told to the caller instead. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** Not now: too many requests, or something between here and the store that does not answer. */
const NOT_NOW = new Set([429, 502, 503, 504]);
const NOT_MODIFIED = 304;

/** Sends a request, again where that may help: every request is made so that a repeat does no harm. Throws `OnRecordError`, or the reason of the caller's signal. */
export async function send(client: ClientOptions, sending: Sending): Promise<Sent> {
  const retries = sending.retries ?? client.retries ?? RETRIES;
  for (let tried = 0; ; tried += 1) {
    const result = await attempt(client, sending);
    if (!(result instanceof Failure)) return result;
    const pause = pauseBefore(tried, result.retryAfter, client.pauseMs ?? PAUSE_MS);
    if (!result.mayPass || tried >= retries || pause === null) throw result.error;
    await sleep(pause, sending.signal);
  }
}

class Failure {
  readonly error: OnRecordError;
  /** Whether asking again may help. */
  readonly mayPass: boolean;
  readonly retryAfter: string | null;

  constructor(error: OnRecordError, mayPass: boolean, retryAfter: string | null = null) {
    this.error = error;
    this.mayPass = mayPass;
    this.retryAfter = retryAfter;
  }
}

async function attempt(client: ClientOptions, sending: Sending): Promise<Sent | Failure> {
  const { method, path, headers, body, as, signal } = sending;
  const request = `${method} ${path}`;
  const timeoutMs = sending.timeoutMs ?? client.timeoutMs ?? TIMEOUT_MS;
  const limit = AbortSignal.timeout(timeoutMs);
  signal?.throwIfAborted();
  const token = typeof client.token === "function" ? await client.token() : client.token;
  const ask = client.fetch ?? globalThis.fetch;
  try {
    const response = await ask(client.url.replace(/\/+$/, "") + path, {
      method,
      headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { body }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    if (response.ok && as === "bytes") return { response, body: new Uint8Array(await response.arrayBuffer()) };
    const text = await response.text();
    if (response.ok && as === "text") return { response, body: text };
    return judge(request, response, text);
  } catch (error) {
    signal?.throwIfAborted();
    const code = limit.aborted ? "timeout" : "unreachable";
    const why = limit.aborted ? `was not answered within ${timeoutMs} ms` : "was not answered";
    return new Failure(new OnRecordError(`${request} ${why}`, { status: 0, code }, error), true);
  }
}

function judge(request: string, response: Response, text: string): Sent | Failure {
  const { status, headers } = response;
  const body = parse(text);
  if (status === NOT_MODIFIED) return { response, body: null };
  if (response.ok && body !== undefined) return { response, body };
  if (response.ok) {
    const message = `${request} was answered with something that is not JSON`;
    return new Failure(new OnRecordError(message, { status, code: "unreadable" }), false);
  }
  return new Failure(errorOf(request, response, body), NOT_NOW.has(status), headers.get("retry-after"));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Milliseconds to wait: as long as the server asks for, if that is longer; `null` where it asks for too much. */
function pauseBefore(tried: number, retryAfter: string | null, pauseMs: number): number | null {
  const backoff = Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** tried);
  const pause = backoff / 2 + (Math.random() * backoff) / 2;
  if (retryAfter === null) return pause;
  const asked = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now();
  if (asked > LONGEST_RETRY_AFTER_MS) return null;
  return Number.isNaN(asked) ? pause : Math.max(asked, pause);
}

function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the caller's own reason
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
  });
}
