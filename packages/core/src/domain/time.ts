import { Temporal } from "temporal-polyfill";
import * as z from "zod";
import { fieldError } from "../errors.ts";

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
const MOMENT = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
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

/** An RFC 3339 date-time with its offset. */
export const Moment = MomentOrDate.refine((text) => !DATE.test(text), {
  message: "a date-time with its offset, such as 2025-08-18T14:05:00Z",
});

/** An IANA time zone or a fixed offset, such as `America/New_York` or `-04:00`. */
export const Zone = ZoneName.refine(isZone, { message: "an IANA time zone, such as America/New_York" });

/** A name or an offset: Temporal alone would also read a zone out of a whole date-time. */
const ZONE_FORM = /^([A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*|[+-]\d{2}:\d{2})$/;

function isZone(zone: string): boolean {
  if (!ZONE_FORM.test(zone)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

function readMoment(text: string): { date: string; dateOnly: boolean } | null {
  const date = DATE.test(text) ? text : MOMENT.exec(text)?.[1];
  if (date === undefined) return null;
  try {
    const day = Temporal.PlainDate.from(date, { overflow: "reject" });
    if (!DATE.test(text)) Temporal.Instant.from(withSeconds(text));
    return day.year < EARLIEST_YEAR || day.year > LATEST_YEAR ? null : { date, dateOnly: DATE.test(text) };
  } catch {
    return null;
  }
}

function withSeconds(text: string): string {
  return text.replace(/T(\d{2}:\d{2})(Z|[+-])/, "T$1:00$2");
}

/** Milliseconds since 1970 as the ledger keeps a moment. */
export function instantOf(epochMs: number): Instant {
  return Instant.parse(new Date(epochMs).toISOString());
}

/** The moment that a valid `Moment` names. */
export function parseMoment(text: string): Instant {
  return instantOf(Temporal.Instant.from(withSeconds(text)).epochMilliseconds);
}

/** The first and the next-after-last moment of a calendar day in a zone. */
export function daySpan(date: string, zone: string): { from: Instant; until: Instant } {
  const day = Temporal.PlainDate.from(date);
  const start = (d: Temporal.PlainDate) => instantOf(d.toZonedDateTime(zone).epochMilliseconds);
  return { from: start(day), until: start(day.add({ days: 1 })) };
}

const MINUTE_MS = 60_000;

/**
 * The span that a given time covers. The precision follows from the form (date; date-time without or
 * with seconds) unless it is stated; a stated one may only be coarser. `zone` places a day.
 */
export function saidAtFrom(given: string, stated?: Precision, zone?: string): SaidAt {
  const read = readMoment(given);
  if (read === null) throw fieldError("invalid_request", "saidAt", "must be a real date or date-time");
  const known: Precision = read.dateOnly ? "day" : /T\d{2}:\d{2}(Z|[+-])/.test(given) ? "minute" : "instant";
  const precision = stated ?? known;
  if (fineness(precision) > fineness(known)) {
    throw fieldError("invalid_request", "saidAtPrecision", `saidAt is given by the ${known} only`);
  }
  const offset = MOMENT.exec(given)?.[4] ?? "UTC";
  const place = zone ?? (offset === "Z" ? "UTC" : offset);
  if (precision === "day") {
    const date = read.dateOnly ? given : localDate(given, place);
    const span = daySpan(date, place);
    // Samoa had no 30 December 2011: it crossed the date line.
    if (span.from >= span.until) throw fieldError("invalid_request", "saidAt", `${place} had no ${date}`);
    return { given, precision, zone: place, ...span };
  }
  const at = Date.parse(parseMoment(given));
  const from = precision === "minute" ? at - (((at % MINUTE_MS) + MINUTE_MS) % MINUTE_MS) : at;
  const until = precision === "minute" ? from + MINUTE_MS : from + 1;
  return { given, precision, zone: place, from: instantOf(from), until: instantOf(until) };
}

function fineness(precision: Precision): number {
  return ["day", "minute", "instant"].indexOf(precision);
}

function localDate(given: string, zone: string): string {
  return Temporal.Instant.from(withSeconds(given)).toZonedDateTimeISO(zone).toPlainDate().toString();
}

/** Whether two spans share a moment. */
export function overlaps(a: { from: string; until: string }, b: { from: string; until: string }): boolean {
  return a.from < b.until && b.from < a.until;
}
