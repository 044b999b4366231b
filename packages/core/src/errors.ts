/** What a rule or a store can refuse. Codes are stable: clients and tests match on them. */
export type ErrorCode =
  | "malformed_json"
  | "invalid_request"
  | "body_too_large"
  | "headers_too_large"
  | "request_timeout"
  | "unsupported_media_type"
  | "unauthenticated"
  | "forbidden"
  | "route_not_found"
  | "method_not_allowed"
  | "actor_not_found"
  | "proposition_not_found"
  | "statement_not_found"
  | "report_not_found"
  | "position_not_found"
  | "event_not_found"
  | "log_empty"
  | "tile_not_found"
  | "token_not_found"
  | "token_exists"
  | "token_not_active"
  | "unknown_actor"
  | "unknown_proposition"
  | "unknown_statement"
  | "said_in_future"
  | "evidence_outside_text"
  | "evidence_lost"
  | "idempotency_mismatch"
  | "precondition_failed"
  | "precondition_required"
  | "statement_exists"
  | "statement_erased"
  | "report_exists"
  | "report_already_withdrawn"
  | "already_withdrawn"
  | "already_merged"
  | "not_withdrawn"
  | "statement_closed"
  | "no_condition"
  | "condition_already_met"
  | "not_delegated"
  | "cannot_settle"
  | "not_overlapping"
  | "order_impossible"
  | "cannot_merge"
  | "broader_cycle"
  | "limit_reached"
  | "needs_index"
  | "version_conflict"
  | "view_behind"
  | "store_unavailable"
  | "cursor_invalid";

/** One thing wrong with one field; `path` is dotted, as in `assessments.0.evidence.end`. */
export interface FieldProblem {
  path: string;
  message: string;
}

/** A refusal with a stable code. `message` is for people; `fields` name what to mend; `details` helps programs. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: ErrorCode;
  readonly fields: readonly FieldProblem[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    more: { fields?: readonly FieldProblem[]; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.fields = more.fields ?? [];
    this.details = more.details ?? {};
  }
}

/** A refusal that names one field. */
export function fieldError(code: ErrorCode, path: string, message: string): LedgerError {
  return new LedgerError(code, message, { fields: [{ path, message }] });
}
