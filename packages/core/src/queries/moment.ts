import { LedgerError } from "../errors.ts";
import type { Instant } from "../domain/time.ts";
import type { Checkpoint, ViewRow, ViewStore } from "../log/ports.ts";
import { sequenceIn } from "../projections/projection.ts";
import type { Visible } from "../projections/positions/timeline.ts";

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
  if (asOf > knownAt) {
    const message = "must not be later than knownAt: what will be said is not known";
    throw new LedgerError("invalid_request", `asOf ${message}`, { fields: [{ path: "asOf", message }] });
  }
  return { asOf, knownAt };
}

/** Which rows an answer may see: those behind the checkpoint that were recorded by `knownAt`. */
export function visibleAt({ next }: Checkpoint, { knownAt }: Moment): Visible {
  return (sequence, recordedAt) => sequence < next && recordedAt <= knownAt;
}

/** Says with a value how far it reaches. */
export function answered<T>(value: T, moment: Moment, { next, recordedAt }: Checkpoint): Answered<T> {
  return {
    value,
    ...moment,
    through: { sequence: next === 0 ? null : next - 1, recordedAt },
    final: recordedAt !== null && moment.knownAt <= recordedAt,
  };
}

const CHUNK_ROWS = 4;

/** The newest visible version in a partition whose sort keys are sequence numbers; `null` when there is none. */
export async function newestVersion(
  views: ViewStore,
  pk: string,
  visible: Visible,
): Promise<(ViewRow & { body: { recordedAt: Instant } }) | null> {
  let to = "~";
  for (let limit = 1; ; limit = CHUNK_ROWS) {
    const rows = await views.query(pk, { to, descending: true, limit });
    for (const row of rows) {
      const { recordedAt } = row.body as { recordedAt: Instant };
      if (visible(sequenceIn(row.sk), recordedAt)) return row as ViewRow & { body: { recordedAt: Instant } };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit || sequenceIn(last.sk) === 0) return null;
    to = String(sequenceIn(last.sk) - 1).padStart(last.sk.length, "0");
  }
}
