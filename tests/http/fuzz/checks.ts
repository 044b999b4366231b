import { TOKEN_VALUES } from "@on-record/core/access/token-value";
import { saltedDigest } from "@on-record/core/log/digest";
import { isErased } from "@on-record/core/log/envelope";
import { isDeepStrictEqual } from "node:util";
import { unasked, undocumented } from "../../helpers/documented.ts";
import { checkLog, checkPositions } from "../../helpers/load-check.ts";
import type { ReadEvent, ShownPosition } from "../../helpers/load-read.ts";
import { wholeLog } from "../../helpers/memory-ledger.ts";
import { LEDGER_KEY, stored, TOKEN } from "../api-for-tests.ts";
import { REFUSED } from "./hostile-body.ts";
import type { Got, Sent } from "./pools.ts";
import { UNKNOWN_QUERY } from "./requests.ts";
import { CANARY } from "./schema-values.ts";
import type { World } from "./world.ts";

/** Far more than any request takes; what is slower than this hangs, or soon will. */
const BOUND_MS = 5_000;
const KEY_HEX = Buffer.from(LEDGER_KEY).toString("hex");
const KEY_BASE64 = Buffer.from(LEDGER_KEY).toString("base64url");
const SECRETS = new RegExp(`${TOKEN}|${KEY_HEX}|${KEY_BASE64}`);
const INTERNALS = /\n\s+at |node_modules|\.ts:\d|TypeError|RangeError|ZodError|SyntaxError: /;
/** Methods that fetch writes in capitals. */
const NORMALISED = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]);

/** What the stores had seen at a moment. */
export interface Counts {
  events: number;
  tokens: number;
}

export function countsOf({ streams, tokens }: World): Counts {
  return { events: streams.appended, tokens: tokens.written };
}

/** The path as routes see it: dots gone, escapes undone. */
function routed(path: string): string {
  const { pathname } = new URL(`http://api.example${path}`);
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}

function methodOf({ method }: Sent): string {
  const capitals = method.toUpperCase();
  return NORMALISED.has(capitals) ? capitals : method;
}

interface Told {
  event?: object | null;
  replayed?: boolean;
  results?: (Told & { status: number })[];
}

/** How many events an answer says that it recorded. */
function recordedBy({ status, text }: Got, method: string): number {
  if (status >= 300 || method === "GET" || method === "HEAD" || !text.startsWith("{")) return 0;
  const { results, ...one }: Told = JSON.parse(text);
  return (results ?? [{ ...one, status }]).filter((each) => each.status < 300 && each.event && !each.replayed).length;
}

/** What is wrong with an answer, or with what the request did; `null` when nothing is. */
export function flawOf(
  world: World,
  sent: Sent,
  got: Got,
  { before, tookMs }: { before: Counts; tookMs: number },
): string | null {
  const method = methodOf(sent);
  const path = routed(sent.path);
  const lines = world.api.lines.splice(0).join("\n");
  if (got.status >= 500) return `was answered ${got.status}: ${lines}`;
  if (tookMs > BOUND_MS) return `took ${tookMs} ms`;
  const undescribed = undocumented(method, path, got);
  if (undescribed !== null) return undescribed;
  if (got.status >= 400 && got.headers.get("content-type") !== "application/problem+json")
    return "is no problem document";
  if (sent.twist === UNKNOWN_QUERY && got.status < 400) return "was accepted";
  if (REFUSED.has(sent.twist) && got.status < 400 && sent.operation !== "recordStatements") return "was accepted";
  const after = countsOf(world);
  if (after.events - before.events !== recordedBy(got, method)) {
    return `recorded ${after.events - before.events} events and told of ${recordedBy(got, method)}`;
  }
  const isTokens = path.startsWith("/v1/tokens") && method !== "GET" && method !== "HEAD";
  if (after.tokens - before.tokens !== (isTokens && got.status < 300 ? 1 : 0))
    return "altered tokens and did not say so";
  const body = sent.body === undefined ? undefined : new TextDecoder().decode(sent.body);
  // A batch is accepted though items of it are refused.
  if (got.status < 300 && body !== undefined && !got.text.includes('"problem":{')) {
    const unlike = unasked(method, path, body);
    if (unlike !== null) return `accepted a body that ${unlike}`;
  }
  return leakOf(sent, got, lines);
}

/** What an answer or a line of the log tells that it must not. */
function leakOf({ operation, path }: Sent, { status, headers, text }: Got, lines: string): string | null {
  // The description has an example of one.
  const issues = (status === 201 && /^(?:create|rotate)Token$/.test(operation)) || path === "/openapi.json";
  const shown = `${text}\n${[...headers].join("\n")}`;
  if (SECRETS.test(shown)) return "tells a secret";
  if (!issues && shown.search(TOKEN_VALUES) !== -1) return "tells a token's value";
  if (INTERNALS.test(shown)) return "tells what is inside";
  if (lines.includes('"level":"error"')) return `was logged as an error: ${lines}`;
  if (SECRETS.test(lines) || lines.search(TOKEN_VALUES) !== -1) return "was logged with a secret";
  return lines.includes(CANARY) ? "was logged with what was said" : null;
}

/** Reads a list of the API to its end. */
async function allOf<T>(world: World, path: string, name: string): Promise<T[]> {
  const all: T[] = [];
  for (let query = "limit=100"; ;) {
    const { body } = await world.api.call("GET", `${path}?${query}`);
    all.push(...(body[name] as T[]));
    if (body.next === undefined) return all;
    query = `limit=100&cursor=${body.next}`;
  }
}

/** What is wrong with the ledger after all of it: each event is whole, and the views show what the events come to. */
export async function flawsOfLedger(world: World): Promise<string[]> {
  await world.settle();
  const { log, call } = world.api;
  const { appended } = world.streams;
  const events = await stored(world.streams);
  const whole = events.filter((event) => !isErased(event));
  const altered = whole.filter(({ salt, data, digest }) => saltedDigest(salt, data) !== digest).map(({ id }) => id);
  const logged = await wholeLog(log, world.streams);
  const read = new Map<string, ReadEvent[]>();
  for (const { entry, event } of logged) {
    if (!entry.stream.startsWith("statement/")) continue;
    const { id, stream, version, recordedBy, sequence } = entry;
    const of = stream.slice("statement/".length);
    read.set(of, [...(read.get(of) ?? []), { ...event, version, recordedBy, id, sequence } as ReadEvent]);
  }
  const shown: ShownPosition[] = [];
  for (const { id } of await allOf<{ id: string }>(world, "/v1/actors", "actors")) {
    shown.push(...(await allOf<ShownPosition>(world, `/v1/actors/${id}/positions`, "positions")));
  }
  const listed = await allOf<{ id: string; version: number }>(world, "/v1/statements", "statements");
  // What was erased is listed nowhere.
  const told = [...read].filter(([, events]) => events.at(-1)?.type !== "StatementErased");
  const versions = new Map(told.map(([id, { length }]) => [id, length]));
  const listedAs = new Map(listed.map(({ id, version }) => [id, version]));
  const size: number = (await call("GET", "/v1/log?limit=1")).body.size;
  return [
    ...altered.map((id) => `${id} is not what its digest says`),
    // A key counts within one stream.
    ...checkLog(logged.map(({ entry }) => ({ ...entry, requestId: `${entry.stream} ${entry.requestId}` }))).violations,
    ...checkPositions(shown, read).violations,
    ...(isDeepStrictEqual(versions, listedAs) ? [] : ["not every statement is listed as it stands"]),
    ...(size === appended && size === events.length ? [] : [`${size} in the log, ${appended} acknowledged`]),
  ];
}
