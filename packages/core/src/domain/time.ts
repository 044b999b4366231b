import * as z from "zod";

/** A moment as the ledger keeps it: UTC with milliseconds, `2025-08-19T12:00:00.000Z`. Compares as text. */
export const Instant = z.iso.datetime({ precision: 3 }).brand<"Instant">();
export type Instant = z.infer<typeof Instant>;

/** How exactly the time of an utterance is known. */
export const Precision = z.enum(["instant", "minute", "day"]);
export type Precision = z.infer<typeof Precision>;

const ZoneName = z.string().min(1).max(64);

/**
 * When it was said: as `given`, with its precision and zone, and the span of time that this covers
 * (`from` inclusive, `until` exclusive). The span is kept, not computed again: zone rules change.
 */
export const SaidAt = z.strictObject({
  given: z.string().max(64),
  precision: Precision,
  zone: ZoneName,
  from: Instant,
  until: Instant,
});
export type SaidAt = z.infer<typeof SaidAt>;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{1,9})?)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** With a day to spare on both sides, so that every span has four-digit years and compares as text. */
const EARLIEST_YEAR = 1000;
const LATEST_YEAR = 9998;

/** An RFC 3339 date-time with its offset (seconds may be left out), or a date alone. */
export const MomentOrDate = z
  .string()
  .max(64)
  .refine((text) => readMoment(text) !== null, {
    message: "a real date (2025-08-18) or date-time with its offset (2025-08-18T14:05:00-04:00)",
  });

/** What a moment or date says: its calendar date, whether it is a date alone, and the offset it is given with. */
export interface ReadMoment {
  date: string;
  dateOnly: boolean;
  offset: string;
}

/** Reads an RFC 3339 date-time or a date; `null` when it is no real one, or of a year with fewer or more digits. */
export function readMoment(text: string): ReadMoment | null {
  const dateOnly = DATE.test(text);
  const [, date, offset] = dateOnly ? [text, text, "Z"] : (MOMENT.exec(text) ?? []);
  if (date === undefined || offset === undefined) return null;
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // Date rolls 30 February over into March.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, date.length) !== date) return null;
  const year = Number(date.slice(0, 4));
  return year < EARLIEST_YEAR || year > LATEST_YEAR ? null : { date, dateOnly, offset };
}

/** Milliseconds since 1970 as the ledger keeps a moment. */
export function instantOf(epochMs: number): Instant {
  return Instant.parse(new Date(epochMs).toISOString());
}

/** The moment that a date-time names, as `MomentOrDate` lets it through. A leap second counts to the one before. */
export function parseMoment(text: string): Instant {
  const seconds = text.replace(/T(\d{2}:\d{2})(Z|[+-])/, "T$1:00$2").replace(/:60(\.\d+)?(Z|[+-])/, ":59$1$2");
  return instantOf(Date.parse(seconds));
}

/** Whether two spans share a moment. */
export function overlaps(a: { from: string; until: string }, b: { from: string; until: string }): boolean {
  return a.from < b.until && b.from < a.until;
}
