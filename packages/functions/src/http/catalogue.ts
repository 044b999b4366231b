import type { ErrorCode } from "@on-record/core/errors";
import { LIMITS } from "@on-record/core/limits";

/** What a refusal says to whoever meets it. */
export interface CatalogueEntry {
  meaning: string;
  /** What to do about it. */
  remedy: string;
}

const FIX_PATH = "Check the id in the path. Ids are case-sensitive.";

/**
 * Every refusal there is: what it means, and what to do. A new code does not compile until it stands here. The
 * reference page, the description and docs/errors.md are made of it.
 */
export const CATALOGUE = {
  malformed_json: {
    meaning: "The body is not JSON, not UTF-8, empty, nested too deep, or gives a key twice.",
    remedy: "Send one JSON value with a JSON library; `errors` names a key that is given twice.",
  },
  invalid_request: {
    meaning: "A field, a query parameter or a header is not as it must be, or is not known.",
    remedy: "Mend what `errors` names: each has the dotted path of a field, and what is wrong with it.",
  },
  cursor_invalid: {
    meaning: "The cursor is not one of this list.",
    remedy: "Use `next` as it was given, with the same query; without a cursor the list begins anew.",
  },
  unauthenticated: {
    meaning: "There is no token, or one that is not valid (`error`: `invalid_token`).",
    remedy: "Send `Authorization: Bearer <token>`. Unknown, altered, expired and revoked tokens are not told apart.",
  },
  forbidden: {
    meaning: "The token is valid, but lacks the `scope`.",
    remedy: "Ask whoever manages tokens for one that has it. A dry run takes `read` as well.",
  },
  route_not_found: { meaning: "There is nothing at this path.", remedy: "Compare the path with the routes here." },
  actor_not_found: {
    meaning: "The path names no registered actor; with `knownAt`, none that was registered by then.",
    remedy: FIX_PATH,
  },
  proposition_not_found: {
    meaning: "The path names no defined proposition; with `knownAt`, none that was defined by then.",
    remedy: FIX_PATH,
  },
  statement_not_found: {
    meaning:
      "The path names no recorded statement. Where a moment is asked for: none that was recorded and said by then, which is an answer and says what it rests on.",
    remedy: FIX_PATH,
  },
  report_not_found: { meaning: "The statement has no such report.", remedy: FIX_PATH },
  position_not_found: {
    meaning: "The actor had no position on the proposition at that moment. It is an answer: it says what it rests on.",
    remedy: "Nothing need be mended. Ask for another moment, or with `entailed=true`.",
  },
  event_not_found: {
    meaning: "`after` names no event.",
    remedy: "Give the `event.id` that a command answered.",
  },
  log_empty: {
    meaning: "Nothing has entered the log yet, so that there is no checkpoint.",
    remedy: "Ask again once something is recorded.",
  },
  tile_not_found: {
    meaning: "The signed tree has no such tile or bundle, or a narrower one; or the path is none of C2SP tlog-tiles.",
    remedy: "Read the checkpoint again: what there is follows from its size.",
  },
  token_not_found: { meaning: "The path names no token.", remedy: FIX_PATH },
  method_not_allowed: {
    meaning: "The path is there, but does not take this method.",
    remedy: "Use one of `allowed`; the `Allow` header has the same.",
  },
  statement_exists: {
    meaning: "The same words from the same page are recorded as `statement`, with other details.",
    remedy: "Correct or assess that statement, or send an Idempotency-Key to record another.",
  },
  statement_erased: {
    meaning:
      "The statement was erased. `erased` says by whom, when and why. Its words are nowhere to be had, and nothing can be done to it.",
    remedy: "Nothing need be mended. What happened to it, without the words, is under `/v1/statements/{id}/events`.",
  },
  report_exists: {
    meaning: "The statement has `report` of this URL, with other details.",
    remedy: "Keep the one that is there, or withdraw it first.",
  },
  report_already_withdrawn: { meaning: "The report was withdrawn before.", remedy: "Nothing is left to do." },
  already_withdrawn: { meaning: "The statement was withdrawn before.", remedy: "Nothing is left to do." },
  already_merged: {
    meaning: "The statement was merged before, into another one.",
    remedy: "Reinstate it first, if it belongs elsewhere.",
  },
  not_withdrawn: { meaning: "The statement stands.", remedy: "Only what is withdrawn or merged can be reinstated." },
  statement_closed: {
    meaning: "The statement was withdrawn, or merged into `mergedInto`.",
    remedy: "Act on that statement, or reinstate this one first.",
  },
  condition_already_met: {
    meaning: "The condition is on record as met at another time.",
    remedy: "Read the statement; what is recorded stands.",
  },
  version_conflict: {
    meaning: `Others wrote to the same stream, and it stayed contended for ${LIMITS.appendAttemptsCount} tries.`,
    remedy: "Ask again, with the same Idempotency-Key.",
  },
  token_exists: {
    meaning: "A token, `token`, was made under this Idempotency-Key. Its value was shown then and is kept nowhere.",
    remedy: "If the value was lost, rotate or revoke that token.",
  },
  token_not_active: {
    meaning: "The token was revoked, has expired, or was rotated before: `tokenStatus`, `replacedBy`.",
    remedy: "Rotate `replacedBy`, or make a new token.",
  },
  precondition_failed: {
    meaning: "The resource is not as If-Match or If-None-Match has it: it stands at `currentVersion`.",
    remedy: "Read it again, look whether the change still makes sense, and send its ETag.",
  },
  body_too_large: {
    meaning: "The body has more than `limitBytes` bytes.",
    remedy: "Send less, or in several requests.",
  },
  headers_too_large: {
    meaning: "The path, the query and the headers have more than `limitBytes` bytes together.",
    remedy: "Send fewer headers, or shorter ones.",
  },
  request_timeout: {
    meaning: "The request did not arrive as a whole within the time that there is for it.",
    remedy: "Send it again, at once and whole. Nothing of it was recorded.",
  },
  unsupported_media_type: {
    meaning: "The body is not declared as JSON in UTF-8, or is declared to be compressed.",
    remedy: "Send `Content-Type: application/json`, and no `Content-Encoding`.",
  },
  unknown_actor: { meaning: "The body names an actor that is not registered.", remedy: "Register it first." },
  unknown_proposition: {
    meaning: "The body names a proposition that is not defined.",
    remedy: "Define it first.",
  },
  unknown_statement: { meaning: "The body names a statement that is not recorded.", remedy: "Check the id." },
  said_in_future: {
    meaning: `The time lies more than ${LIMITS.clockSkewMs / 60_000} minutes ahead of the ledger's clock.`,
    remedy: "Check the date and its offset.",
  },
  evidence_outside_text: {
    meaning: "The evidence reaches beyond the end of the text.",
    remedy: "Count in UTF-16 units; `end` is exclusive.",
  },
  evidence_lost: {
    meaning: "The corrected text no longer holds the evidence of the assessments of `propositions`.",
    remedy: "Restate these assessments with the correction.",
  },
  idempotency_mismatch: {
    meaning: "The Idempotency-Key was used for another request, which led to `event`.",
    remedy: "Use a new key for each request, and the same one only to repeat it.",
  },
  no_condition: {
    meaning: "No assessment that counts has a condition on this proposition.",
    remedy: "Assess the statement with the condition first.",
  },
  not_delegated: {
    meaning: "The actor spoke for itself: there is no delegation to settle.",
    remedy: "Correct `onBehalfOf`, if that is wrong.",
  },
  cannot_settle: {
    meaning: "The two statements are not of one actor, or do not both stand.",
    remedy: "Name a standing statement of the same actor.",
  },
  not_overlapping: {
    meaning: "The times of the two statements do not overlap: their order is known.",
    remedy: "Correct `saidAt`, if that is wrong.",
  },
  order_impossible: {
    meaning: "The order contradicts the times, or another order that was settled.",
    remedy: "Correct the times, if they are wrong.",
  },
  cannot_merge: {
    meaning: "The other statement is this one, is withdrawn or merged, or has another speaker or actor.",
    remedy: "Merge only what is the same utterance; correct the speaker first.",
  },
  broader_cycle: {
    meaning: "The links to broader propositions would lead back to this one.",
    remedy: "Leave out the link that `errors` names.",
  },
  limit_reached: {
    meaning: `A stream would pass a limit: ${LIMITS.streamEventsCount} events, ${LIMITS.stateBytes} bytes of state, or too many propositions above one. \`limit\` names it.`,
    remedy: "Withdraw the statement and record it anew, or link fewer propositions.",
  },
  needs_index: {
    meaning: "No index leads to what is asked for: it would read all statements, or the whole log.",
    remedy: "Add one of the fields in `add`, or sort by the time that is bounded.",
  },
  precondition_required: {
    meaning: "This would overwrite what others may have changed meanwhile.",
    remedy: "Read the resource, and send its ETag as If-Match.",
  },
  internal_error: {
    meaning: "The fault is the server's. It is logged under `requestId`.",
    remedy: "Report the `requestId`. A repeat with the same Idempotency-Key does no harm.",
  },
  view_behind: {
    meaning: "The event is recorded, but not in this view yet.",
    remedy: "Ask again after `Retry-After` seconds.",
  },
  store_unavailable: {
    meaning:
      "The store does not answer. What was sent was recorded, or it was not; nothing that was acknowledged is lost.",
    remedy: "Ask again after `Retry-After` seconds, with the same Idempotency-Key.",
  },
} as const satisfies Record<ErrorCode | "internal_error", CatalogueEntry>;

/** Every code that an answer of the API can bear. */
export type ProblemCode = keyof typeof CATALOGUE;
