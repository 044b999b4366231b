import { eventIdOf } from "../log/envelope.ts";
import type { StreamName } from "../log/envelope.ts";
import { mapBounded } from "../log/bounded.ts";
import { enter } from "./enter.ts";
import type { Entered } from "./enter.ts";
import type { Hint } from "./hints.ts";
import { publish } from "./publish.ts";
import type { SequencerDeps } from "./sequence.ts";

/** What a recovery found and did. */
export interface Recovered {
  /** Events seen by the scan. */
  scanned: number;
  /** Streams that held events which the log lacked. */
  behind: number;
  entered: number;
  repointed: number;
  /** Entries that the bus took from this recovery; a sequencer at work meanwhile takes its share. */
  published: number;
  gaps: Hint[];
}

/** Streams found behind are held back up to this many, to let them enter by time. */
const HELD_STREAMS_COUNT = 1_000;
/** Hints handed over at once: few, so that the window in which a busy sequencer can be faster stays short. */
const HINTS_COUNT = 100;

interface Behind extends Hint {
  receivedAt: string;
}

/**
 * Brings in the events that no hint ever announced (an outage longer than the stream's 24 hours), by scanning the
 * whole Events table; then finishes pointers and publishing. May run beside sequencers, and again after a crash.
 *
 * Order: the scan has none. Up to 1,000 streams found behind are held and enter by the `receivedAt` of
 * the first event that they lack, then by name, each stream with all it has; beyond that, thousand by thousand.
 *
 * @throws LedgerError as `sequence` does. A bus that is down is reported last: all events are in the log by then.
 */
export async function recover(deps: SequencerDeps): Promise<Recovered> {
  const total: Recovered = { scanned: 0, behind: 0, entered: 0, repointed: 0, published: 0, gaps: [] };
  let held = new Map<StreamName, Behind>();
  // First the pointers: without them, entries of the log would look missing.
  await enterAll(deps, [], total);
  for await (const page of deps.streams.scan()) {
    total.scanned += page.length;
    for (const found of await behindIn(deps, page)) {
      const earlier = held.get(found.stream);
      held.set(found.stream, { ...found, version: Math.max(found.version, earlier?.version ?? 0) });
    }
    if (held.size < HELD_STREAMS_COUNT) continue;
    await enterAll(deps, [...held.values()], total);
    held = new Map();
  }
  // Only through the size that `enter` gives: what others commit meanwhile may still lack its pointers.
  const { head, newest } = await enterAll(deps, [...held.values()], total);
  total.published = await publish(deps, head, newest);
  return total;
}

/** The streams of one page that hold more than the log. */
async function behindIn({ log, streams }: SequencerDeps, page: readonly Hint[]): Promise<Behind[]> {
  const highest = new Map<StreamName, number>();
  for (const { stream, version } of page) highest.set(stream, Math.max(version, highest.get(stream) ?? 0));
  const found = await mapBounded([...highest], async ([stream, version]) => {
    return { stream, version, last: await log.lastPointed(stream) };
  });
  const behind = found.filter(({ version, last }) => version > last);
  const firsts = await streams.read(behind.map(({ stream, last }) => eventIdOf(stream, last + 1)));
  // Where the first is not there the stream has a hole: it goes along to be reported, before all others.
  return behind.map(({ stream, version }, index) => {
    return { stream, version, receivedAt: firsts[index]?.receivedAt ?? "" };
  });
}

async function enterAll(deps: SequencerDeps, behind: readonly Behind[], total: Recovered): Promise<Entered> {
  const hints = behind.toSorted((a, b) => order(a.receivedAt, b.receivedAt) || order(a.stream, b.stream));
  total.behind += behind.length;
  for (let from = 0; ; from += HINTS_COUNT) {
    const done = await enter(deps, hints.slice(from, from + HINTS_COUNT));
    total.entered += done.entered;
    total.repointed += done.repointed;
    total.gaps.push(...done.gaps);
    // Publishing moves this too, but comes last here: without it each round would point all rounds before it again.
    if (done.head.pointedThrough < done.head.size) await deps.log.advance({ pointedThrough: done.head.size });
    if (from + HINTS_COUNT >= hints.length) return done;
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
