import type { LedgerStores } from "@on-record/local/stores";
import { skipDerived } from "@on-record/core/delivery/publish-derived";
import type { StoredEvent } from "@on-record/core/log/envelope";
import { storedEventOf } from "@on-record/core/log/export-line";
import type { LogHead, Segment } from "@on-record/core/log/ports";
import {
  EMPTY_FRONTIER,
  formatFrontier,
  grow,
  parseFrontier,
  rootOf,
  type Frontier,
} from "@on-record/core/log/tree/frontier";
import type { TreeHead } from "@on-record/core/log/tree/hash";
import { sameBytes } from "@on-record/core/log/tree/text";
import { finishSegment, restoreSegment } from "@on-record/core/sequencer/restore";
import { checkpointSigner, type SignCheckpoint } from "@on-record/core/sequencer/seal";
import { Failure } from "../io.ts";
import type { Held } from "../verify/compare.ts";
import { eventsIn } from "../verify/offline.ts";
import type { NewLedger } from "./new-ledger.ts";

/** Names, among delivery's places, the size of the export that is being restored; 0 when none is. */
const PLACE = "restore";

/** Whether the ledger holds nothing, not even an event that is on its way into the log. */
async function isEmpty({ log, streams }: LedgerStores): Promise<boolean> {
  if ((await log.head()).size > 0) return false;
  for await (const names of streams.scan()) if (names.length > 0) return false;
  return true;
}

/** Begins a restore in an empty ledger, or goes on with one that was broken off. */
async function begin(stores: LedgerStores, size: number): Promise<void> {
  const { places } = stores;
  const { next } = await places.checkpoint(PLACE);
  if (next === size) return;
  if (next > 0) throw new Failure(`an export of ${next} events was begun to be restored here; this one has ${size}`);
  if (!(await isEmpty(stores))) throw new Failure("the ledger is not empty: an export is restored into a new one");
  // Before anything else: whatever starts on the half of it announces nothing again.
  await skipDerived(places, { next: size, recordedAt: null });
  const begun = { next: size, recordedAt: null };
  if (!(await places.advance(PLACE, { next: 0, recordedAt: null }, begun)))
    throw new Failure("another restore has begun on this ledger");
}

/** Entries that entered the log together. */
interface Group {
  segment: Segment;
  events: StoredEvent[];
  leaves: Uint8Array[];
}

async function* groupsOf(lines: AsyncIterable<Held>): AsyncGenerator<Group> {
  let group: Group | null = null;
  for await (const { line, leaf } of lines) {
    if (line === null) throw new Failure("a line of the export cannot be read");
    const { entry } = line;
    if (group !== null && group.segment.recordedAt !== entry.recordedAt) {
      yield group;
      group = null;
    }
    group ??= { segment: { first: entry.sequence, recordedAt: entry.recordedAt, entries: [] }, events: [], leaves: [] };
    group.segment.entries.push(entry);
    group.events.push(storedEventOf(line));
    group.leaves.push(leaf);
  }
  if (group !== null) yield group;
}

/** Throws unless what the ledger holds so far is how this export begins. */
function refuseOther(head: LogHead, frontier: Frontier): void {
  if (frontier.size !== head.size || formatFrontier(frontier).join() !== head.frontier.join())
    throw new Failure("the ledger holds other events than this export: it is not the one that was being restored");
}

/**
 * Brings a verified export back into a ledger that holds nothing, or the beginning of it from a restore that was broken
 * off. Says that it is done only when the ledger has the export's own root.
 */
export async function restoreLines(
  stores: LedgerStores,
  lines: AsyncIterable<Held>,
  { size, root }: TreeHead,
  { sign, signal, onStep }: { sign: SignCheckpoint; signal: AbortSignal; onStep: (done: number) => void },
): Promise<void> {
  const { log, places } = stores;
  await begin(stores, size);
  let head = await log.head();
  const standing = head;
  let frontier: Frontier = EMPTY_FRONTIER;
  for await (const { segment, events, leaves } of groupsOf(lines)) {
    signal.throwIfAborted();
    frontier = grow(frontier, leaves);
    if (frontier.size === standing.size) {
      refuseOther(standing, frontier);
      // The last that was committed may lack what stands behind its commit.
      await finishSegment(stores, segment, events);
    } else if (frontier.size > standing.size) {
      if (segment.first < standing.size) refuseOther(standing, frontier);
      head = await restoreSegment({ ...stores, sign }, head, segment, events);
    }
    onStep(frontier.size);
  }
  const done = await log.head();
  if (done.size !== size || !sameBytes(rootOf(parseFrontier(done.size, done.frontier)), root))
    throw new Failure("what was restored does not have the root that the export was signed with");
  await places.advance(PLACE, { next: size, recordedAt: null }, { next: 0, recordedAt: null });
}

/** The same, from the folder of an export. */
export async function restoreFrom(
  folder: string,
  { stores, signers }: Pick<NewLedger, "stores" | "signers">,
  head: TreeHead,
  { signal, onStep }: { signal: AbortSignal; onStep: (done: number) => void },
): Promise<void> {
  await restoreLines(stores, eventsIn(folder), head, { sign: checkpointSigner(signers), signal, onStep });
}
