import { createAccess } from "@on-record/core/access/principals";
import type { StoredEvent } from "@on-record/core/log/envelope";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { sequence } from "@on-record/core/sequencer/sequence";
import { createApp } from "@on-record/functions/api/app";
import type { ApiDeps } from "@on-record/functions/api/route";
import { createLogger } from "@on-record/functions/http/logger";
import { randomBytes } from "node:crypto";
import { undocumented } from "../helpers/documented.ts";
import { sign, VERIFIER_KEY } from "../helpers/log-keys.ts";

export const TOKEN = "a-token-that-only-tests-know";
export const LEDGER_KEY = new Uint8Array(32).fill(7);
export const NOW = Date.parse("2025-08-20T12:00:00Z");

export interface CallOptions {
  body?: unknown;
  /** Sent as it is, in place of `body`. */
  raw?: string | Uint8Array<ArrayBuffer>;
  key?: string;
  token?: string | null;
  headers?: Record<string, string>;
}

/** An answer with its body read: problems and resources alike are loosely typed, as clients see them. */
export interface Answer {
  status: number;
  headers: Headers;
  body: ReturnType<typeof JSON.parse>;
}

/** JSON as what it says; a text as it is, and what is no text as bytes. */
function bodyOf(headers: Headers, bytes: Uint8Array, text: string): Answer["body"] {
  const type = headers.get("content-type") ?? "";
  if (type === "application/octet-stream") return bytes;
  return type.startsWith("text/") ? text : text === "" ? null : JSON.parse(text);
}

/** An API on memory adapters. What a test hands over takes the place of the default. */
export function testApi(overrides: Partial<ApiDeps> = {}) {
  const memory = new MemoryStreams();
  const log = new MemoryLog();
  const lines: string[] = [];
  const tokens = overrides.tokens ?? new MemoryTokens();
  const clock = overrides.clock ?? (() => NOW);
  const deps: ApiDeps = {
    streams: memory,
    log,
    views: new MemoryViews(),
    ledgerKey: LEDGER_KEY,
    logKeys: [VERIFIER_KEY],
    access: createAccess({ adminToken: TOKEN, tokens, clock }),
    tokens,
    publicRead: false,
    corsOrigins: [],
    clock,
    random: randomBytes,
    sleep: async () => {},
    similar: async () => [],
    logger: createLogger((line) => lines.push(line)),
    ...overrides,
  };
  const app = createApp(deps);
  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const { body, raw, key, token = TOKEN, headers = {} } = options;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await app.request(path, {
      method,
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(sent !== undefined && { "content-type": "application/json" }),
        ...(key !== undefined && { "idempotency-key": key }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const text = new TextDecoder().decode(bytes);
    const flaw = undocumented(method, path, { status: response.status, headers: response.headers, text });
    if (flaw !== null) throw new Error(`The answer to ${method} ${path} ${flaw}\n${text}`);
    return { status: response.status, headers: response.headers, body: bodyOf(response.headers, bytes, text) };
  };
  /** Brings everything recorded into the log. */
  const enterLog = async () => {
    const hints = (await stored(deps.streams)).map(({ stream, version }) => ({ stream, version }));
    await sequence(
      { streams: deps.streams, log, bus: new MemoryBus(), sign, clock: () => NOW, sleep: async () => {} },
      hints,
    );
  };
  return { app, call, deps, enterLog, lines, log, streams: deps.streams };
}
export type TestApi = ReturnType<typeof testApi>;

/** Every event that the store holds. */
export async function stored(streams: ApiDeps["streams"]): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const page of streams.scan()) {
    for (const { stream, version } of page) events.push(...(await streams.load(stream, version)).slice(0, 1));
  }
  return events;
}

export const TROOPS = "us-ground-troops-in-ukraine";
export const TEXT = "We will not place ground troops in Ukraine.";

/** Registers the actors and propositions of the story. */
export async function seed({ call }: TestApi): Promise<void> {
  for (const [id, name] of [
    ["donald-trump", "Donald Trump"],
    ["karoline-leavitt", "Karoline Leavitt"],
  ]) {
    await call("PUT", `/v1/actors/${id}`, { body: { name, kind: "person" } });
  }
  await call("PUT", `/v1/propositions/${TROOPS}`, {
    body: { wording: "The United States deploys ground troops in Ukraine" },
  });
}

/** A body for POST /v1/statements that is as it must be. */
export function statement(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    speaker: "donald-trump",
    text: TEXT,
    saidAt: "2025-08-19T12:00:00Z",
    report: { publisher: "Fox News", url: "https://fox.example/story" },
    assessments: [{ proposition: TROOPS, stance: "ruled_out", evidence: { start: 3, end: 11 }, cue: "will not" }],
    ...more,
  };
}

/** A seeded API and one recorded statement's id. */
export async function withStatement(more: Record<string, unknown> = {}, overrides: Partial<ApiDeps> = {}) {
  const api = testApi(overrides);
  await seed(api);
  const { body } = await api.call("POST", "/v1/statements", { body: statement(more), key: "first" });
  const id: string = body.statement.id;
  return { ...api, id, path: `/v1/statements/${id}` };
}
