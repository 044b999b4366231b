import { LedgerError } from "@on-record/core/errors";
import type { PrincipalId, StatementId } from "@on-record/core/domain/ids";
import { statementDecider, type StatementCommand } from "@on-record/core/domain/statement/decide";
import type { StatementEvent } from "@on-record/core/domain/statement/events";
import type { Statement, StatementState } from "@on-record/core/domain/statement/state";
import { instantOf } from "@on-record/core/domain/time";
import { saltedDigest } from "@on-record/core/log/digest";
import { eventIdOf, StreamName, type StoredEvent } from "@on-record/core/log/envelope";
import type { LogReader, Segment, StreamStore, ViewStore } from "@on-record/core/log/ports";
import { readEvent, schemaVersionOf } from "@on-record/core/log/upcast";
import type { LoggedEvent, Projection } from "@on-record/core/projections/projection";
import { positionsInPagesOf } from "@on-record/core/projections/positions";
import { PAGE_ITEMS } from "@on-record/core/projections/positions/pages";
import { catchUp } from "@on-record/core/projections/run";
import { sequence } from "@on-record/core/sequencer/sequence";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { RecordingViews } from "./recording-views.ts";
import { sign } from "./log-keys.ts";

export const START_MS = Date.parse("2025-08-25T12:00:00.000Z");
const STEP_MS = 60_000;

/** An event that was decided on, with its place in its stream. */
export interface Decided {
  statement: StatementId;
  version: number;
  recordedBy: PrincipalId;
  event: StatementEvent;
}

/** The stored form of a decided event; its salt is fixed, so that every run has the same digests. */
export function storedEvent({ statement, version, recordedBy, event }: Decided, at: number): StoredEvent {
  const stream = StreamName.parse(`statement/${statement}`);
  const id = eventIdOf(stream, version);
  const salt = Buffer.from(id.slice(-16)).toString("base64url");
  return {
    id,
    stream,
    version,
    type: event.type,
    schemaVersion: schemaVersionOf(event.type),
    receivedAt: instantOf(at),
    recordedBy,
    requestId: id.slice(-20),
    digest: saltedDigest(salt, event.data),
    data: event.data,
    salt,
    requestDigest: "r".repeat(43),
  };
}

/** A whole ledger in memory: deciders, streams, the real sequencer, the positions. Its clock moves only by itself. */
export class MemoryLedger {
  readonly streams = new MemoryStreams();
  readonly log = new MemoryLog();
  readonly bus = new MemoryBus();
  readonly views = new RecordingViews();
  readonly #states = new Map<StatementId, Statement>();
  readonly #waiting: Decided[] = [];
  readonly #positions: Projection;
  now = START_MS;

  /** `pageItems`: how many entries a page of a timeline holds. Few, and short histories have many pages. */
  constructor({ pageItems = PAGE_ITEMS } = {}) {
    this.#positions = positionsInPagesOf(pageItems);
  }

  stateOf(id: StatementId): StatementState {
    return this.#states.get(id) ?? null;
  }

  /** Decides on a command and keeps the event for `append`; `null` when there is nothing left to do. Throws refusals. */
  decide(statement: StatementId, command: StatementCommand): Decided | null {
    const state = this.stateOf(statement);
    const event = statementDecider.decide(command, state);
    if (event === null) return null;
    const decided = { statement, version: (state?.version ?? 0) + 1, recordedBy: command.by, event };
    const next = statementDecider.evolve(state, { ...event, version: decided.version, recordedBy: command.by });
    if (next === null) throw new Error("an event leaves a state");
    this.#states.set(statement, next);
    return decided;
  }

  /** Appends events to their streams, in this order, and brings them into the log in one call of the sequencer. */
  async append(events: readonly Decided[]): Promise<void> {
    this.now += STEP_MS;
    const hints = [];
    for (const decided of events) {
      const stored = storedEvent(decided, this.now);
      await this.streams.append(stored);
      hints.push({ stream: stored.stream, version: stored.version });
    }
    const { streams, log, bus, now } = this;
    await sequence({ streams, log, bus, sign, clock: () => now, sleep: async () => {} }, hints);
  }

  /** Decides, and leaves the event out of the log until the next `enter`: logs need not keep the order of decisions. */
  hold(statement: StatementId, command: StatementCommand): void {
    const decided = this.decide(statement, command);
    if (decided !== null) this.#waiting.push(decided);
  }

  /** Decides, appends, and brings the positions up to it. Gives whether there was anything to record. */
  async run(statement: StatementId, command: StatementCommand): Promise<boolean> {
    const decided = this.decide(statement, command);
    if (decided === null) return false;
    await this.enter(decided);
    return true;
  }

  /** Brings an event, and then those held back, into the log and the positions. */
  async enter(...first: Decided[]): Promise<void> {
    await this.append([...first, ...this.#waiting.splice(0)]);
    await this.catchUp();
  }

  catchUp(views: ViewStore = this.views): Promise<number> {
    return catchUp(this.#positions, { log: this.log, streams: this.streams, views });
  }
}

/** The whole log with its events, in order. */
export async function wholeLog(log: LogReader, streams: StreamStore): Promise<LoggedEvent[]> {
  const whole: LoggedEvent[] = [];
  for (let next = 0; ;) {
    const segment: Segment | null = await log.segmentAt(next);
    if (segment === null) return whole;
    const stored = await streams.read(segment.entries.map(({ id }) => id));
    for (const [index, entry] of segment.entries.entries()) {
      const event = stored[index];
      if (!event) throw new Error(`${entry.id} is not there`);
      whole.push({ entry, event: readEvent(event) });
    }
    next = segment.first + segment.entries.length;
  }
}

/** Whether an error is a refusal by a rule: what random commands may meet. */
export function isRefusal(error: unknown): boolean {
  return error instanceof LedgerError;
}
