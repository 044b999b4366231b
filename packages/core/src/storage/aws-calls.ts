import { setTimeout as sleep } from "node:timers/promises";
import { isContention, storeUnavailable, toLedgerError } from "./aws-errors.ts";

/** Tries without any progress before a call is given up: about one second, on top of the SDK's own retries. */
const TRIES_COUNT = 7;
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 640;

/**
 * Makes one SDK call; again, after a pause, while it is refused because of others at the same moment.
 * Throws `store_unavailable` (see `toLedgerError`), or the SDK's own error when the call itself is wrong.
 */
export async function callAws<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!isContention(error) || tries === TRIES_COUNT) throw toLedgerError(error);
      await pause(tries);
    }
  }
}

/**
 * Hands work to a batch call until none is left over. `send` gives what the service did not take.
 * Throws `store_unavailable` when it keeps taking nothing.
 */
export async function callUntilTaken<T>(work: T[], send: (left: T[]) => Promise<T[]>): Promise<void> {
  let left = work;
  for (let tries = 1; left.length > 0; tries++) {
    const refused = await send(left);
    if (refused.length === 0) return;
    if (refused.length < left.length) tries = 1;
    if (tries === TRIES_COUNT) throw storeUnavailable(`${refused.length} items of a batch were not processed`);
    left = refused;
    await pause(tries);
  }
}

/** Works on all items, at most `lanes` at once. The first failure stops what has not begun. */
export async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      try {
        await work(item);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}

/** Exponential, with full jitter: those who met once shall not meet again. */
async function pause(tries: number): Promise<void> {
  await sleep(Math.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)));
}
