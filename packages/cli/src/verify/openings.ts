import { StatementId } from "@on-record/core/domain/ids";
import { mapBounded } from "@on-record/core/log/bounded";
import type { LogEntry } from "@on-record/core/log/envelope";
import type { RemoteLedger } from "../ledger.ts";
import type { EventChecks } from "./events.ts";

const PREFIX = "statement/";
const AT_ONCE_COUNT = 64;

/**
 * What the statements' events say, from the statements' own proofs: for who may read but not export. What actors and
 * propositions say cannot be had with its salt.
 */
export class StatementOpenings {
  /** The proved entries of each statement, in the order of the log. */
  readonly #entries = new Map<StatementId, LogEntry[]>();
  /** Events of actors and propositions. */
  others = 0;

  add(entry: LogEntry): void {
    if (!entry.stream.startsWith(PREFIX)) {
      this.others += 1;
      return;
    }
    const id = StatementId.parse(entry.stream.slice(PREFIX.length));
    const known = this.#entries.get(id);
    if (known === undefined) this.#entries.set(id, [entry]);
    else known.push(entry);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Checks what each event says by the digest of its proved entry. Throws the first that differs. */
  async check({ client, options }: RemoteLedger, checks: EventChecks, onStep: (done: number) => void): Promise<void> {
    const statements = [...this.#entries];
    for (let from = 0; from < statements.length; from += AT_ONCE_COUNT) {
      const some = statements.slice(from, from + AT_ONCE_COUNT);
      const opened = await mapBounded(some, async ([id]) => client.each.getStatementProof(id, {}, options).all());
      for (const [index, [, entries]] of some.entries()) {
        const found = new Map((opened[index] ?? []).map((event) => [event.entry.version, event]));
        for (const entry of entries) {
          const { salt, data } = found.get(entry.version) ?? {};
          // Of an event that was erased the proof has neither; of one that is not there, nothing.
          const isErased = found.has(entry.version) && salt === undefined;
          checks.add(isErased ? { entry, erased: true } : { entry, salt, data });
        }
      }
      onStep(from + some.length);
    }
  }
}
