import type { PrincipalId } from "./ids.ts";

/** An event as a fold sees it: what happened, where in its stream, and who recorded it. */
export type Occurred<E extends { type: string; data: unknown }> = E & {
  version: number;
  recordedBy: PrincipalId;
};

/**
 * The rules of one kind of stream. Pure: time, ids and the principal come in with the command.
 * `decide` yields one event, or `null` when nothing is left to do (a retry); it throws `LedgerError`.
 */
export interface Decider<S, C, E extends { type: string; data: unknown }> {
  readonly initial: S;
  decide(command: C, state: S): E | null;
  evolve(state: S, event: Occurred<E>): S;
}
