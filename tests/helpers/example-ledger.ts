import type { OpenApi } from "@on-record/functions/api/description/document";
import type { Example, Operation } from "@on-record/functions/api/description/operation";
import { OPERATIONS } from "@on-record/functions/api/description/operations";
import { filledPath, openApiPath } from "@on-record/functions/api/description/paths";
import { createDescription } from "@on-record/functions/api/describe-app";
import { PROJECTIONS } from "@on-record/core/projections/all";
import { catchUp } from "@on-record/core/projections/run";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { testApi } from "../http/api-for-tests.ts";
import type { Received } from "./documented.ts";

const ROUTES: Readonly<Record<string, Operation>> = OPERATIONS;

/** Bytes that follow from their count alone: what is made of them is the same in every run. */
function countedBytes(): (bytes: number) => Uint8Array {
  let calls = 0;
  return (bytes) => {
    calls += 1;
    return Uint8Array.from({ length: bytes }, (_, at) => (calls * 31 + at * 7) % 256);
  };
}

/** A ledger on which the same requests lead to the same answers, word for word. */
export function exampleLedger() {
  const views = new MemoryViews();
  const random = countedBytes();
  const api = testApi({ views, random });
  const described = createDescription({ ...api.deps, random });
  const app = { fetch: (request: Request) => api.app.fetch(request), describe: described };
  const settle = async () => {
    await api.enterLog();
    for (const each of PROJECTIONS) await catchUp(each, { log: api.log, streams: api.streams, views });
  };
  const send = async (operation: Operation, example: Example): Promise<Received> => {
    const { method, path, body, headers } = requestOf(operation, example);
    const url = `http://localhost${path}`;
    const authorization = "Bearer a-token-that-only-tests-know";
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const init = { method, headers: { authorization, ...type, ...headers }, ...(body !== undefined && { body }) };
    const request = new Request(url, init);
    const response = await (path === "/openapi.json" ? app.describe.fetch(request) : app.fetch(request));
    const received = { status: response.status, headers: response.headers, text: await response.text() };
    await settle();
    return received;
  };
  const done = new Set<string>();
  /** Sends what an example needs, and nothing twice. */
  const prepare = async (name: string): Promise<void> => {
    for (const needed of exampleNamed(name).example.needs ?? []) {
      if (done.has(needed)) continue;
      const { status, text } = await play(needed);
      if (status >= 400) throw new Error(`${needed}, which ${name} needs, is refused: ${text}`);
    }
  };
  const play = async (name: string): Promise<Received> => {
    await prepare(name);
    done.add(name);
    const { operation, example } = exampleNamed(name);
    return send(operation, example);
  };
  return { prepare, play, send };
}

/** `operation.example`, of every example there is. */
export function exampleNames(): string[] {
  return Object.entries(ROUTES).flatMap(([id, { examples }]) => Object.keys(examples).map((key) => `${id}.${key}`));
}

export function exampleNamed(name: string): { operation: Operation; example: Example } {
  const [id = "", key = ""] = name.split(".");
  const operation = ROUTES[id];
  const example = operation?.examples[key];
  if (operation === undefined || example === undefined) throw new Error(`there is no example ${name}`);
  return { operation, example };
}

export function requestOf({ method, path }: Operation, { params = {}, query = {}, headers, body }: Example) {
  const filled = filledPath(path, params);
  const asked = new URLSearchParams(query).toString();
  return {
    method,
    path: asked === "" ? filled : `${filled}?${asked}`,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers,
  };
}

/** The schema-less parts of the document that a test looks into. */
export function operationsIn({ paths }: OpenApi): string[] {
  return Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((each) => `${each} ${path}`));
}

export function documentedAs({ method, path }: { method: string; path: string }): { method: string; path: string } {
  return { method: method.toLowerCase(), path: openApiPath(path) };
}

export function documentedPath({ method, path }: { method: string; path: string }): string {
  return `${method.toLowerCase()} ${openApiPath(path)}`;
}
