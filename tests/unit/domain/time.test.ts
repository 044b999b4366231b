import { daySpan, saidAtFrom, Zone } from "@on-record/core/domain/said-at";
import {
  Instant,
  instantOf,
  MomentOrDate,
  overlaps,
  parseMoment,
  Precision,
  SaidAt,
} from "@on-record/core/domain/time";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refusal } from "../../helpers/given.ts";

const HOUR_MS = 3_600_000;
const hours = (span: { from: string; until: string }) => (Date.parse(span.until) - Date.parse(span.from)) / HOUR_MS;

describe("a date or date-time", () => {
  it.each([
    "2025-08-18",
    "2024-02-29",
    "1000-01-01",
    "9998-12-31",
    "2025-08-18T14:05Z",
    "2025-08-18T14:05:00Z",
    "2025-08-18T14:05:00.123456789-04:00",
    "2025-08-18T14:05-00:00",
    "2025-08-18T14:05+23:59",
  ])("may be %s, and then makes a span", (text) => {
    expect(MomentOrDate.safeParse(text).success).toBe(true);
    expect(SaidAt.safeParse(saidAtFrom(text)).success).toBe(true);
  });

  it.each([
    ["no such day", "2025-02-30"],
    ["no such day, with a time", "2025-02-30T10:00Z"],
    ["no leap year", "2025-02-29"],
    ["month 13", "2025-13-01"],
    ["month 0", "2025-00-01"],
    ["day 0", "2025-01-00"],
    ["24:00", "2025-08-18T24:00Z"],
    ["minute 60", "2025-08-18T14:60Z"],
    ["no offset", "2025-08-18T14:05:00"],
    ["an offset of 24 hours", "2025-08-18T14:05+24:00"],
    ["an offset without colon", "2025-08-18T14:05:00+0400"],
    ["a zone name", "2025-08-18T14:05[America/New_York]"],
    ["a zone name behind the offset", "2025-08-18T14:05Z[America/New_York]"],
    ["year 0", "0000-01-01"],
    ["a year before 1000", "0999-12-31"],
    ["a year whose span would leave four digits", "9999-12-31"],
    ["a year of six digits", "+012025-01-01"],
    ["a space for T", "2025-08-18 14:05Z"],
    ["lower case", "2025-08-18t14:05z"],
    ["fractions of minutes", "2025-08-18T14:05.5Z"],
    ["ten decimals", "2025-08-18T14:05:00.0000000001Z"],
    ["basic format", "20250818"],
    ["a week", "2025-W34-1"],
    ["hours alone", "2025-08-18T14Z"],
    ["a leading space", " 2025-08-18"],
    ["a line end", "2025-08-18\n"],
    ["NUL", "2025-08-18\u0000"],
    ["Arabic digits", "٢٠٢٥-٠٨-١٨"],
    ["nothing", ""],
    ["words", "yesterday"],
  ])("is not %s: %j", (_why, text) => {
    expect(MomentOrDate.safeParse(text).success).toBe(false);
    expect(refusal(() => saidAtFrom(text)).code).toBe("invalid_request");
  });

  it.each([20250818, null, undefined, ["2025-08-18"], {}])("is not %o", (value) => {
    expect(MomentOrDate.safeParse(value).success).toBe(false);
  });

  it("is read to the millisecond, in UTC", () => {
    expect(parseMoment("2025-08-18T14:05-04:00")).toBe("2025-08-18T18:05:00.000Z");
    expect(parseMoment("2025-08-18T14:05:06.7899Z")).toBe("2025-08-18T14:05:06.789Z");
  });
});

