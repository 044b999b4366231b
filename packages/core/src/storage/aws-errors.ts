import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { LedgerError } from "../errors.ts";

/** Nothing was written; the same call may well succeed in a moment. */
const CONTENTION = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "ReplicatedWriteConflictException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionConflictException",
  "TransactionInProgressException",
]);

/** Why DynamoDB cancels a transaction for a reason that passes. */
const PASSING_REASONS = new Set(["ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"]);

/** The service, or the way to it, failed: the call may have been carried out or not. */
const UNREACHABLE = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
  "AbortError",
  "InternalException",
  "InternalFailure",
  "InternalServerError",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  "TimeoutError",
]);

/** Whether a call was refused only because of others at the same moment. */
export function isContention(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (!(error instanceof TransactionCanceledException)) return CONTENTION.has(error.name);
  const reasons = cancellationCodes(error);
  return reasons.length > 0 && reasons.every((code) => PASSING_REASONS.has(code));
}

/** The reasons of a cancelled transaction, without the items that stood in nobody's way. */
export function cancellationCodes(error: TransactionCanceledException): string[] {
  return (error.CancellationReasons ?? []).map(({ Code }) => Code ?? "None").filter((code) => code !== "None");
}

/**
 * An SDK error in the ledger's words: what a network, a timeout, a throttle or a 5xx causes becomes
 * `store_unavailable` with the cause kept. Anything else is a fault of ours and stays as it is: a table that is not
 * there too, as asking again brings none about.
 */
export function toLedgerError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LedgerError) return error;
  return isUnreachable(error) || isContention(error) ? storeUnavailable(error.name, error) : error;
}

/** The refusal that callers may retry. */
export function storeUnavailable(reason: string, cause?: unknown): LedgerError {
  return new LedgerError("store_unavailable", `The store did not do its part: ${reason}.`, { cause });
}

function isUnreachable(error: Error): boolean {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  // undici, behind a custom request handler, has a family of codes of its own.
  if (UNREACHABLE.has(error.name) || UNREACHABLE.has(code) || code.startsWith("UND_ERR_")) return true;
  return (statusOf(error) ?? 0) >= 500;
}

function statusOf(error: Error): number | undefined {
  if (!("$metadata" in error) || typeof error.$metadata !== "object" || error.$metadata === null) return undefined;
  const metadata: { httpStatusCode?: unknown } = error.$metadata;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
