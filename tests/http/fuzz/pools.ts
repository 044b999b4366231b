import { overlaps } from "@on-record/core/domain/time";
import type { Random } from "../../helpers/load-random.ts";
import type { Known } from "./schema-values.ts";

/** What is sent, byte for byte: however a transport wraps it. */
export interface Sent {
  operation: string;
  kind: "valid" | "almost" | "hostile";
  /** What was done to it, for whoever reads of a failure. */
  twist: string;
  method: string;
  /** As they are in the request line: escaped, or not. */
  path: string;
  query: string;
  headers: [name: string, value: string][];
  body?: Uint8Array<ArrayBuffer> | undefined;
}

/** An answer as any transport brings it. */
export interface Got {
  status: number;
  headers: Headers;
  text: string;
}

const NEWEST_COUNT = 25;
const KEPT_COUNT = 400;
const LINK = /^<([^?>]+)\?([^>]*)>; rel="next"$/;
const RESOURCE = /^\/v1\/(\w+)\/([^/?#]+)/;
const ZONES = ["UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "-04:00", "+05:45"];
const CONDITIONS = ["after a peace deal", "if asked", "with a mandate"];
const EVENT_TYPES = ["StatementRecorded", "ActorRegistered", "StatementCorrected", "ReportAdded"];
const TILES = [
  "0/000.p/1",
  "0/000.p/7",
  "entries/000.p/2",
  "entries/000.p/10",
  "0/000",
  "1/000.p/1",
  "entries/x001/067",
];
const DAY_MS = 86_400_000;

/** What answers to writes tell of. */
interface Written {
  event?: { id: string } | null;
  value?: string;
  token?: { scopes: string[] };
  statement?: Shown & { reports?: { id: string }[] };
  results?: Written[];
}

/** A statement as it was last shown, as far as requests depend on it. */
interface Shown {
  id: string;
  status: string;
  direct: boolean;
  speaker: string;
  actor: string;
  saidAt: { from: string; until: string };
  assessments: { proposition: string; condition?: string }[];
}

/** On which statements the last part of a path most often does something; on a standing one, where nothing is said. */
const FITTING: Readonly<Record<string, (statement: Shown) => boolean>> = {
  conditions: ({ status, assessments }) =>
    status === "standing" && assessments.some(({ condition }) => condition !== undefined),
  settlements: ({ direct, status, assessments }) => !direct && status === "standing" && assessments.length > 0,
  reinstatement: ({ status }) => status === "withdrawn" || status === "merged",
};
const isStanding = ({ status }: Shown) => status === "standing";
const TRIES_COUNT = 12;

/** What earlier answers told, so that later requests can name what is there. */
export class Pools {
  readonly #random: Random;
  readonly #clock: () => number;
  readonly #ids = new Map<string, string[]>();
  readonly #known = new Set<string>();
  readonly #etags = new Map<string, string>();
  readonly #statementOf = new Map<string, string>();
  readonly #statements = new Map<string, Shown>();
  /** The statement that the request at hand is about. */
  #about: Shown | undefined;
  /** Queries that lead on, by operation. */
  readonly #links = new Map<string, string[]>();
  readonly tokens: { value: string; scopes: string[] }[] = [];
  /** Writes that were accepted, to be sent again. */
  readonly accepted: Sent[] = [];

  constructor(random: Random, clock: () => number) {
    this.#random = random;
    this.#clock = clock;
  }

  /** Learns from an answer. */
  note(sent: Sent, { status, headers, text }: Got): void {
    if (status >= 300) return;
    const location = RESOURCE.exec(headers.get("location") ?? "");
    if (location !== null) this.add(location[1] ?? "", location[2] ?? "");
    const at = location?.[0] ?? RESOURCE.exec(sent.path)?.[0];
    const etag = headers.get("etag");
    if (at !== undefined && etag !== null) this.#etags.set(at, etag);
    const [, path, query] = LINK.exec(headers.get("link") ?? "") ?? [];
    if (path === sent.path && query !== undefined) keep(this.#links, sent.operation, query);
    if (sent.method === "GET" || sent.method === "HEAD") return;
    if (!sent.query.includes("dryRun") && text.startsWith("{")) this.#noteWritten(JSON.parse(text) as Written);
    if (sent.kind === "valid" && sent.body !== undefined && !sent.query.includes("dryRun")) this.accepted.push(sent);
    if (this.accepted.length > KEPT_COUNT) this.accepted.shift();
  }

  #noteWritten({ event, value, token, statement, results = [] }: Written): void {
    for (const result of results) this.#noteWritten(result);
    if (event) this.add("events", event.id);
    if (value !== undefined) this.tokens.push({ value, scopes: token?.scopes ?? [] });
    if (statement === undefined) return;
    this.add("statements", statement.id);
    // A minimal answer names it, and says no more.
    if (statement.reports === undefined) return;
    this.#statements.set(statement.id, statement);
    for (const { id } of statement.reports) {
      this.add("reports", id);
      this.#statementOf.set(id, statement.id);
    }
  }

  add(noun: string, id: string): void {
    const name = `${noun} ${id}`;
    if (!this.#known.has(name)) keep(this.#ids, noun, id);
    this.#known.add(name);
  }

  /** One of a noun; most often one of the newest, so that some streams grow long. */
  id(noun: string): string | undefined {
    const ids = this.#ids.get(noun) ?? [];
    const from = this.#random.chance(0.6) ? Math.max(0, ids.length - NEWEST_COUNT) : 0;
    return ids.length === 0 ? undefined : ids[from + this.#random.below(ids.length - from)];
  }

  /** The first ones are used most, so that positions have histories. */
  #slug(noun: string): string {
    const ids = this.#ids.get(noun) ?? [];
    return ids[this.#random.below(this.#random.chance(0.8) ? Math.min(4, ids.length) : ids.length)] ?? "nobody";
  }

  etagOf(path: string): string | undefined {
    return this.#etags.get(RESOURCE.exec(path)?.[0] ?? "");
  }

  /** The statement that has the report. */
  statementOf(report: string): string | undefined {
    return this.#statementOf.get(report);
  }

  /** A query that leads on in a list; of another list, if none is named. */
  link(operation = this.#random.pick([...this.#links.keys(), ""])): string | undefined {
    const links = this.#links.get(operation) ?? [];
    return links.length === 0 ? undefined : this.#random.pick(links);
  }

  /** What a path's parameter names; `undefined` where nothing of its kind was met. */
  inPath(path: string, name: string): string | undefined {
    if (name === "tile") return this.#random.pick(TILES);
    const noun = name === "id" ? (/^\/v1\/(\w+)/.exec(path)?.[1] ?? "") : `${name}s`;
    if (noun === "statements") return this.#statementFor(path.split("/").at(-1) ?? "");
    if (noun !== "actors" && noun !== "propositions") return this.id(noun);
    return this.#random.chance(0.1) ? `${noun.slice(0, -1)}-${this.#random.below(20)}` : this.#slug(noun);
  }

  /** Most often one that the request can do something to; what follows is about it. */
  #statementFor(part: string): string {
    const fits = FITTING[part] ?? isStanding;
    for (let tries = 1; ; tries += 1) {
      const id = this.id("statements") ?? "none";
      this.#about = this.#statements.get(id);
      if (tries === TRIES_COUNT || this.#about === undefined || fits(this.#about)) return id;
    }
  }

  /** Another statement of the same actor, where there is one: by the same speaker, at the same time, or not. */
  #sibling(): string | undefined {
    const about = this.#about;
    if (about === undefined) return this.id("statements");
    const recent = [...this.#statements.values()].slice(-400);
    const all = recent.filter((each) => isStanding(each) && each.id !== about.id && each.actor === about.actor);
    const near = all.filter(({ saidAt }) => overlaps(saidAt, about.saidAt));
    const same = all.filter(({ speaker }) => speaker === about.speaker);
    const lists = [near, near, same, same, all].filter((list) => list.length > 0);
    return lists.length === 0 ? this.id("statements") : this.#random.pick(this.#random.pick(lists)).id;
  }

  #slugFor(field: string): string {
    if (!/proposition|broader/.test(field)) return this.#slug("actors");
    const all = this.#about?.assessments ?? [];
    const conditional = all.filter(({ condition }) => condition !== undefined);
    const own = conditional.length > 0 && this.#random.chance(0.5) ? conditional : all;
    return own.length > 0 && this.#random.chance(0.5) ? this.#random.pick(own).proposition : this.#slug("propositions");
  }

  /** What schemas cannot tell. */
  readonly known: Known = (component, field) => {
    switch (component) {
      case "Slug":
        return this.#slugFor(field);
      case "StatementId":
        return this.#sibling();
      case "TokenId":
        return this.id("tokens");
      case "ReportId":
        return this.id("reports");
      case "EventId":
        return this.id("events");
      case "PrincipalId":
        return field === "recordedBy" ? "admin" : this.#random.pick(["news.desk", "wire-desk"]);
      case "Evidence":
        return { start: this.#random.below(3), end: 3 + this.#random.below(5) };
      case "MomentOrDate":
      case "Zone":
      case undefined:
        return this.#byField(field);
      default:
        return undefined;
    }
  };

  #byField(field: string): unknown {
    if (field === "expiresAt") return new Date(this.#clock() + this.#random.below(90) * DAY_MS + 1_000).toISOString();
    if (field.endsWith("Precision")) return "day";
    if (field === "Prefer") return this.#random.pick(["return=minimal", "return=representation", 'x="y", return']);
    if (field === "confidence") return this.#random.pick([0.3, 0.6, 0.8, 1]);
    if (field === "condition") return this.#random.pick(CONDITIONS);
    if (field === "type") return this.#random.pick(EVENT_TYPES);
    if (field === "stream") return this.id("events")?.split("@")[0];
    if (field === "q") return this.#random.pick(["quetzal", "not", "tro", "КИЇВ", "never 1"]);
    if (/zone$/i.test(field)) return this.#random.pick(ZONES);
    if (!/(?:asOf|At|From|To)$/.test(field)) return undefined;
    const at = new Date(this.#clock() - this.#random.below(14) * DAY_MS - this.#random.below(DAY_MS)).toISOString();
    return this.#random.pick([at, at.slice(0, 10), `${at.slice(0, 16)}-04:00`, `${at.slice(0, 19)}Z`]);
  }
}

function keep(lists: Map<string, string[]>, name: string, item: string): void {
  const list = lists.get(name) ?? [];
  list.push(item);
  lists.set(name, list);
}
