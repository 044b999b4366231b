import type { OpenStores } from "@on-record/local/stores";

/** Where text goes: standard output, standard error, or what stands for them in a test. */
export interface Sink {
  /** Resolves when more can be taken. */
  write(text: string): void | Promise<void>;
  readonly isTTY: boolean;
  /** Nobody reads any more: a pipe that was closed at its other end. What is written then goes nowhere. */
  readonly closed: boolean;
}

/** The world, as commands see it. */
export interface Io {
  readonly out: Sink;
  readonly err: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The person's own folder. */
  readonly home: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds before a request is tried again for the first time, unless as the client has it. */
  readonly pauseMs?: number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** That many bytes nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
  /** Set off by Ctrl-C. */
  readonly signal: AbortSignal;
  /** In place of the stores that the options name. */
  readonly stores?: () => Promise<OpenStores>;
}

/** It was not understood: the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** It failed, for a reason that the person can do something about; the message says which. The exit code is 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** Exit codes of every command. */
export const DONE = 0;
export const FAILED = 1;
export const NOT_UNDERSTOOD = 2;
