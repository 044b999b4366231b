import { occurredIn, fold, STATEMENTS } from "@on-record/core/commands/streams";
import type { StatementId } from "@on-record/core/domain/ids";
import { statementDecider } from "@on-record/core/domain/statement/decide";
import { conditionNumbers } from "@on-record/core/domain/statement/erasure";
import type { StatementEvent } from "@on-record/core/domain/statement/events";
import { instantOf } from "@on-record/core/domain/time";
import type { ErasureDeps } from "@on-record/core/erasure/erase";
import { eraseWaiting } from "@on-record/core/erasure/run";
import { LIMITS } from "@on-record/core/limits";
import { changesWith } from "@on-record/core/projections/changes";
import { checkView, type Checked } from "@on-record/core/projections/check";
import { positionsInPagesOf } from "@on-record/core/projections/positions";
import type { AnyProjection } from "@on-record/core/projections/projection";
import { registry } from "@on-record/core/projections/registry";
import { catchUp } from "@on-record/core/projections/run";
import { statementsIn } from "@on-record/core/projections/statements";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { EDITOR } from "../../fixtures/statements.ts";
import { type Decided, MemoryLedger, wholeLog } from "../../helpers/memory-ledger.ts";
import { letterOf } from "../../helpers/position-rows.ts";
import { SMALL as SMALL_CHANGES } from "../changes/world.ts";
import type { History } from "../positions/told.ts";
import { SMALL } from "../statements/world.ts";

/** In all that somebody said or wrote of a statement, and in nothing else. */
export const secretOf = (id: StatementId) => `secret-${letterOf(id)}`;

/** All texts of an event with the statement's secret in them; conditions only where they are to be its own. */
function withSecret(decided: Decided, hasOwnConditions: boolean): Decided {
  const secret = secretOf(decided.statement);
  const again = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => again(each, key));
    if (typeof value === "object" && value !== null) return objectAgain(value);
    if (key === "text" || key === "reason") return `${String(value)} (${secret})`;
    if (key === "condition") return hasOwnConditions ? `${String(value)} (${secret})` : value;
    return key === "url" ? `https://${secret}.example/${String(value).slice(8)}` : value;
  };
  const objectAgain = (object: object): object => {
    const told = Object.fromEntries(Object.entries(object).map(([key, value]) => [key, again(value, key)]));
    const more = {
      ...("publisher" in object && { headline: `A headline (${secret})` }),
      ...("stance" in object && { cue: `a cue (${secret})` }),
    };
    return { ...told, ...more };
  };
  return { ...decided, event: objectAgain(decided.event) as StatementEvent };
}

/** A history in which each statement's words are its own, and can be looked for. */
export function secretly({ segments }: History, hasOwnConditions: boolean): History {
  return { segments: segments.map((events) => events.map((event) => withSecret(event, hasOwnConditions))) };
}

/** A ledger with every view, as small as shows everything, that can be erased from. */
export class ErasureWorld {
  readonly ledger = new MemoryLedger({ pageItems: 2 });
  readonly places = new MemoryViews();
  readonly projections: readonly AnyProjection[] = [
    registry,
    positionsInPagesOf(2),
    statementsIn(SMALL),
    changesWith(SMALL_CHANGES),
  ];
  readonly #erased = new Set<StatementId>();

  get sources() {
    const { log, streams, views } = this.ledger;
    return { log, streams, views };
  }

  get deps(): ErasureDeps {
    const { streams, views } = this.ledger;
    return {
      ...this.sources,
      events: streams,
      rows: views,
      places: this.places,
      clock: () => this.ledger.now,
      sleep: async () => {
        this.ledger.now += LIMITS.afterWaitMs;
      },
    };
  }

  /** Brings segments into the log and the views. What was decided of a statement that has been erased since is left out. */
  async follow(segments: readonly Decided[][]): Promise<void> {
    for (const segment of segments) {
      const events = segment.filter(({ statement }) => !this.#erased.has(statement));
      if (events.length > 0) await this.ledger.append(events);
      await this.catchUp();
    }
  }

  async catchUp(): Promise<void> {
    for (const projection of this.projections) await catchUp(projection, this.sources);
  }

  /** The statements that are recorded, in the order of the log. */
  async statements(): Promise<StatementId[]> {
    const log = await wholeLog(this.ledger.log, this.ledger.streams);
    return log
      .filter(({ entry }) => entry.type === "StatementRecorded")
      .map(({ entry }) => entry.stream.slice("statement/".length) as StatementId);
  }

  /** The tombstone that an admin would have appended. */
  async tombstone(id: StatementId): Promise<Decided> {
    const stored = await this.ledger.streams.load(STATEMENTS.streamOf(id));
    const state = fold(STATEMENTS, stored);
    const conditions = conditionNumbers(occurredIn(STATEMENTS, stored));
    const at = instantOf(this.ledger.now);
    const data = { reason: "a court ordered it", reference: "case 17" };
    const event = statementDecider.decide({ type: "EraseStatement", by: EDITOR, data, at, conditions }, state);
    if (event === null) throw new Error("it was erased before");
    return { statement: id, version: stored.length + 1, recordedBy: EDITOR, event };
  }

  /** Appends a tombstone, as far as the log. */
  async bury(id: StatementId): Promise<void> {
    await this.ledger.append([await this.tombstone(id)]);
    this.#erased.add(id);
  }

  /** Has an erased statement's words taken away, as its wake-up does. */
  async wake(...ids: StatementId[]): Promise<void> {
    await eraseWaiting(this.deps, ids.map(STATEMENTS.streamOf));
  }

  /** Looks after everything again, when nothing can be under way any more. */
  async settle(): Promise<void> {
    this.ledger.now += LIMITS.erasureSettlesMs;
    await eraseWaiting(this.deps, []);
  }

  /** What is shown compared with what the log says. */
  async check(): Promise<Checked[]> {
    const checked: Checked[] = [];
    for (const projection of this.projections) checked.push(await checkView(projection, this.sources));
    return checked;
  }

  /** Everything that is stored, as one text. */
  async everything(): Promise<string> {
    const { streams, views, log } = this.ledger;
    const texts: string[] = [JSON.stringify(await log.head())];
    for await (const page of streams.scan()) {
      for (const { stream, version } of page) texts.push(JSON.stringify((await streams.load(stream, version)).at(0)));
    }
    for await (const rows of views.scan()) texts.push(...rows.map((row) => JSON.stringify(row)));
    for await (const rows of this.places.scan()) texts.push(...rows.map((row) => JSON.stringify(row)));
    for (let next = 0; ;) {
      const segment = await log.segmentAt(next);
      if (segment === null) break;
      texts.push(JSON.stringify(segment));
      next = segment.first + segment.entries.length;
    }
    return texts.join("\n");
  }
}
