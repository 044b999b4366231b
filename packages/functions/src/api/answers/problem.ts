import { PropositionId, ReportId, StatementId } from "@on-record/core/domain/ids";
import { Scope, TokenId } from "@on-record/core/domain/token";
import { EventId } from "@on-record/core/log/envelope";
import * as z from "zod";
import { CATALOGUE, type ProblemCode } from "../../http/catalogue.ts";
import { STATUS } from "../../http/status.ts";
import { MayBeKnown, MayRestOn, RestsOn, Text, Tombstone, Version } from "./common.ts";

/** Every code there is. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of the catalogue are its codes
export const CODES = Object.keys(CATALOGUE) as ProblemCode[];

/** The HTTP status of a problem. */
export function statusOfCode(code: ProblemCode): number {
  return code === "internal_error" ? 500 : STATUS[code];
}

/** Members that problems of some codes have beside what all have. */
const MEMBERS = {
  unauthenticated: { error: z.literal("invalid_token").optional() },
  forbidden: { scope: Scope },
  position_not_found: RestsOn,
  actor_not_found: MayBeKnown,
  proposition_not_found: MayBeKnown,
  statement_not_found: { ...MayRestOn, through: MayRestOn.through.optional() },
  method_not_allowed: { allowed: z.array(Text) },
  statement_exists: { statement: StatementId },
  statement_erased: { statement: StatementId, erased: Tombstone },
  report_exists: { report: ReportId },
  statement_closed: { mergedInto: StatementId.optional() },
  token_exists: { token: TokenId },
  token_not_active: { tokenStatus: z.enum(["active", "expired", "revoked"]), replacedBy: TokenId.optional() },
  precondition_failed: { currentVersion: Version.nullable() },
  body_too_large: { limitBytes: z.int() },
  headers_too_large: { limitBytes: z.int() },
  evidence_lost: { propositions: z.array(PropositionId) },
  idempotency_mismatch: { event: EventId },
  limit_reached: { limit: Text.optional() },
  needs_index: { add: z.array(Text) },
} satisfies Partial<Record<ProblemCode, z.ZodRawShape>>;

const FieldProblem = z.strictObject({ path: Text, message: Text });

const Common = {
  type: Text,
  title: Text,
  status: z.int(),
  detail: Text.optional(),
  errors: z.array(FieldProblem).optional(),
  requestId: Text.optional(),
};

function membersOf(code: ProblemCode): z.ZodRawShape {
  const members: Partial<Record<ProblemCode, z.ZodRawShape>> = MEMBERS;
  return members[code] ?? {};
}

/** The names of the members that problems of a code have beside what all have. */
export function memberNamesOf(code: ProblemCode): string[] {
  return Object.keys(membersOf(code));
}

/** Problem details of one code: closed, with its own members. */
export function problemOfCode(code: ProblemCode) {
  return z.strictObject({ ...Common, ...membersOf(code), code: z.literal(code) });
}

const anyMembers = Object.fromEntries(
  CODES.flatMap((code) => Object.entries(membersOf(code))).map(([name, schema]) => [name, z.optional(schema)]),
);

/** Problem details (RFC 9457) of any code. */
export const Problem = z.strictObject({ ...Common, code: z.enum(CODES), ...anyMembers });
