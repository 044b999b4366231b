import { LedgerError } from "../errors.ts";
import type { Bus, LogHead, LogStore, Segment } from "../log/ports.ts";
import { entriesBetween } from "./entries.ts";
import { messageOf } from "./messages.ts";

/**
 * Step 5 of the sequencer: what the bus has not accepted yet, in order, up to `head.size`, below which every
 * entry has its pointer. Gives how many entries the bus took. At least once: an answer that is lost means a repeat.
 *
 * `publishedThrough` moves after each segment, so that a long outage is worked off bit by bit even when each
 * invocation runs out of time; `pointedThrough` goes along, so it is never behind.
 *
 * @throws LedgerError `store_unavailable` when the bus takes less than all: run it again.
 */
export async function publish(
  { log, bus }: { log: LogStore; bus: Bus },
  head: LogHead,
  newest: Segment | null,
): Promise<number> {
  let publishedThrough = head.publishedThrough;
  for await (const entries of entriesBetween(log, publishedThrough, head.size, newest)) {
    const { accepted, cause } = await offer(bus, entries.map(messageOf));
    publishedThrough += accepted;
    await log.advance({ pointedThrough: head.size, publishedThrough });
    if (accepted < entries.length) {
      const message = `the bus took ${accepted} of ${entries.length} events; ${head.size - publishedThrough} wait`;
      throw new LedgerError("store_unavailable", message, { details: { publishedThrough, size: head.size }, cause });
    }
  }
  return publishedThrough - head.publishedThrough;
}

type Messages = Parameters<Bus["publish"]>[0];

/** A bus that throws may have taken some; as nobody knows which, none counts. */
async function offer(bus: Bus, messages: Messages): Promise<{ accepted: number; cause?: unknown }> {
  try {
    return { accepted: await bus.publish(messages) };
  } catch (cause) {
    return { accepted: 0, cause };
  }
}