describe("an instant", () => {
  it.each(["2025-08-18T14:05:00.000Z", "2024-02-29T00:00:00.000Z"])("may be %s", (text) => {
    expect(Instant.safeParse(text).success).toBe(true);
  });

  it.each([
    "2025-08-18T14:05:00Z",
    "2025-08-18T14:05:00.00Z",
    "2025-08-18T14:05:00.000+00:00",
    "2025-02-30T00:00:00.000Z",
    "2025-13-01T00:00:00.000Z",
    "2025-08-18T24:00:00.000Z",
    "2025-08-18T14:60:00.000Z",
    "2025-08-18T14:05:60.000Z",
    "2025-08-18",
    "",
  ])("is never %j", (text) => {
    expect(Instant.safeParse(text).success).toBe(false);
  });

  it("comes from milliseconds and compares as text as it does in time", () => {
    const epoch = fc.integer({ min: Date.parse("1000-01-02T00:00:00Z"), max: Date.parse("9998-12-31T00:00:00Z") });
    fc.assert(
      fc.property(epoch, epoch, (a, b) => {
        expect(Date.parse(instantOf(a))).toBe(a);
        expect(instantOf(a) < instantOf(b)).toBe(a < b);
      }),
    );
  });
});

describe("a zone", () => {
  it.each([
    "UTC",
    "America/New_York",
    "America/Argentina/Buenos_Aires",
    "Europe/Kyiv",
    "Etc/GMT+5",
    "-04:00",
    "+05:30",
  ])("may be %s", (zone) => {
    expect(Zone.safeParse(zone).success).toBe(true);
  });

  it.each([
    "",
    "Mars/Olympus",
    "Z",
    "+24:00",
    "-4",
    "[UTC]",
    "2025-08-18T00:00:00Z",
    "2025-08-18T00:00[America/New_York]",
    `America/${"x".repeat(64)}`,
    "UTC\u0000",
    " UTC",
    7,
  ])("is never %j", (zone) => {
    expect(Zone.safeParse(zone).success).toBe(false);
  });
});

describe("a day", () => {
  it.each([
    ["America/New_York", "2025-03-09", 23],
    ["America/New_York", "2025-11-02", 25],
    ["America/New_York", "2025-08-18", 24],
    ["America/Sao_Paulo", "2018-11-03", 24],
    ["America/Sao_Paulo", "2018-11-04", 23],
    ["Africa/Cairo", "2023-04-28", 23],
    ["Africa/Cairo", "2023-10-26", 25],
    ["Australia/Lord_Howe", "2025-04-06", 24.5],
    ["Asia/Kathmandu", "2025-08-18", 24],
  ])("in %s, %s, has %d hours", (zone, date, length) => {
    expect(hours(daySpan(date, zone))).toBe(length);
  });

  it.each([
    ["America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"],
    ["Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00.000Z"],
  ])("in %s begins behind the gap at midnight: %s", (zone, date, from) => {
    expect(saidAtFrom(date, undefined, zone).from).toBe(from);
  });

  it("that its zone never had is refused", () => {
    expect(refusal(() => saidAtFrom("2011-12-30", undefined, "Pacific/Apia")).code).toBe("invalid_request");
    expect(hours(saidAtFrom("2011-12-29", undefined, "Pacific/Apia"))).toBe(24);
  });

  it("is placed by the zone, else by the offset, else in UTC", () => {
    expect(saidAtFrom("2025-08-18").zone).toBe("UTC");
    expect(saidAtFrom("2025-08-18", undefined, "Asia/Tokyo").from).toBe("2025-08-17T15:00:00.000Z");
    expect(saidAtFrom("2025-08-18T23:30-04:00", "day")).toMatchObject({
      zone: "-04:00",
      from: "2025-08-18T04:00:00.000Z",
    });
    expect(saidAtFrom("2025-08-18T23:30-04:00", "day", "Asia/Tokyo").from).toBe("2025-08-18T15:00:00.000Z");
  });
});

