import { LedgerError } from "../errors.ts";
import { canonicalJson } from "../log/digest.ts";
import type { RecordStatementInput } from "./inputs.ts";
import { statementIdOf } from "./record-statement.ts";
import type { CommandDeps, CommandRequest } from "./request.ts";

/** So many run at once. When the store has refused as many, no more are begun: the caller shall hear of it in time. */
const CONCURRENCY_COUNT = 8;

/** An item as it was given; `undefined` holds the place of one that could not be read. */
type Given = { idempotencyKey?: string | undefined; payload: RecordStatementInput } | undefined;

/**
 * The key of each item: its own or, where the batch has one, `<batch's key>#<index>`, under which the item can also be
 * retried alone. An item that repeats another without a key of its own is the same request, and shares its key.
 */
export function keysOf(batchKey: string | undefined, items: readonly Given[]): (string | undefined)[] {
  const first = new Map<string, number>();
  return items.map((item, index) => {
    if (item === undefined || item.idempotencyKey !== undefined) return item?.idempotencyKey;
    if (batchKey === undefined) return undefined;
    const text = canonicalJson(item.payload);
    const place = first.get(text) ?? index;
    first.set(text, place);
    return `${batchKey}#${place}`;
  });
}

/** What became of one item. */
export type Settled<T> = { value: T } | { error: unknown };

/** Whether an item ended as it did because the store could not be reached: it may have been recorded or not. */
export function isUnavailable<T>(settled: Settled<T>): boolean {
  return "error" in settled && settled.error instanceof LedgerError && settled.error.code === "store_unavailable";
}

/**
 * Records statements, a few at once, and tells what became of each, in the order given; none spoils another. Requests
 * for one statement run one after the other, so that the first is the one recorded and the others are its replays.
 */
export async function recordEach<T>(
  deps: Pick<CommandDeps, "ledgerKey">,
  requests: readonly CommandRequest<RecordStatementInput>[],
  record: (request: CommandRequest<RecordStatementInput>) => Promise<T>,
): Promise<Settled<T>[]> {
  const lanes = lanesOf(deps, requests);
  const settled = new Map<number, Settled<T>>();
  let refused = 0;
  const runLane = async (lane: readonly Placed[]) => {
    for (const { index, request } of lane) {
      const result = refused >= CONCURRENCY_COUNT ? notTried<T>() : await settle(() => record(request));
      if (isUnavailable(result)) refused += 1;
      settled.set(index, result);
    }
  };
  const work = async () => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) await runLane(lane);
  };
  await Promise.all(Array.from({ length: CONCURRENCY_COUNT }, work));
  return requests.map((_, index) => settled.get(index) ?? notTried());
}

interface Placed {
  index: number;
  request: CommandRequest<RecordStatementInput>;
}

function lanesOf(
  deps: Pick<CommandDeps, "ledgerKey">,
  requests: readonly CommandRequest<RecordStatementInput>[],
): Placed[][] {
  const lanes = new Map<string, Placed[]>();
  for (const [index, request] of requests.entries()) {
    const name = laneOf(deps, request) ?? `#${index}`;
    lanes.set(name, [...(lanes.get(name) ?? []), { index, request }]);
  }
  return [...lanes.values()];
}

/** The statement that a request is for; `undefined` where its time is none: recording it will say so. */
function laneOf(
  deps: Pick<CommandDeps, "ledgerKey">,
  request: CommandRequest<RecordStatementInput>,
): string | undefined {
  try {
    return statementIdOf(deps, request);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

async function settle<T>(work: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function notTried<T>(): Settled<T> {
  return { error: new LedgerError("store_unavailable", "not tried, as the store had refused those before") };
}
