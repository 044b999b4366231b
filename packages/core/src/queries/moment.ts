import { LedgerError } from "../errors.ts";
import type { Instant } from "../domain/time.ts";
import type { Checkpoint, ViewRow, ViewStore } from "../log/ports.ts";
import { sequenceIn } from "../projections/projection.ts";
import type { Visible } from "../projections/positions/timeline.ts";
import { bodyOf } from "../projections/body.ts";

/** The two time axes of a question: what had been said by `asOf`, as the ledger knew it at `knownAt`. */
export interface Moment {
  asOf: Instant;
  knownAt: Instant;
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
  return { asOf: asOf > knownAt ? knownAt : asOf, knownAt };
}

/** Which rows an answer may see: those behind the checkpoint that were recorded by `knownAt`. */
export function visibleAt({ next }: Checkpoint, { knownAt }: Moment): Visible {
  return (sequence, recordedAt) => sequence < next && recordedAt <= knownAt;
}

/** How far a view reaches that stands at this checkpoint. */
export function throughOf({ next, recordedAt }: Checkpoint): Through {
  return { sequence: next === 0 ? null : next - 1, recordedAt };
}

/** Says with a value how far it reaches. */
export function answered<T>(value: T, moment: Moment, place: Checkpoint): Answered<T> {
  const final = place.recordedAt !== null && moment.knownAt <= place.recordedAt;
  return { value, ...moment, through: throughOf(place), final };
}

/** The newest is asked for first, being almost always the one; then more at a time. */
const CHUNK_GROWTH = 4;
const CHUNK_ROWS = 64;

/** The newest visible version in a partition whose sort keys are sequence numbers; `null` when there is none. */
export async function newestVersion(
  views: Pick<ViewStore, "query">,
  pk: string,
  visible: Visible,
): Promise<ViewRow | null> {
  let to = "~";
  for (let limit = 1; ; limit = Math.min(limit * CHUNK_GROWTH, CHUNK_ROWS)) {
    const rows = await views.query(pk, { to, descending: true, limit });
    for (const row of rows) {
      if (visible(sequenceIn(row.sk), bodyOf<{ recordedAt: Instant }>(row).recordedAt)) return row;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit || sequenceIn(last.sk) === 0) return null;
    to = String(sequenceIn(last.sk) - 1).padStart(last.sk.length, "0");
  }
}