describe("the precision", () => {
  it.each([
    ["2025-08-18", "day", 24 * HOUR_MS],
    ["2025-08-18T14:05Z", "minute", 60_000],
    ["2025-08-18T14:05:00Z", "instant", 1],
    ["2025-08-18T14:05:30.5Z", "instant", 1],
  ])("of %s is the %s", (given, precision, length) => {
    const span = saidAtFrom(given);
    expect([span.precision, Date.parse(span.until) - Date.parse(span.from)]).toEqual([precision, length]);
  });

  it.each([
    ["2025-08-18T14:05:30Z", "minute", "2025-08-18T14:05:00.000Z"],
    ["2025-08-18T14:05:30Z", "day", "2025-08-18T00:00:00.000Z"],
    ["2025-08-18T14:05Z", "day", "2025-08-18T00:00:00.000Z"],
    ["1969-12-31T23:59:30.5Z", "minute", "1969-12-31T23:59:00.000Z"],
  ] as const)("of %s may be stated coarser: %s", (given, precision, from) => {
    expect(saidAtFrom(given, precision)).toMatchObject({ given, precision, from });
  });

  it.each([
    ["2025-08-18", "minute"],
    ["2025-08-18", "instant"],
    ["2025-08-18T14:05Z", "instant"],
  ] as const)("of %s is never finer: %s", (given, precision) => {
    const error = refusal(() => saidAtFrom(given, precision));
    expect([error.code, error.fields[0]?.path]).toEqual(["invalid_request", "saidAtPrecision"]);
  });
});

describe("the span of a time", () => {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = fc
    .date({ min: new Date("1000-01-02"), max: new Date("9998-12-30"), noInvalidDate: true })
    .map((d) => d.toISOString());
  const offset = fc
    .tuple(fc.constantFrom("+", "-"), fc.nat(23), fc.nat(59))
    .map(([s, h, m]) => `${s}${two(h)}:${two(m)}`);
  const given = fc
    .tuple(date, offset, fc.constantFrom(10, 16, 19, 23))
    .map(([iso, off, chars]) => (chars === 10 ? iso.slice(0, 10) : `${iso.slice(0, chars)}${off}`));
  const zone = fc.constantFrom(undefined, "UTC", "America/New_York", "Africa/Cairo", "Asia/Kolkata", "+05:45");

  it("begins before it ends, holds what was given, and survives JSON", () => {
    fc.assert(
      fc.property(
        given,
        fc.option(fc.constantFrom(...Precision.options), { nil: undefined }),
        zone,
        (text, stated, place) => {
          fc.pre(stated === undefined || stated === "day" || text.length > 10);
          fc.pre(stated !== "instant" || text.length > 22);
          const span = saidAtFrom(text, stated, place);
          expect(span.from < span.until).toBe(true);
          expect(SaidAt.parse(JSON.parse(JSON.stringify(span)))).toEqual(span);
          if (text.length === 10) return;
          const at = parseMoment(text);
          expect(span.from <= at && at < span.until).toBe(true);
        },
      ),
    );
  });

  it("follows, day upon day, without a gap", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20_000 }),
        fc.constantFrom("America/New_York", "America/Sao_Paulo", "Africa/Cairo"),
        (n, where) => {
          const day = (k: number) => new Date(k * 24 * HOUR_MS).toISOString().slice(0, 10);
          expect(daySpan(day(n), where).until).toBe(daySpan(day(n + 1), where).from);
        },
      ),
    );
  });

  it("overlaps another when they share a moment, and itself", () => {
    const day = saidAtFrom("2025-08-18");
    expect(overlaps(day, day)).toBe(true);
    expect(overlaps(day, saidAtFrom("2025-08-18T23:59:59.999Z"))).toBe(true);
    expect(overlaps(day, saidAtFrom("2025-08-19T00:00:00Z"))).toBe(false);
    expect(overlaps(day, saidAtFrom("2025-08-19"))).toBe(false);
    expect(overlaps(day, saidAtFrom("2025-08-19", undefined, "Asia/Tokyo"))).toBe(true);
  });
});
