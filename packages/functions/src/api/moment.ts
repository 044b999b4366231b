import { Zone, daySpan } from "@on-record/core/domain/said-at";
import { MomentOrDate, instantOf, parseMoment, type Instant } from "@on-record/core/domain/time";
import { EventId } from "@on-record/core/log/envelope";
import { waitFor } from "@on-record/core/queries/after";
import type { Answered, AskedMoment } from "@on-record/core/queries/moment";
import type { ApiParts } from "./route.ts";

/** The time axis of recording in a query, and the event that the answer must know of. */
export const KnownQuery = {
  /** Recorded by then: a date-time with its offset, or a date, which means the end of that day. */
  knownAt: MomentOrDate.optional(),
  /** Where a day ends, for dates. */
  zone: Zone.default("UTC"),
  /** Waits until this event is behind the answer: read your own writes. */
  after: EventId.optional(),
};

/** The same with the other time axis. */
export const MomentQuery = {
  /** Said by then: a date-time with its offset, or a date, which means the end of that day, or now while it lasts. */
  asOf: MomentOrDate.optional(),
  ...KnownQuery,
};

/** The two time axes as a query names them. */
export interface MomentAsked {
  asOf?: string | undefined;
  knownAt?: string | undefined;
  zone: string;
}

/** The span that a text names: a date-time is its own end. */
export function spanIn(text: string | undefined, zone: string): { from: Instant; end: Instant } | undefined {
  if (text === undefined) return undefined;
  if (text.includes("T")) return { from: parseMoment(text), end: parseMoment(text) };
  const { from, until } = daySpan(text, zone);
  return { from, end: instantOf(Date.parse(until) - 1) };
}

/** The moment that a query asks about. To be read after any waiting: "now" is when the answer is given. */
export function momentOf({ asOf, knownAt, zone }: MomentAsked, clock: () => number): AskedMoment {
  const said = spanIn(asOf, zone);
  return { asOf: said?.end, asOfFrom: said?.from, knownAt: spanIn(knownAt, zone)?.end, now: instantOf(clock()) };
}

/** Whether the query names a moment. */
export function asksMoment({ asOf, knownAt }: Omit<MomentAsked, "zone">): boolean {
  return asOf !== undefined || knownAt !== undefined;
}

/** Waits for the event that the query names, when it names one. */
export async function waitAfter(after: EventId | undefined, projection: string, parts: ApiParts): Promise<void> {
  if (after !== undefined) await waitFor(after, projection, parts);
}

/** How an answer about what is never said tells what it rests on. */
export function knownOn({ knownAt, through, final }: Answered<unknown>) {
  return { knownAt, through, final };
}

/** How an answer says what it rests on. */
export function restsOn({ asOf, knownAt, through, final }: Answered<unknown>) {
  return { asOf, knownAt, through, final };
}
