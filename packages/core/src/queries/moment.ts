import { LedgerError } from "../errors.ts";
import type { Instant } from "../domain/time.ts";
import type { Checkpoint } from "../log/ports.ts";
import { horizonAt, horizonKnown, type Horizon } from "../projections/moments.ts";

/** The two time axes of a question: what had been said by `asOf`, as the ledger knew it at `knownAt`. */
export interface Moment {
  asOf: Instant;
  knownAt: Instant;
  /** Nobody asked for a `knownAt`: the newest will do, which is read with one read less. */
  isLatest: boolean;
}

/** How far the view behind an answer reaches. */
export interface Through {
  /** The newest event behind the answer; `null` before any. */
  sequence: number | null;
  recordedAt: Instant | null;
}

/** An answer, how far the view behind it reaches, and whether it can never change. */
export interface Answered<T> {
  value: T;
  asOf: Instant;
  knownAt: Instant;
  through: Through;
  /** `true` when everything recorded by `knownAt` is behind the answer: asked again later, it is the same. */
  final: boolean;
}

/** A moment as it is asked about; `now` stands in for what is left out. */
export interface AskedMoment {
  asOf?: Instant | undefined;
  /** Where a day stands for its end: how it begins. While the day lasts, its end is `knownAt`. */
  asOfFrom?: Instant | undefined;
  knownAt?: Instant | undefined;
  now: Instant;
}

/**
 * Fills in what was not asked: known now, and said by then. What the view holds is known, whatever this machine's
 * clock says beside the one that recorded it. Refuses an `asOf` later than `knownAt`.
 */
export function momentFrom(asked: AskedMoment, { recordedAt }: Checkpoint): Moment {
  const now = recordedAt !== null && recordedAt > asked.now ? recordedAt : asked.now;
  const knownAt = asked.knownAt ?? now;
  const asOf = asked.asOf ?? knownAt;
  if ((asked.asOfFrom ?? asOf) > knownAt) {
    const message = "must not be later than knownAt: what will be said is not known";
    throw new LedgerError("invalid_request", `asOf ${message}`, { fields: [{ path: "asOf", message }] });
  }
  return { asOf: asOf > knownAt ? knownAt : asOf, knownAt, isLatest: asked.knownAt === undefined };
}

/** How far a view reaches that stands at this checkpoint. */
export function throughOf({ next, recordedAt }: Checkpoint): Through {
  return { sequence: next === 0 ? null : next - 1, recordedAt };
}

/** What an answer may see: what a view holds that stands at this checkpoint, of that what was recorded by then. */
export function horizonOf(place: Checkpoint, { knownAt }: Pick<Moment, "knownAt">): Horizon {
  const isPast = place.recordedAt !== null && knownAt < place.recordedAt;
  return isPast ? horizonKnown(knownAt) : horizonAt(throughOf(place));
}

/** Says with a value how far it reaches. */
export function answered<T>(value: T, { asOf, knownAt }: Moment, place: Checkpoint): Answered<T> {
  const final = place.recordedAt !== null && knownAt <= place.recordedAt;
  return { value, asOf, knownAt, through: throughOf(place), final };
}
