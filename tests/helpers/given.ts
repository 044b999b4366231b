import type { Decider, Occurred } from "@on-record/core/domain/decider";
import { PrincipalId } from "@on-record/core/domain/ids";
import { LedgerError, type ErrorCode } from "@on-record/core/errors";
import { expect } from "vitest";

type Fact = { type: string; data: unknown };
type Past<E> = E & { recordedBy?: PrincipalId };

/** Who recorded the past events that do not say. */
export const RECORDER = PrincipalId.parse("newsroom");

/** Folds past events, which get the versions 1, 2, … */
export function folded<S, C, E extends Fact>(decider: Decider<S, C, E>, past: readonly Past<E>[]): S {
  const occurred = past.map((event, index): Occurred<E> => ({ recordedBy: RECORDER, ...event, version: index + 1 }));
  return occurred.reduce((state, event) => decider.evolve(state, event), decider.initial);
}

/** `given(decider, ...past).when(command)` and what the decider makes of it. */
export function given<S, C, E extends Fact>(decider: Decider<S, C, E>, ...past: Past<E>[]) {
  const decide = (command: C) => decider.decide(command, folded(decider, past));
  return {
    when: (command: C) => ({
      yields: (...events: E[]) => expect([decide(command)]).toEqual(events),
      yieldsNothing: () => expect(decide(command)).toBeNull(),
      fails: (code: ErrorCode) => expect(refusal(() => decide(command)).code).toBe(code),
    }),
  };
}

/** The refusal that `act` ends in; anything else it throws is a bug and passes through. */
export function refusal(act: () => unknown): LedgerError {
  try {
    act();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
