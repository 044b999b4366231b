import type { DescribedOperation, OpenApi, Parameter } from "@on-record/functions/api/description/document";
import type { JsonSchema } from "@on-record/functions/api/description/schemas";
import type { Random } from "../../helpers/load-random.ts";
import { TOKEN } from "../api-for-tests.ts";
import { missBody } from "./almost.ts";
import type { Pools, Sent } from "./pools.ts";
import { Values } from "./schema-values.ts";

/** One operation of the description, as far as requests are made from it. */
export interface Target {
  id: string;
  method: string;
  path: string;
  parameters: Parameter[];
  body: JsonSchema | undefined;
  scope: string | undefined;
  /** It refuses to overwrite what the caller has not seen. */
  needsMatch: boolean;
}

/** Every operation that the description has. */
export function targetsIn({ paths }: OpenApi): Target[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => targetOf(method.toUpperCase(), path, operation)),
  );
}

function targetOf(method: string, path: string, described: DescribedOperation): Target {
  return {
    id: described.operationId,
    method,
    path,
    parameters: described.parameters,
    body: described.requestBody?.content["application/json"]?.schema,
    scope: described.security[0]?.["token"]?.[0],
    needsMatch: "428" in described.responses,
  };
}

const QUERY_SHARE = 0.15;
/** Where a query is taken at all, one that is not known is refused. */
export const UNKNOWN_QUERY = "an unknown query";
const LONG_COUNT = 100;
const RARE_QUERIES = new Set(["after", "dryRun"]);
const FOREIGN_IDS = [
  "nobody-at-all",
  "st_aaaaaaaaaaaaaaaaaaaaaaaaaa",
  "rp_aaaaaaaaaaaaaaaa",
  "aaaaaaaaaaaaaaaa",
  "x",
  "ST_1",
];
const FOREIGN_TOKENS = ["", "wrong", `or_${"a".repeat(16)}_${"b".repeat(43)}`, `${TOKEN}x`];

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text));
}

/** Replaces a header, or leaves it out. */
export function withHeader(headers: Sent["headers"], name: string, value?: string): Sent["headers"] {
  const others = headers.filter(([each]) => each !== name);
  return value === undefined ? others : [...others, [name, value]];
}

/** Makes requests from the description: as they must be, and almost so. */
export class Requests {
  readonly #random: Random;
  readonly #pools: Pools;
  readonly #values: Values;
  #keys = 0;

  constructor(random: Random, pools: Pools, { components }: OpenApi) {
    this.#random = random;
    this.#pools = pools;
    this.#values = new Values(random, components.schemas, pools.known);
  }

  /** One that the description allows; most are accepted. */
  valid(target: Target): Sent {
    const isAgain = this.#random.chance(0.06);
    const again = isAgain ? this.#pools.accepted.findLast(({ operation }) => operation === target.id) : undefined;
    if (again !== undefined) return { ...again, twist: "sent again" };
    const path = this.#pathOf(target);
    const body = target.body === undefined ? undefined : JSON.stringify(this.#values.of(target.body));
    return {
      operation: target.id,
      kind: "valid",
      twist: "as described",
      method: target.method,
      path,
      query: this.#queryOf(target),
      headers: this.#headersOf(target, path),
      ...(body !== undefined && { body: bytesOf(body) }),
    };
  }

  #pathOf({ path, parameters }: Target): string {
    const given = new Map<string, string>();
    for (const { name, in: place, schema } of parameters) {
      if (place !== "path") continue;
      given.set(name, this.#pools.inPath(path, name) ?? encodeURI(String(this.#values.of(schema, name))));
    }
    const owner = this.#pools.statementOf(given.get("report") ?? "");
    if (owner !== undefined) given.set("id", owner);
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => given.get(name) ?? "");
  }

