import { LedgerError } from "../errors.ts";

/**
 * What the caller knows of the stream that it acts on: `any`, that it is there; `none`, that it is not; or the versions
 * of which it must have one.
 */
export type Expected = "any" | "none" | readonly number[];

/** Throws `precondition_failed` when a stream with this many events is not as the caller knows it. */
export function refuseUnexpected(expected: Expected | undefined, version: number): void {
  if (expected === undefined || isMet(expected, version)) return;
  const is = version === 0 ? "is not there" : `stands at version ${version}`;
  throw new LedgerError("precondition_failed", `the resource ${is}: what was sent rests on something else`, {
    details: { currentVersion: version === 0 ? null : version },
  });
}

function isMet(expected: Expected, version: number): boolean {
  if (expected === "any") return version > 0;
  if (expected === "none") return version === 0;
  return expected.includes(version);
}

/** Throws `precondition_required` when an existing stream would be overwritten by one who may not have read it. */
export function refuseUnread(expected: Expected | undefined, version: number): void {
  if (expected !== undefined || version === 0) return;
  throw new LedgerError(
    "precondition_required",
    "this overwrites what others may have changed meanwhile: read it, and send its ETag as If-Match",
  );
}
