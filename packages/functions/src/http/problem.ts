import { LedgerError } from "@on-record/core/errors";
import type { Logger } from "./logger.ts";
import { etagOf } from "./preconditions.ts";
import { STATUS } from "./status.ts";

const CONTENT_TYPE = "application/problem+json";
/** Seconds after which asking again may help. */
const RETRY_AFTER_SECONDS = 1;

/** Where a problem arose: the request's id goes to the caller and into the log, so that the two can be joined. */
export interface ProblemContext {
  requestId: string;
  method: string;
  /** The path alone: a query may hold what somebody searched for. */
  path: string;
  logger: Logger;
}

/**
 * Problem details (RFC 9457) for whatever was thrown. What is not a `LedgerError` is ours to mend: it is logged, and
 * the caller learns nothing but the request's id.
 */
export function problemOf(error: unknown, context: ProblemContext): Response {
  note(error, context);
  return responseOf(error, context.requestId);
}

/** The same as an object: where an answer tells of several requests. */
export function problemIn(error: unknown, context: ProblemContext): Problem {
  note(error, context);
  return documentOf(error, context.requestId);
}

/** The same without a line in the log. */
export function responseOf(error: unknown, requestId: string): Response {
  const problem = documentOf(error, requestId);
  const headers = error instanceof LedgerError ? headersOf(error) : {};
  const body = JSON.stringify(problem);
  return new Response(body, { status: problem.status, headers: { ...headers, "content-type": CONTENT_TYPE } });
}

function note(error: unknown, { requestId, method, path, logger }: ProblemContext): void {
  if (!(error instanceof LedgerError)) logger.error("request failed", { requestId, method, path, error });
  else if (STATUS[error.code] >= 500)
    logger.warn("request refused", { requestId, method, path, code: error.code, error });
}

function documentOf(error: unknown, requestId: string): Problem {
  if (!(error instanceof LedgerError)) {
    return typed({ code: "internal_error", title: "Internal server error", status: 500, requestId });
  }
  const { code, message, fields, details } = error;
  return typed({
    ...details,
    code,
    title: titleOf(code),
    status: STATUS[code],
    // What a store says is for the log.
    detail: code === "store_unavailable" ? "The store does not answer. Nothing was lost: ask again." : message,
    ...(fields.length > 0 && { errors: fields }),
    requestId,
  });
}

function headersOf({ code, details }: LedgerError): Record<string, string> {
  if (STATUS[code] === 503) return { "retry-after": String(RETRY_AFTER_SECONDS) };
  if (code === "method_not_allowed" && Array.isArray(details["allowed"]))
    return { allow: details["allowed"].join(", ") };
  if (code === "unauthenticated") {
    // RFC 6750: a token that was sent and is not valid is told apart from none.
    const error = details["error"] === "invalid_token" ? ', error="invalid_token"' : "";
    return { "www-authenticate": `Bearer realm="on-record"${error}` };
  }
  // What the caller did not know of: the version to read before trying again.
  if (code === "precondition_failed" && typeof details["currentVersion"] === "number") {
    return { etag: etagOf(details["currentVersion"]) };
  }
  if (code === "forbidden" && typeof details["scope"] === "string") {
    return { "www-authenticate": `Bearer realm="on-record", error="insufficient_scope", scope="${details["scope"]}"` };
  }
  return {};
}

/** A problem document. */
interface Problem extends Told {
  type: string;
}

interface Told {
  code: string;
  title: string;
  status: number;
  requestId: string;
  [member: string]: unknown;
}

function typed(problem: Told): Problem {
  return { type: `urn:on-record:problem:${problem.code}`, ...problem };
}

/** `unknown_actor` → "Unknown actor": the same for every occurrence, as the RFC asks. */
function titleOf(code: string): string {
  const words = code.replaceAll("_", " ").replace("json", "JSON");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