  #queryOf({ id, parameters }: Target): string {
    const next = this.#random.chance(0.3) ? this.#pools.link(id) : undefined;
    if (next !== undefined) return next;
    const query = new URLSearchParams();
    for (const { name, in: place, schema, required } of parameters) {
      if (place !== "query" || name === "cursor") continue;
      const share = RARE_QUERIES.has(name) ? QUERY_SHARE / 2 : QUERY_SHARE;
      if (required || this.#random.chance(share)) query.set(name, String(this.#values.of(schema, name)));
    }
    const { schema: limit } = parameters.find(({ name }) => name === "limit") ?? {};
    // A list that is long unless it is told otherwise is read whole now and then only.
    if (Number(limit?.default) > LONG_COUNT && !this.#random.chance(0.03)) {
      query.set("limit", String(1 + this.#random.below(20)));
    }
    if (query.has("after") && parameters.some(({ name }) => name === "dryRun")) query.set("dryRun", "true");
    return query.toString();
  }

  #headersOf({ scope, parameters, body, needsMatch }: Target, path: string): Sent["headers"] {
    const isOther = this.#random.chance(0.1);
    const other = isOther ? this.#pools.tokens.findLast(({ scopes }) => scopes.includes(scope ?? "")) : undefined;
    const token = other?.value ?? TOKEN;
    const takes = new Set(parameters.filter(({ in: place }) => place === "header").map(({ name }) => name));
    const headers: Sent["headers"] = [["authorization", `Bearer ${token}`]];
    if (body !== undefined) headers.push(["content-type", "application/json"]);
    const etag = this.#pools.etagOf(path);
    if (takes.has("If-Match") && etag !== undefined && (needsMatch || this.#random.chance(0.1))) {
      headers.push(["if-match", etag]);
    } else if (takes.has("If-None-Match") && this.#random.chance(0.2)) {
      headers.push(["if-none-match", body === undefined ? (etag ?? "*") : "*"]);
    }
    if (takes.has("Prefer") && this.#random.chance(0.2)) {
      headers.push(["prefer", String(this.#values.of({ type: "string" }, "Prefer"))]);
    }
    if (takes.has("Idempotency-Key") && this.#random.chance(0.3)) {
      headers.push(["idempotency-key", `key-${(this.#keys += 1)}`]);
    }
    return headers;
  }

  /** A valid one with something that is not quite as it must be. */
  almost(target: Target): Sent {
    const sent: Sent = { ...this.valid(target), kind: "almost" };
    const { body } = target;
    if (body !== undefined && sent.body !== undefined && this.#random.chance(0.7)) {
      const missed = missBody(this.#random, this.#values, body, JSON.parse(Buffer.from(sent.body).toString()));
      return { ...sent, body: bytesOf(JSON.stringify(missed.body)), twist: missed.twist };
    }
    const queries = target.parameters.filter(({ in: place }) => place === "query");
    switch (this.#random.below(4)) {
      case 0:
        return {
          ...sent,
          query: `${sent.query}${sent.query && "&"}surprise=1`,
          twist: queries.length > 0 ? UNKNOWN_QUERY : "a query",
        };
      case 1: {
        if (queries.length === 0) break;
        const { name } = this.#random.pick(queries);
        const value = this.#random.pick(["", "-1", "0", "101", "x y", "2025-02-30", "TRUE", "Mars/Olympus", "1.0"]);
        const query = new URLSearchParams(sent.query);
        query.set(name, value);
        return { ...sent, query: query.toString(), twist: `${name} of another form` };
      }
      case 2: {
        const headers = withHeader(sent.headers, "if-match", this.#random.pick(['"999"', '"1"', 'W/"1"', "1"]));
        return { ...sent, headers, twist: "another If-Match" };
      }
      default: {
        if (!target.path.includes("{")) break;
        const path = target.path.replaceAll(/\{\w+\}/g, () => this.#random.pick(FOREIGN_IDS));
        return { ...sent, path, twist: "an id of nothing" };
      }
    }
    const token = this.#random.pick(FOREIGN_TOKENS);
    return { ...sent, headers: withHeader(sent.headers, "authorization", `Bearer ${token}`), twist: "another token" };
  }
}
