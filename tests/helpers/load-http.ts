/** Asks until there is an answer, always under the same Idempotency-Key, as a careful client does. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./load-random.ts";

export interface LoadRequest {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly key: string;
  readonly body: object;
  /** The entity tag that the statement must still have. */
  readonly ifMatch?: string;
}

/** What a command answered. */
export interface Told {
  readonly status: number;
  readonly code: string | undefined;
  readonly event: string | undefined;
  readonly replayed: boolean;
  readonly statement: { id: string; version: number; reports: { id: string }[] } | undefined;
}

/** What the clients met and were told, all together. */
export class LoadRecord {
  /** Every event that an answer named, and the key that it was asked under. */
  readonly acknowledged = new Map<string, string>();
  /** Refusals by their code. */
  readonly refused = new Map<string, number>();
  /** What must not happen. */
  readonly violations: string[] = [];
  requests = 0;
  answers = 0;
  /** Attempts without an answer: refused connections, cut ones, 503. */
  lost = 0;
  replays = 0;
}

const MAX_ATTEMPTS = 400;
const RETRY_MS = 25;
const ANSWER_MS = 15_000;
/** Clients that hang up on purpose do so within this time. */
const IMPATIENCE_MS = 12;
const IMPATIENT_SHARE = 0.05;

export class LoadClient {
  readonly #at: { url: string; token: string };
  readonly #random: Random;
  readonly #record: LoadRecord;

  constructor(at: { url: string; token: string }, random: Random, record: LoadRecord) {
    this.#at = at;
    this.#random = random;
    this.#record = record;
  }

  /** Resolves to the answer, whatever it is; notes what it means. */
  async ask(request: LoadRequest): Promise<Told> {
    const record = this.#record;
    record.requests += 1;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const told = await this.#attempt(request);
      if (told === null || told.status === 503 || told.code === "version_conflict") {
        record.lost += 1;
        await sleep(RETRY_MS * (0.5 + this.#random.next()));
        continue;
      }
      record.answers += 1;
      this.#note(request, told);
      return told;
    }
    record.violations.push(`${request.method} ${request.path} (${request.key}) got no answer in ${MAX_ATTEMPTS} tries`);
    return { status: 0, code: "no_answer", event: undefined, replayed: false, statement: undefined };
  }

  /** The entity tag of what is there; asks until there is an answer. */
  async etagOf(path: string): Promise<string> {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      try {
        const headers = { authorization: `Bearer ${this.#at.token}` };
        const response = await fetch(`${this.#at.url}${path}`, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
        await response.arrayBuffer();
        if (response.ok) return response.headers.get("etag") ?? "";
      } catch {
        // killed again
      }
      await sleep(RETRY_MS);
    }
    throw new Error(`GET ${path} got no answer in ${MAX_ATTEMPTS} tries`);
  }

  #note({ method, path, key }: LoadRequest, told: Told): void {
    const { acknowledged, refused, violations } = this.#record;
    if (told.replayed) this.#record.replays += 1;
    if (told.status >= 500) violations.push(`${method} ${path} (${key}) answered ${told.status} ${told.code ?? ""}`);
    if (told.status >= 400) refused.set(told.code ?? "?", (refused.get(told.code ?? "?") ?? 0) + 1);
    if (told.event === undefined) return;
    const other = acknowledged.get(told.event);
    if (other !== undefined && other !== key)
      violations.push(`${told.event} was acknowledged for ${other} and for ${key}`);
    acknowledged.set(told.event, key);
  }

  async #attempt({ method, path, key, body, ifMatch }: LoadRequest): Promise<Told | null> {
    const hurry = this.#random.chance(IMPATIENT_SHARE) ? 1 + this.#random.below(IMPATIENCE_MS) : ANSWER_MS;
    try {
      const response = await fetch(`${this.#at.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.#at.token}`,
          "content-type": "application/json",
          "idempotency-key": key,
          ...(ifMatch !== undefined && { "if-match": ifMatch }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(hurry),
      });
      return readAnswer(response.status, await response.text());
    } catch {
      return null; // nobody knows whether it was done
    }
  }
}

interface AnswerBody {
  code?: string;
  event?: { id: string } | null;
  replayed?: boolean;
  statement?: { id: string; version: number; reports: { id: string }[] };
}

function readAnswer(status: number, text: string): Told {
  const body = JSON.parse(text) as AnswerBody;
  return {
    status,
    code: body.code,
    event: body.event?.id,
    replayed: body.replayed === true,
    statement: body.statement,
  };
}
