/** Reads a whole ledger over HTTP, page by page. */
import type { StatementEvent } from "@on-record/core/domain/statement/events";
import type { Occurred } from "@on-record/core/domain/decider";
import type { LogEntry } from "@on-record/core/log/envelope";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { setTimeout as sleep } from "node:timers/promises";

export interface Place {
  readonly url: string;
  readonly token: string;
}

export type ReadEvent = Occurred<StatementEvent> & { id: string; sequence?: number };

/** A position as the API shows it, as far as the checks look. */
export interface ShownPosition {
  actor: string;
  proposition: string;
  stance: string;
  condition?: string;
  force: string;
  basis: { statement: string };
  contests: unknown[];
  provisional: boolean;
}

interface Pages {
  entries: LogEntry[];
  size: number;
  changes: DerivedEvent[];
  next: string;
  through: { sequence: number | null };
  events: ReadEvent[];
  positions: ShownPosition[];
}

export async function get({ url, token }: Place, path: string): Promise<Pages> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Pages;
}

export async function wholeLogOf(place: Place): Promise<LogEntry[]> {
  const whole: LogEntry[] = [];
  for (;;) {
    const after = whole.length === 0 ? "" : `&after=${whole.length - 1}`;
    const { entries } = await get(place, `/v1/log?limit=100${after}`);
    if (entries.length === 0) return whole;
    whole.push(...entries);
  }
}

export async function allChangesOf(place: Place): Promise<DerivedEvent[]> {
  const all: DerivedEvent[] = [];
  let cursor = "";
  for (;;) {
    const { changes, next } = await get(place, `/v1/changes?limit=100${cursor}`);
    all.push(...changes);
    if (changes.length === 0) return all;
    cursor = `&cursor=${next}`;
  }
}

/** Resolves to the events of each statement that the log names. */
export async function statementsOf(place: Place, log: readonly LogEntry[]): Promise<Map<string, ReadEvent[]>> {
  const ids = new Set(log.map(({ stream }) => stream).filter((stream) => stream.startsWith("statement/")));
  const read = new Map<string, ReadEvent[]>();
  for (const stream of ids) {
    const id = stream.slice("statement/".length);
    const events: ReadEvent[] = [];
    for (let more = true; more;) {
      const page = await get(place, `/v1/statements/${id}/events?limit=100&after=${events.length}`);
      events.push(...page.events);
      more = page.events.length === 100;
    }
    read.set(id, events);
  }
  return read;
}

/**
 * Waits until the positions are as far as the log, and the log has stopped growing; gives up when nothing has moved
 * for the given time. Resolves to whether they are, and how long it took.
 */
export async function settled(place: Place, withoutMoveMs: number): Promise<{ settled: boolean; tookMs: number }> {
  const startedAt = Date.now();
  let movedAt = startedAt;
  let before = "";
  for (;;) {
    const { size } = await get(place, "/v1/log?limit=1");
    const { through } = await get(place, "/v1/changes?limit=1");
    const now = `${through.sequence} of ${size}`;
    const tookMs = Date.now() - startedAt;
    if (now === before && through.sequence === size - 1) return { settled: true, tookMs };
    if (now !== before) movedAt = Date.now();
    if (Date.now() - movedAt > withoutMoveMs) return { settled: false, tookMs };
    before = now;
    await sleep(400);
  }
}
