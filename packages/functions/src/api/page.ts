import { LIMITS } from "@on-record/core/limits";
import * as z from "zod";

/** A whole number, written as a query writes it. */
export const WholeNumber = z
  .string()
  .regex(/^\d{1,12}$/, "a whole number, 0 or more")
  .transform(Number);

/** How many items a page holds. */
export const PageLimit = WholeNumber.pipe(z.number().min(1).max(LIMITS.pageItemsCount)).default(
  LIMITS.pageItemsDefaultCount,
);

/** A page by number: the items behind `after`, which is the number of the last one seen. */
export const NumberedPage = z.strictObject({ after: WholeNumber.optional(), limit: PageLimit });

/** The `Link` header that leads to the page behind `after`. */
export function nextLink(path: string, after: number, limit: number): string {
  return `<${path}?after=${after}&limit=${limit}>; rel="next"`;
}
