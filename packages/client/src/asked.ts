import { ROUTES } from "./routes.ts";
import type { Sending } from "./send.ts";
import type { Known, OperationName, RequestOptions } from "./types.ts";

/** What may stand beside a path and a body, whatever the route. */
export interface AnyOptions extends RequestOptions {
  idempotencyKey?: string | undefined;
  ifMatch?: Known | undefined;
  ifNoneMatch?: Known | undefined;
  minimal?: boolean | undefined;
  dryRun?: boolean | string | undefined;
  after?: string | undefined;
}

export type AnyQuery = Readonly<Record<string, unknown>>;

/** What was handed to a method, told apart. */
export interface Asked {
  name: OperationName;
  path: string;
  query: AnyQuery;
  body: unknown;
  options: AnyOptions;
}

/** Fills the ids into a path; gives back what was handed over behind them. */
function filled(template: string, args: readonly unknown[]): { path: string; rest: unknown[] } {
  const rest = [...args];
  const path = template.replaceAll(/\/:\w+(\{\.\+\})?/g, (_, deep?: string) => {
    const id = rest.shift();
    if (typeof id !== "string" || id === "") throw new TypeError(`${template} takes ids that are not empty`);
    const part = encodeURIComponent(id);
    return `/${deep === undefined ? part : part.replaceAll("%2F", "/")}`;
  });
  return { path, rest };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Ids first, then the body or the query, then the options: as the types of the methods have it. */
export function askedOf(name: OperationName, args: readonly unknown[]): Asked {
  const [, template, kind] = ROUTES[name];
  const { path, rest } = filled(template, args);
  const takesBody = kind === "body" || kind === "key";
  const isPlain = kind === "plain" || isMedia(kind);
  const [first, second] = isPlain ? [undefined, rest[0]] : rest;
  const options: AnyOptions = isObject(second) ? second : {};
  const { dryRun, after } = options;
  if (takesBody) return { name, path, query: { dryRun, after }, body: first, options };
  return { name, path, query: isObject(first) ? first : {}, body: undefined, options };
}

/** What each kind of answer is called that is no JSON. */
const MEDIA = { text: "text/plain", bytes: "application/octet-stream" } as const;

function isMedia(kind: string): kind is keyof typeof MEDIA {
  return kind in MEDIA;
}

function textOf(query: AnyQuery): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      given.set(name, String(value));
    }
  }
  const text = given.toString();
  return text === "" ? "" : `?${text}`;
}

/** An entity tag: that of a version, or as it was given. */
function tag(known: Known): string {
  return typeof known === "number" ? `"${known}"` : known;
}

/** The request that is sent, and sent again. */
export function sendingOf({ name, path, query, body, options }: Asked): Sending {
  const [method, , kind] = ROUTES[name];
  const { idempotencyKey, ifMatch, ifNoneMatch, minimal, signal, timeoutMs, retries } = options;
  const isDry = String(query["dryRun"]) === "true";
  // Made once: every try of one call has the same. A dry run records nothing, so there is nothing to know it by.
  const key = idempotencyKey ?? (kind === "key" && !isDry ? crypto.randomUUID() : undefined);
  const as = isMedia(kind) ? kind : "json";
  const headers = {
    accept: as === "json" ? "application/json" : `${MEDIA[as]}, application/problem+json`,
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(key !== undefined && { "idempotency-key": key }),
    ...(ifMatch !== undefined && { "if-match": tag(ifMatch) }),
    ...(ifNoneMatch !== undefined && { "if-none-match": tag(ifNoneMatch) }),
    ...(minimal === true && { prefer: "return=minimal" }),
  };
  const text = body === undefined ? undefined : JSON.stringify(body);
  return { method, path: path + textOf(query), headers, body: text, as, signal, timeoutMs, retries };
}
