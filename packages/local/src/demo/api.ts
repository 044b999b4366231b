import { setTimeout as sleep } from "node:timers/promises";
import type { Statement } from "@on-record/core/domain/statement/state";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import type { HistoryItem } from "@on-record/core/queries/history";
import type { Position } from "@on-record/core/queries/positions";
import type { SimilarStatement } from "@on-record/core/queries/similar";

/** What every command answers. */
export interface Outcome {
  event: { id: string; version: number } | null;
  replayed: boolean;
  unchanged: boolean;
}

export interface StatementAnswer extends Outcome {
  statement: Statement & { status: string; publishersCount: number };
  /** Only where one was recorded; `null` when it could not be had in time. */
  similar?: SimilarStatement[] | null;
}

/** An answer that can be asked for at past moments. */
interface Dated {
  asOf: string;
  knownAt: string;
  final: boolean;
}

/** The two time axes: said by then, and recorded by then. */
export type Moment = Partial<Record<"asOf" | "knownAt" | "zone", string>>;

const TIMEOUT_MS = 15_000;
/** The store or the view is not there yet: nothing was lost, and every request may be repeated. */
const ASK_AGAIN = 503;
const TRIES = 5;
const PAUSE_MS = 1_000;

/** The ledger as an editorial tool uses it: HTTP and a token. Whatever is refused is thrown, with the problem's words. */
export class Api {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  put(noun: "actors" | "propositions", id: string, profile: object): Promise<Outcome> {
    return this.#ask("PUT", `/v1/${noun}/${id}`, profile);
  }

  record(statement: object): Promise<StatementAnswer> {
    return this.#ask("POST", "/v1/statements", statement);
  }

  /** One command on a statement: its reports, its merge and so on. */
  tell(id: string, part: "reports" | "merge", body: object): Promise<StatementAnswer> {
    return this.#ask("POST", `/v1/statements/${id}/${part}`, body);
  }

  statement(id: string): Promise<StatementAnswer> {
    return this.#ask("GET", `/v1/statements/${id}`);
  }

  /** When a statement's first event entered the log. */
  async recordedAt(id: string): Promise<string> {
    const { events } = await this.#ask<{ events: { recordedAt?: string }[] }>("GET", `/v1/statements/${id}/events`);
    const at = events[0]?.recordedAt;
    if (at === undefined) throw new Error(`${id} is not in the log yet`);
    return at;
  }

  positions(of: { actor: string } | { proposition: string }, moment: Moment = {}) {
    const path = "actor" in of ? `actors/${of.actor}` : `propositions/${of.proposition}`;
    return this.#ask<Dated & { positions: Position[] }>("GET", `/v1/${path}/positions${queryOf(moment)}`);
  }

  history(actor: string, proposition: string, moment: Moment = {}) {
    const path = `/v1/actors/${actor}/positions/${proposition}/history${queryOf(moment)}`;
    return this.#ask<Dated & { history: HistoryItem[] }>("GET", path);
  }

  /** Every derived event so far; with `after`, once that event of the log is behind the answer. */
  async changes(after?: string): Promise<DerivedEvent[]> {
    const found: DerivedEvent[] = [];
    for (let query: Record<string, string> = after === undefined ? {} : { after }; ;) {
      const path = `/v1/changes${queryOf(query)}`;
      const { changes, next } = await this.#ask<{ changes: DerivedEvent[]; next: string }>("GET", path);
      if (changes.length === 0) return found;
      found.push(...changes);
      query = { cursor: next };
    }
  }

  async logSize(): Promise<number> {
    return (await this.#ask<{ size: number }>("GET", "/v1/log?limit=1")).size;
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    let response = await this.#send(method, path, body);
    for (let tries = 1; response.status === ASK_AGAIN && tries < TRIES; tries += 1) {
      await sleep(PAUSE_MS);
      response = await this.#send(method, path, body);
    }
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server's own types
    return JSON.parse(text) as T;
  }

  #send(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }
}

function queryOf(query: Record<string, string>): string {
  const text = new URLSearchParams(query).toString();
  return text === "" ? "" : `?${text}`;
}
