import type { Random } from "../../helpers/load-random.ts";
import { BODY_TWISTS, type Twist } from "./hostile-body.ts";
import type { Pools, Sent } from "./pools.ts";
import { EDGES, HEADERS, METHODS, PATHS, QUERY_PARTS, SEGMENTS } from "./hostile-values.ts";
import { withHeader, type Target } from "./requests.ts";

function replaceSegment(path: string, random: Random, by: string): string {
  const parts = path.split("/");
  parts[1 + random.below(parts.length - 1)] = by;
  return parts.join("/");
}

const joined = (query: string, more: string) => (query === "" ? more : `${query}&${more}`);

/** A cursor that was tampered with, still base64url of something. */
function altered(cursor: string, random: Random): string {
  const key = Buffer.from(cursor, "base64url").toString();
  const at = random.below(key.length + 1);
  const keys = [
    key.slice(0, at),
    key + key,
    key.replaceAll(/\d/g, "9"),
    key.replaceAll(/\d/g, "0"),
    key.replace(/[a-z]/g, "z"),
    `${key.slice(0, at)}${random.pick(["\0", "~", "#", "é", " ", "\n"])}${key.slice(at + 1)}`,
    key.replace(/-\d\d/, "-99"),
  ];
  const text = Buffer.from(random.pick(keys)).toString("base64url");
  return random.chance(0.1) ? `${cursor}=` : random.chance(0.1) ? cursor.slice(0, -1) : text;
}

/** A parameter that the route takes, with a value that may be more than it can. */
function edgeTwist(targets: readonly Target[]): Twist {
  return (sent, random) => {
    const { parameters = [] } = targets.find(({ id }) => id === sent.operation) ?? {};
    const names = parameters.filter(({ in: place }) => place === "query").map(({ name }) => name);
    if (names.length === 0) return null;
    const query = new URLSearchParams(sent.query);
    for (let count = random.below(3); count >= 0; count -= 1) {
      const name = random.pick(names);
      const [, values] = EDGES.find(([form]) => form.test(name)) ?? random.pick(EDGES);
      query.set(name, random.pick(values));
    }
    return { query: query.toString() };
  };
}

function twistsWith(pools: Pools, targets: readonly Target[]): Record<string, Twist> {
  const cursorTwist =
    (make: (cursor: string, random: Random) => string): Twist =>
    (sent, random) => {
      if (sent.method !== "GET") return null;
      const own = random.chance(0.5) ? pools.link(sent.operation) : undefined;
      const query = new URLSearchParams(own ?? pools.link() ?? "cursor=MDAwMDAwMDAwMDAx");
      const cursor = make(query.get("cursor") ?? "", random);
      const given = new URLSearchParams(random.chance(0.5) ? (own ?? sent.query) : sent.query);
      given.set("cursor", cursor);
      return { query: given.toString() };
    };
  return {
    ...BODY_TWISTS,
    "another segment": (sent, random) => ({ path: replaceSegment(sent.path, random, random.pick(SEGMENTS)) }),
    "an id of another form": (sent, random) => ({ path: sent.path.replace(/[^/]+$/, random.pick(SEGMENTS)) }),
    "another path": (_, random) => ({ path: random.pick(PATHS) }),
    "an odd query": (sent, random) => ({ query: joined(sent.query, random.pick(QUERY_PARTS)) }),
    "only an odd query": (_, random) => ({ query: random.pick(QUERY_PARTS) }),
    "edges in the query": edgeTwist(targets),
    "a query twice": ({ query }) => (query === "" ? null : { query: `${query}&${query}` }),
    "an odd header": (sent, random) => {
      const [name, value] = random.pick(HEADERS);
      return { headers: withHeader(sent.headers, name, value) };
    },
    "headers twice": (sent, random) => ({
      headers: [...sent.headers, random.pick(sent.headers), random.pick(HEADERS)],
    }),
    "many headers": (sent) => ({
      headers: [...sent.headers, ...Array.from({ length: 200 }, (_, n): [string, string] => [`x-${n}`, "y"])],
    }),
    "another method": (_, random) => ({ method: random.pick(METHODS) }),
    "a length that is not so": (sent, random) => ({
      headers: [...sent.headers, ["content-length", random.pick(["0", "1", "-1", "99999999999", "1e9", "0x1", "NaN"])]],
    }),
    "an altered cursor": cursorTwist(altered),
    "a cursor of another list": cursorTwist((cursor) => cursor),
  };
}

/** Makes a request that means no good out of one that does. */
export function hostileMaker(random: Random, pools: Pools, targets: readonly Target[]): (sent: Sent) => Sent {
  const twists = Object.entries(twistsWith(pools, targets));
  return function make(sent) {
    for (;;) {
      const [twist, apply] = random.pick(twists);
      const altered = apply(sent, random);
      if (altered !== null) return { ...sent, ...altered, kind: "hostile", twist };
    }
  };
}
