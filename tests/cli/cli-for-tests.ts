import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Io, Sink } from "@on-record/cli/io";
import { run } from "@on-record/cli/run";
import type { LedgerStores } from "@on-record/local/stores";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { catchUp } from "@on-record/core/projections/run";
import { eraseStream } from "@on-record/core/erasure/erase";
import { StreamName } from "@on-record/core/log/envelope";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { onTestFinished } from "vitest";
import { NOW, statement, testApi, TOKEN, TROOPS } from "../http/api-for-tests.ts";
import { SIGNER_KEY, VERIFIER_KEY } from "../helpers/log-keys.ts";

const ERASURE = { reason: "A court asked for it", reference: "Case 4711" };

/** JSON that a test looks into. */
// oxlint-disable-next-line typescript/no-explicit-any -- what it holds is what the tests are there to find out
export type Json = any;

/** What a command did. */
export interface Ran {
  code: number;
  out: string;
  err: string;
  /** Standard output as one JSON value. */
  json: () => Json;
}

/** A terminal, a file or a pipe that keeps what is written to it. */
export class TestSink implements Sink {
  text = "";
  isTTY = false;
  /** After so many writes the reader goes. */
  closesAfter = Infinity;
  #writes = 0;

  get closed(): boolean {
    return this.#writes >= this.closesAfter;
  }

  write(text: string): void {
    this.#writes += 1;
    if (!this.closed) this.text += text;
  }
}

/** A folder of a test's own, gone when it ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "on-record-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface World {
  fetch?: Io["fetch"];
  stores?: LedgerStores;
  env?: Record<string, string>;
  signal?: AbortSignal;
  clock?: () => number;
  sleep?: Io["sleep"];
  out?: TestSink;
  err?: TestSink;
}

/** Runs commands in a folder, without a process or a socket. */
export function commandLine(folder: string, world: World = {}) {
  return async (...argv: string[]): Promise<Ran> => {
    const { stores, out = new TestSink(), err = new TestSink() } = world;
    const code = await run(argv, {
      out,
      err,
      env: { ON_RECORD_URL: "http://ledger.test", ON_RECORD_TOKEN: TOKEN, ...world.env },
      cwd: folder,
      home: folder,
      fetch: world.fetch ?? (() => Promise.reject(new Error("there is no network"))),
      pauseMs: 1,
      clock: world.clock ?? (() => NOW),
      sleep: world.sleep ?? (async () => {}),
      random: (bytes) => new Uint8Array(bytes).fill(9),
      signal: world.signal ?? new AbortController().signal,
      ...(stores && { stores: async () => ({ stores, close: async () => {} }) }),
    });
    return { code, out: out.text, err: err.text, json: () => JSON.parse(out.text) };
  };
}

/** A ledger in memory: over HTTP, and its stores. */
export function testLedger() {
  const [views, places] = [new MemoryViews(), new MemoryViews()];
  const streams = new MemoryStreams();
  const api = testApi({ streams, views });
  const { log } = api;
  const fetch: Io["fetch"] = async (url, init) => api.app.request(new Request(url, init));
  /** Brings everything recorded into the log and the read models. */
  const settle = async () => {
    await api.enterLog();
    for (const projection of PROJECTIONS) await catchUp(projection, { log, streams, views });
  };
  /** Asks as an admin; throws for what is refused. */
  const ask = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await api.app.request(path, sent);
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.json();
  };
  let outlets = 0;
  /** Records a statement, of an outlet of its own; its id. */
  const record = async (more: Record<string, unknown> = {}): Promise<string> => {
    outlets += 1;
    const report = { publisher: "Wire", url: `https://wire.example/${outlets}` };
    return (await ask("POST", "/v1/statements", statement({ report, ...more }))).statement.id;
  };
  /** Registers the actors and the proposition of the story. */
  const seed = async () => {
    await ask("PUT", "/v1/actors/donald-trump", { name: "Donald Trump", kind: "person" });
    await ask("PUT", "/v1/actors/karoline-leavitt", { name: "Karoline Leavitt", kind: "person" });
    await ask("PUT", `/v1/propositions/${TROOPS}`, { wording: "The United States deploys ground troops in Ukraine" });
  };
  /** Erases a statement under law: its words are gone from every table. */
  const erase = async (id: string): Promise<void> => {
    await ask("POST", `/v1/statements/${id}/erasure`, ERASURE);
    await settle();
    const deps = { log, streams, views, events: streams, rows: views, places, clock: () => NOW, sleep: async () => {} };
    await eraseStream(deps, StreamName.parse(`statement/${id}`));
  };
  const stores: LedgerStores = { streams, log, views, places };
  const env = { ON_RECORD_LOG_VERIFIER_KEYS: VERIFIER_KEY, ON_RECORD_LOG_SIGNING_KEYS: SIGNER_KEY };
  return { ...api, views, places, stores, fetch, settle, ask, record, erase, env, seed };
}
export type TestLedger = ReturnType<typeof testLedger>;

/** A seeded ledger with some statements, in segments of their own. */
export async function filledLedger(statements = 5): Promise<TestLedger> {
  const ledger = testLedger();
  await ledger.seed();
  await ledger.settle();
  for (let n = 0; n < statements; n += 1) {
    await ledger.record({ text: `Statement ${n} says that we will not place ground troops in Ukraine.` });
    if (n % 2 === 1) await ledger.settle();
  }
  await ledger.settle();
  return ledger;
}

/** The lines of a file of an export. */
export function linesIn(folder: string, name: string): string[] {
  return readFileSync(join(folder, name), "utf8").split("\n").slice(0, -1);
}
