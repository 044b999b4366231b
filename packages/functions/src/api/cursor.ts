import { LedgerError } from "@on-record/core/errors";
import * as z from "zod";
import { PageLimit } from "./page.ts";

const CURSOR_CHARS = 1_000;

/** A place in a list, opaque to the caller: the key of the last item seen. */
export function cursorOf(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** The key in a cursor that must match `form`. Throws `cursor_invalid`. */
export function keyIn(cursor: string | undefined, form: RegExp): string | undefined {
  if (cursor === undefined) return undefined;
  if (cursor.length <= CURSOR_CHARS) {
    const key = Buffer.from(cursor, "base64url").toString();
    if (cursorOf(key) === cursor && form.test(key)) return key;
  }
  const message = "is not a cursor of this list";
  throw new LedgerError("cursor_invalid", `cursor ${message}`, { fields: [{ path: "cursor", message }] });
}

/** A page of a list, as a query asks for it. */
export const PageQuery = {
  cursor: z.string().optional(),
  limit: PageLimit,
};

/** The address of the next page of the list at `url`. */
export function nextPage(url: string, key: string): { cursor: string; link: string } {
  const cursor = cursorOf(key);
  const next = new URL(url);
  next.searchParams.set("cursor", cursor);
  return { cursor, link: `<${next.pathname}${next.search}>; rel="next"` };
}
