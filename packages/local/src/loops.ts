/** Time, so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after the time, or as soon as the signal is aborted. Never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    }),
};

/** How long to wait before the next try: doubling, capped, half of it random so that retries spread out. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/** The wait after the `failures`-th failure in a row, counted from 1. */
export function backoffMs({ baseMs, capMs, random = Math.random }: Backoff, failures: number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return ceiling / 2 + (ceiling / 2) * random();
}

/** The wait that a loop's step asks for. A firm one is not cut short by a nudge. */
export interface Pause {
  readonly ms: number;
  readonly firm?: boolean;
}

export interface Loop {
  /** Something may be there: end the wait. */
  readonly nudge: () => void;
  /** Resolves when the step in hand has finished; no other is begun. */
  readonly stop: () => Promise<void>;
}

export interface LoopOptions {
  readonly clock: Clock;
  /** Told of every error a step throws; the loop goes on, backing off. */
  readonly onError: (error: unknown) => void;
}

const STEP_ERRORS: Backoff = { baseMs: 50, capMs: 5_000 };

/** Runs `step` again and again, waiting in between as it asks. */
export function startLoop(step: () => Promise<Pause>, { clock, onError }: LoopOptions): Loop {
  let stopped = false;
  let nudged = false;
  let errors = 0;
  let pause: { readonly firm: boolean; readonly wake: AbortController } | undefined;

  const next = async (): Promise<Pause> => {
    try {
      const asked = await step();
      errors = 0;
      return asked;
    } catch (error) {
      errors += 1;
      onError(error);
      return { ms: backoffMs(STEP_ERRORS, errors), firm: true };
    }
  };
  const run = async (): Promise<void> => {
    while (!stopped) {
      nudged = false;
      const { ms, firm = false } = await next();
      // A nudge during the step may be about something the step looked for too early.
      if (stopped || ms <= 0 || (nudged && !firm)) continue;
      pause = { firm, wake: new AbortController() };
      await clock.sleep(ms, pause.wake.signal);
      pause = undefined;
    }
  };
  const running = run();
  return {
    nudge() {
      nudged = true;
      if (pause?.firm === false) pause.wake.abort();
    },
    stop() {
      stopped = true;
      pause?.wake.abort();
      return running;
    },
  };
}
