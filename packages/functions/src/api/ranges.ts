import { Zone } from "@on-record/core/domain/said-at";
import { MomentOrDate, type Instant } from "@on-record/core/domain/time";
import { fieldError } from "@on-record/core/errors";
import { spanIn } from "./moment.ts";

/** A bound of a range in time, which counts itself: a date-time with its offset, or a date, which stands for all of it. */
export const TimeBound = MomentOrDate;

/** Where a day begins and ends, for dates. */
export const zoned = { zone: Zone.default("UTC") };

/** A range as two moments. Refuses one that ends before it begins. */
export function boundsOf(
  asked: { from?: string | undefined; to?: string | undefined },
  zone: string,
  name: "said" | "recorded",
): { from?: Instant | undefined; to?: Instant | undefined } {
  const from = spanIn(asked.from, zone)?.from;
  const to = spanIn(asked.to, zone)?.end;
  if (from !== undefined && to !== undefined && from > to) {
    throw fieldError("invalid_request", `${name}To`, `lies before ${name}From`);
  }
  return { from, to };
}
