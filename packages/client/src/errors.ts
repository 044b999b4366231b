import type { ProblemCode } from "@on-record/functions/http/catalogue";

/** One thing wrong with one field. */
export interface FieldProblem {
  path: string;
  message: string;
}

/** A problem document (RFC 9457) as the API sends it; some codes bring members of their own. */
export interface ProblemDocument {
  type: string;
  code: ProblemCode;
  title: string;
  status: number;
  detail?: string;
  errors?: FieldProblem[];
  requestId?: string;
  [member: string]: unknown;
}

/** `unreachable`: no answer came. `timeout`: none came in time. `unreadable`: one came that is not of the API. */
export type OnRecordErrorCode = ProblemCode | "unreachable" | "timeout" | "unreadable";

/** A request that was refused, or not answered. Match on `code`. */
export class OnRecordError extends Error {
  override readonly name = "OnRecordError";
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  readonly code: OnRecordErrorCode;
  /** The fields at fault. */
  readonly errors: readonly FieldProblem[];
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
  /** The whole problem document, where there is one. */
  readonly problem: ProblemDocument | undefined;

  constructor(
    message: string,
    facts: {
      status: number;
      code: OnRecordErrorCode;
      requestId?: string | undefined;
      problem?: ProblemDocument | undefined;
    },
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = facts.status;
    this.code = facts.code;
    this.problem = facts.problem;
    this.requestId = facts.requestId;
    this.errors = facts.problem?.errors ?? [];
  }
}

function isProblem(body: unknown): body is ProblemDocument {
  return typeof body === "object" && body !== null && "code" in body && "status" in body;
}

/** The error for an answer that is no success. */
export function errorOf(request: string, response: Response, body: unknown): OnRecordError {
  const { status } = response;
  const requestId = response.headers.get("x-request-id") ?? undefined;
  if (!isProblem(body)) {
    return new OnRecordError(`${request} was answered ${status}`, { status, code: "unreadable", requestId });
  }
  const { code, detail, title, errors = [] } = body;
  const fields = errors.map(({ path, message }) => `${path} ${message}`).join("; ");
  const message = `${request} was answered ${status} ${code}: ${detail ?? title}${fields && ` (${fields})`}`;
  return new OnRecordError(message, { status, code, requestId: body.requestId ?? requestId, problem: body });
}
