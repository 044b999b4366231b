import { LedgerError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { LogEntry } from "../log/envelope.ts";
import type { Envelope } from "../log/envelope.ts";
import type { LogHead, LogStore, Seal, Segment, StreamStore } from "../log/ports.ts";
import { entriesBetween } from "./entries.ts";
import type { Hint } from "./hints.ts";
import { missingEvents } from "./missing.ts";
import { keepTiles, sealOf, type SignCheckpoint } from "./seal.ts";

/** What it takes to bring events into the log. */
export interface EnterDeps {
  streams: StreamStore;
  log: LogStore;
  /** Milliseconds since 1970. It may be wrong or run backwards: recordedAt does not follow it there. */
  clock: () => number;
  sign: SignCheckpoint;
  sleep: (milliseconds: number) => Promise<void>;
}

/** What one call brought into the log, and where it left it. */
export interface Entered {
  /** As read, but with `size` and `recordedAt` after the call's own commits. All entries below `size` are pointed. */
  head: LogHead;
  /** The segment committed last, still in hand; `null` when none was. */
  newest: Segment | null;
  /** Entries committed by this call, as far as it knows: a commit whose answer was lost counts in `repointed`. */
  entered: number;
  /** Entries that a crash, or another sequencer still at work, had left without a pointer. */
  repointed: number;
  /** First missing version of each stream that has a hole, as of the last look; to be reported. */
  gaps: Hint[];
}

const ATTEMPTS_COUNT = 8;
const BACKOFF_FIRST_MS = 20;
const BACKOFF_LONGEST_MS = 1_000;

/**
 * Steps 1 to 4 of the sequencer (docs/flow.md): once this resolves, everything that the hinted streams held
 * when it began is in the log, and all of the log below `head.size` has its pointers.
 *
 * The invariant, whoever else runs and wherever anything dies: no event enters twice, none of a hinted stream is
 * skipped, the versions of a stream enter in order and consecutively, sequence has no gaps, and recordedAt grows
 * from segment to segment. It holds because
 * - nothing is committed before every entry below `head.size` has a pointer, and only then is lastPointed read: while
 *   the size is still `head.size`, lastPointed is all that the log holds of a stream;
 * - the size only grows, and a commit takes place only at the size that was read: whoever works on an older view of
 *   the log, even with a commit that was under way for hours, loses;
 * - a commit whose answer is unknown is not repeated but looked for, by starting again at step 1.
 */
export async function enter(deps: EnterDeps, hints: readonly Hint[]): Promise<Entered> {
  const tally = { entered: 0, repointed: 0, pointedThrough: 0 };
  for (let attempt = 1; ; attempt += 1) {
    // Always with all hints: which of their events are in by now is for the log to say, not for this call's memory.
    const outcome = await enterOnce(deps, hints, tally);
    if (!("lost" in outcome)) return { ...outcome, entered: tally.entered, repointed: tally.repointed };
    if (attempt === ATTEMPTS_COUNT) throw givenUp(outcome.lost);
    await deps.sleep(backoffMs(attempt));
  }
}

interface Tally {
  entered: number;
  repointed: number;
  /** Entries below this are known to have their pointer; may be ahead of what the head says. */
  pointedThrough: number;
}

type Lost = { stale: true } | { stale: false; cause: unknown };
type Outcome = Pick<Entered, "head" | "newest" | "gaps"> | { lost: Lost };

async function enterOnce(deps: EnterDeps, hints: readonly Hint[], tally: Tally): Promise<Outcome> {
  const { log } = deps;
  let head = await log.head();
  const unpointed = Math.max(head.pointedThrough, tally.pointedThrough);
  for await (const entries of entriesBetween(log, unpointed, head.size, null)) {
    await log.point(entries);
    tally.repointed += entries.length;
  }
  await keepTiles(log, unpointed, head.size);
  tally.pointedThrough = head.size;

  const { events, gaps } = await missingEvents(deps, hints);
  let newest: Segment | null = null;
  for (let from = 0; from < events.length; from += LIMITS.segmentEntriesCount) {
    const segment = segmentOf(events.slice(from, from + LIMITS.segmentEntriesCount), head, deps.clock());
    const seal = sealOf(head, segment.entries, deps.sign);
    const lost = await commit(log, head, segment, seal);
    if (lost !== null) return { lost };
    const before = head.size;
    head = grown(head, segment, seal);
    newest = segment;
    tally.entered += segment.entries.length;
    // Before the next commit: no one may commit on top of entries that have no pointers, this call included.
    await log.point(segment.entries);
    await keepTiles(log, before, head.size);
    tally.pointedThrough = head.size;
  }
  return { head, newest, gaps };
}

function grown(head: LogHead, { entries, recordedAt }: Segment, seal: Seal): LogHead {
  return { ...head, ...seal, size: head.size + entries.length, recordedAt };
}

function segmentOf(events: readonly Envelope[], head: LogHead, now: number): Segment {
  const earliest = head.recordedAt === null ? now : Date.parse(head.recordedAt) + 1;
  const recordedAt = LogEntry.shape.recordedAt.parse(new Date(Math.max(now, earliest)).toISOString());
  const entries = events.map((event, index): LogEntry => ({ ...event, sequence: head.size + index, recordedAt }));
  return { first: head.size, recordedAt, entries };
}

/** `null` once committed; otherwise why it is not, or not known to be. */
async function commit(log: LogStore, head: LogHead, segment: Segment, seal: Seal): Promise<Lost | null> {
  try {
    return (await log.commit(head, segment, seal)) ? null : { stale: true };
  } catch (cause) {
    return { stale: false, cause };
  }
}

/** Full jitter: of two sequencers that met, one is likely through before the other looks again. */
function backoffMs(attempt: number): number {
  return Math.random() * Math.min(BACKOFF_FIRST_MS * 2 ** attempt, BACKOFF_LONGEST_MS);
}

function givenUp(lost: Lost): LedgerError {
  if (lost.stale) {
    return new LedgerError("version_conflict", `the log moved before each of ${ATTEMPTS_COUNT} commits`);
  }
  const message = `the log could not be written to in ${ATTEMPTS_COUNT} attempts`;
  return new LedgerError("store_unavailable", message, { cause: lost.cause });
}
