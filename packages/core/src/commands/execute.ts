import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS } from "../limits.ts";
import { LedgerError } from "../errors.ts";
import type { Occurred } from "../domain/decider.ts";
import type { StoredEvent } from "../log/envelope.ts";
import { isConflict, refuseOverLimit, seal } from "./append.ts";
import { refuseUnexpected, refuseUnread, type Expected } from "./precondition.ts";
import type { Reference } from "./registry.ts";
import { marksOf, nameOf, type CommandDeps, type CommandRequest, type Outcome, type RequestMarks } from "./request.ts";
import { fold, loadStream, type HeldStream, type StreamKind } from "./streams.ts";

/** What is to be done on one stream. */
export interface Task<C> {
  /** The command, made anew for each attempt: it may read other streams. */
  command: () => C | Promise<C>;
  /** What the request names that must exist. */
  references?: readonly Reference[];
  /** A rule that reads beyond the stream; runs only when there is an event to append. */
  permit?: () => Promise<void>;
  /** It replaces what stands, so that an update not seen would be lost: on a stream that exists it needs `expected`. */
  overwrites?: boolean;
  /** It ends the stream, and so has its place behind the last that the limit leaves. */
  ends?: boolean;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 160;

/**
 * Load → decide → append, on a stream that may be there already. One command, one event.
 *
 * A request with an Idempotency-Key that the stream remembers gets its first answer again: the event recorded then and
 * the state as of that event, not as of now. A key counts within one stream: the same one on two streams is two requests.
 * A request that left nothing to do leaves no trace either: repeated later, it is decided on what stands then.
 *
 * `expected` is compared with the version that was loaded, and the append holds only behind that version: nothing comes
 * between. A replay and a request that leaves nothing to do need none (RFC 9110, 13.1.1: already applied).
 *
 * Throws what the decider throws, `idempotency_mismatch`, `precondition_failed`, `precondition_required`,
 * `unknown_actor`, `unknown_proposition`, `limit_reached`, `store_unavailable`, and `version_conflict` when the stream
 * stays contended for every attempt.
 *
 * @param type the command's name: the same key with another command is another payload.
 */
export async function execute<I extends string, S, C, E extends { type: string; data: unknown }>(
  deps: CommandDeps,
  kind: StreamKind<I, S, C, E>,
  id: I,
  type: string,
  request: CommandRequest<unknown>,
  task: Task<C>,
): Promise<Outcome<S>> {
  const marks = marksOf(deps, type, request);
  for (let attempt = 1; ; attempt += 1) {
    const { events, state } = await loadStream(deps.streams, kind, id);
    const earlier = events.find((event) => event.requestId === marks.requestId);
    if (earlier !== undefined) {
      kind.refuseRepeat?.(state, earlier);
      return replay(kind, events, earlier, marks);
    }

    const event = await decideOn(kind, task, request.expected, { events, state });
    if (event === null) return { state, version: events.length, event: null, replayed: false, unchanged: true };
    refuseUnexpected(request.expected, events.length);
    await deps.registry.demand(task.references ?? []);
    await task.permit?.();
    if (task.overwrites) refuseUnread(request.expected, events.length);

    const version = events.length + 1;
    const recordedBy = request.principal;
    const occurred: Occurred<E> = { ...event, version, recordedBy };
    const next = kind.decider.evolve(state, occurred);
    if (!task.ends) refuseOverLimit(version, next);
    const stored = seal(deps, { stream: kind.streamOf(id), version, recordedBy, marks }, event);
    try {
      // Dead just before: nothing happened, and the caller has no answer. Dead just after: the event stands and will
      // enter the log; the caller's retry finds it by its key or, without one, most often decides to nothing.
      await deps.streams.append(stored);
      return { state: next, version, event: nameOf(stored), replayed: false, unchanged: false };
    } catch (error) {
      if (!isConflict(error) || attempt === LIMITS.appendAttemptsCount) throw error;
    }
    await sleep(pauseMs(attempt, deps.random));
  }
}

/** What the command comes to. Who rests on another version is told that, rather than what follows from this one. */
async function decideOn<I extends string, S, C, E extends { type: string; data: unknown }>(
  { decider }: StreamKind<I, S, C, E>,
  { command }: Task<C>,
  expected: Expected | undefined,
  { events, state }: HeldStream<S>,
): Promise<E | null> {
  if (expected === "none") refuseUnexpected(expected, events.length);
  const asked = await command();
  try {
    return decider.decide(asked, state);
  } catch (error) {
    // What is not there at all, or no longer, is refused as such.
    const isGone = error instanceof LedgerError && error.code === "statement_erased";
    if (error instanceof LedgerError && !isGone && events.length > 0) refuseUnexpected(expected, events.length);
    throw error;
  }
}

/** The first answer again, or a refusal when the key was used for something else. */
export function replay<I extends string, S, C, E extends { type: string; data: unknown }>(
  kind: StreamKind<I, S, C, E>,
  events: readonly StoredEvent[],
  earlier: StoredEvent,
  marks: RequestMarks,
): Outcome<S> {
  if (earlier.requestDigest !== marks.requestDigest) {
    const message = "this Idempotency-Key was used before, for another request";
    throw new LedgerError("idempotency_mismatch", message, { details: { event: earlier.id } });
  }
  const state = fold(kind, events.slice(0, earlier.version));
  return { state, version: earlier.version, event: nameOf(earlier), replayed: true, unchanged: false };
}

/** Waits of random length let writers that collided fall out of step. */
function pauseMs(attempt: number, random: CommandDeps["random"]): number {
  const share = Buffer.from(random(2)).readUInt16BE() / 0xffff;
  return share * Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
}
