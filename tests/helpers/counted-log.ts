import { instantOf } from "@on-record/core/domain/time";
import { EventId, type LogEntry } from "@on-record/core/log/envelope";
import type { LogReader, Segment } from "@on-record/core/log/ports";
import { setImmediate as turn } from "node:timers/promises";

export const idAt = (sequence: number) => EventId.parse(`actor/a@${sequence + 1}`);

/** A log with segments of these lengths, and what is asked of it. */
export class CountedLog implements Pick<LogReader, "segmentAt" | "sequenceOf"> {
  readonly segments: Segment[] = [];
  readonly read: number[] = [];
  mostAtOnce = 0;
  #underWay = 0;

  constructor(lengths: readonly number[]) {
    let first = 0;
    for (const [nth, length] of lengths.entries()) {
      // Of the entries nothing but their count is looked at.
      const entries = Array.from<LogEntry>({ length });
      this.segments.push({ first, recordedAt: instantOf(nth * 1_000), entries });
      first += length;
    }
  }

  get size(): number {
    const last = this.segments.at(-1);
    return last === undefined ? 0 : last.first + last.entries.length;
  }

  async segmentAt(sequence: number): Promise<Segment | null> {
    await this.#counted();
    const found = this.segments.find(({ first, entries }) => first <= sequence && sequence < first + entries.length);
    if (found !== undefined) this.read.push(found.first);
    return found ?? null;
  }

  async sequenceOf(id: EventId): Promise<number | null> {
    await this.#counted();
    const sequence = Number(id.slice(id.indexOf("@") + 1)) - 1;
    return sequence < this.size ? sequence : null;
  }

  async #counted(): Promise<void> {
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    await turn();
    this.#underWay -= 1;
  }
}
