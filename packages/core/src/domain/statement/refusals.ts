import { LedgerError, fieldError } from "../../errors.ts";
import type { SaidAt } from "../time.ts";
import type { AssessmentInput } from "./parts.ts";
import type { Statement } from "./state.ts";

/** Refuses a time that has not come. `latest` is the latest that counts as now. */
export function refuseFuture(at: SaidAt, latest: string, path: string): void {
  if (at.from > latest) throw fieldError("said_in_future", path, "lies in the future");
}

/** Refuses evidence that is not of the text. */
export function refuseOutside(assessments: readonly AssessmentInput[], text: string): void {
  for (const [index, { evidence }] of assessments.entries()) {
    if (evidence === undefined) continue;
    const path = `assessments.${index}.evidence`;
    if (evidence.end > text.length) {
      const message = `ends at ${evidence.end}, but the text has ${text.length} characters`;
      throw fieldError("evidence_outside_text", `${path}.end`, message);
    }
    if (!text.slice(evidence.start, evidence.end).isWellFormed()) {
      throw fieldError("invalid_request", path, "cuts a character (a surrogate pair) in two");
    }
  }
}

/** Refuses to act on a statement that was withdrawn, or merged into another. */
export function refuseClosed(state: Statement): void {
  if (state.merged) {
    const message = `statement ${state.id} was merged into ${state.merged.into}`;
    throw new LedgerError("statement_closed", message, { details: { mergedInto: state.merged.into } });
  }
  if (state.withdrawn) {
    throw new LedgerError("statement_closed", `statement ${state.id} was withdrawn: ${state.withdrawn.reason}`);
  }
}
