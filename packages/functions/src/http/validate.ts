import { LedgerError, type ErrorCode, type FieldProblem } from "@on-record/core/errors";
import { LIMITS } from "@on-record/core/limits";
import type * as z from "zod";

/** More are not listed: a request with a thousand faults gets a page of them, not a megabyte. */
const PROBLEMS_COUNT = 20;
const KEY_CHARS = 100;

type Issue = z.core.$ZodIssue;

/** The value as the schema gives it. Throws `invalid_request` with a field path for every problem. */
export function validate<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const fields = read.error.issues.flatMap(problemsOf).slice(0, PROBLEMS_COUNT);
  throw new LedgerError("invalid_request", "the request is not as it must be", { fields });
}

/** A part of the path as an id. What cannot be one names nothing that exists: it throws the given `…_not_found`. */
export function pathId<S extends z.ZodType>(schema: S, text: string | undefined, code: ErrorCode): z.infer<S> {
  const read = schema.safeParse(text);
  if (!read.success) throw new LedgerError(code, "the path names nothing that exists");
  return read.data;
}

/** The caller's Idempotency-Key; `undefined` when there is none. Throws `invalid_request` for one that cannot be kept. */
export function idempotencyKeyOf(request: Request): string | undefined {
  const key = request.headers.get("idempotency-key") ?? undefined;
  if (key === undefined || (key.length <= LIMITS.idempotencyKeyChars && /^[\x21-\x7e]+$/.test(key))) return key;
  const message = `must be 1 to ${LIMITS.idempotencyKeyChars} visible ASCII characters`;
  throw new LedgerError("invalid_request", `Idempotency-Key ${message}`, {
    fields: [{ path: "Idempotency-Key", message }],
  });
}

/** The query as an object of strings; what is given twice becomes a list, which no schema takes for a string. */
export function queryOf(request: Request): Record<string, string | string[]> {
  const query = new Map<string, string | string[]>();
  for (const [key, value] of new URL(request.url).searchParams) {
    const before = query.get(key);
    // A list is added to, never made anew: a query may give one key thousands of times.
    if (Array.isArray(before)) before.push(value);
    else query.set(key, before === undefined ? value : [before, value]);
  }
  return Object.fromEntries(query);
}

function problemsOf(issue: Issue): FieldProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: dotted([...issue.path, key]), message: "is not a known field" }));
  }
  return [{ path: dotted(issue.path), message: messageOf(issue) }];
}

function messageOf({ code, message }: Issue): string {
  return code === "invalid_type" && message.endsWith("received undefined") ? "is required" : message;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map((part) => String(part).slice(0, KEY_CHARS)).join(".");
}
