// The functions one by one: the whole of Temporal is 50 KB that the API would load at each cold start.
import * as ExactTime from "temporal-polyfill/fns/Instant";
import * as PlainDate from "temporal-polyfill/fns/PlainDate";
import * as ZonedDateTime from "temporal-polyfill/fns/ZonedDateTime";
import * as z from "zod";
import { fieldError } from "../errors.ts";
import { instantOf, parseMoment, readMoment, type Instant, type Precision, type SaidAt } from "./time.ts";

/** An IANA time zone or a fixed offset, such as `America/New_York` or `-04:00`. */
export const Zone = z.string().max(64).refine(isZone, { message: "an IANA time zone, such as America/New_York" });

/** A name or an offset: Temporal alone would also read a zone out of a whole date-time. */
const ZONE_FORM = /^([A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*|[+-]\d{2}:\d{2})$/;

function isZone(zone: string): boolean {
  if (!ZONE_FORM.test(zone)) return false;
  try {
    ExactTime.toZonedDateTimeISO(ExactTime.fromEpochMilliseconds(0), zone);
    return true;
  } catch {
    return false;
  }
}

/** The first and the next-after-last moment of a calendar day in a zone. */
export function daySpan(date: string, zone: string): { from: Instant; until: Instant } {
  const [year = 0, month = 0, dayOfMonth = 0] = date.split("-").map(Number);
  const day = PlainDate.create(year, month, dayOfMonth);
  const start = (of: PlainDate.Record) => instantOf(PlainDate.toZonedDateTime(of, zone).epochMilliseconds);
  return { from: start(day), until: start(PlainDate.addDays(day, 1)) };
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
  const place = zone ?? (read.offset === "Z" ? "UTC" : read.offset);
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
  const exact = ExactTime.fromEpochMilliseconds(Date.parse(parseMoment(given)));
  return PlainDate.toString(ZonedDateTime.toPlainDate(ExactTime.toZonedDateTimeISO(exact, zone)));
}
