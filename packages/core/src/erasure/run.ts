import type { StreamName } from "../log/envelope.ts";
import { LIMITS } from "../limits.ts";
import type { Segment } from "../log/ports.ts";
import { eraseStream, type Erased, type ErasureDeps } from "./erase.ts";
import { haveAllPassed } from "./rows.ts";

/** Names the place: everything that was erased below it has been looked after for good. */
const PLACE = "erasure";

/** Erases one stream after the other; what fails keeps none of the others from it, and is thrown at the end. */
class Work {
  readonly #deps: ErasureDeps;
  readonly #failures: unknown[] = [];
  /** Streams that were begun, and whether they were finished. */
  readonly #begun = new Map<StreamName, boolean>();
  readonly erased: Erased[] = [];

  constructor(deps: ErasureDeps) {
    this.#deps = deps;
  }

  /** Once a run is enough, unless it is to be the last look. Gives whether the stream is done with. */
  async erase(stream: StreamName, isLast = false): Promise<boolean> {
    const before = this.#begun.get(stream);
    if (before !== undefined && !isLast) return before;
    try {
      const erased = await eraseStream(this.#deps, stream);
      if (erased !== null) this.erased.push(erased);
      this.#begun.set(stream, true);
      return true;
    } catch (error) {
      this.#failures.push(error);
      this.#begun.set(stream, false);
      return false;
    }
  }

  end(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}

/**
 * Whether nobody can bring back what was erased in a segment: whoever had read it before has long ended, and every
 * build that is being made has passed it.
 */
async function isSettled({ views, clock }: ErasureDeps, { recordedAt }: Segment, last: number): Promise<boolean> {
  return Date.parse(recordedAt) + LIMITS.erasureSettlesMs <= clock() && (await haveAllPassed(views, last));
}

/**
 * Looks through the log from where it was left, as far as one run may: for tombstones that no wake-up told of, and once
 * more for those that one did. A projection that was held up between reading and writing may have written words again;
 * so the place moves behind a tombstone only with a look at it that was taken long after.
 */
async function lookThrough(deps: ErasureDeps, work: Work): Promise<void> {
  const { log, places } = deps;
  const { pointedThrough } = await log.head();
  const place = await places.checkpoint(PLACE);
  let settled: { next: number; recordedAt: Segment["recordedAt"] } | undefined;
  let isBlocked = false;
  let next = place.next;
  for (let count = 0; count < LIMITS.erasureSegmentsCount && next < pointedThrough; count += 1) {
    const segment = await log.segmentAt(next);
    if (segment === null) throw new Error(`the log has no entry ${next}, although its size is more`);
    const tombstones = segment.entries.filter(({ type, sequence }) => type === "StatementErased" && sequence >= next);
    const last = tombstones.at(-1);
    // Asked before the look is taken: what happens behind that, the look need not see.
    const isLast = last === undefined || (await isSettled(deps, segment, last.sequence));
    isBlocked ||= !isLast;
    for (const { stream } of tombstones) if (!(await work.erase(stream, isLast))) isBlocked = true;
    next = segment.first + segment.entries.length;
    if (!isBlocked) settled = { next, recordedAt: segment.recordedAt };
  }
  if (settled !== undefined) await places.advance(PLACE, place, settled);
}

/**
 * Takes the words of erased statements away: of those in the streams that wake-ups name, at once, and of whatever else
 * has a tombstone behind the place that erasure keeps. A wake-up that is lost delays, and no more.
 *
 * Gives what was done. Throws what the first that failed was refused with: then wake-ups have to come again.
 */
export async function eraseWaiting(deps: ErasureDeps, named: readonly StreamName[]): Promise<Erased[]> {
  const work = new Work(deps);
  for (const stream of named) await work.erase(stream);
  await lookThrough(deps, work);
  work.end();
  return work.erased;
}
