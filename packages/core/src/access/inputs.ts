import * as z from "zod";
import { PrincipalId } from "../domain/ids.ts";
import { MomentOrDate, readMoment } from "../domain/time.ts";
import { Scope } from "../domain/token.ts";
import { words } from "../domain/words.ts";
import { LIMITS } from "../limits.ts";
import { RESERVED_PRINCIPALS } from "./principals.ts";

/** At most one of the two; without either a new token does not expire. */
const Expiry = {
  expiresAt: MomentOrDate.refine((text) => readMoment(text)?.dateOnly !== true, {
    message: "a date-time with its offset",
  }).optional(),
  expiresInSeconds: z.int().min(1).max(LIMITS.tokenLifeSeconds).optional(),
};

function refuseBoth(input: { expiresAt?: unknown; expiresInSeconds?: unknown }, context: z.RefinementCtx): void {
  if (input.expiresAt === undefined || input.expiresInSeconds === undefined) return;
  context.addIssue({ code: "custom", path: ["expiresInSeconds"], message: "cannot be given together with expiresAt" });
}

/** What POST /v1/tokens takes. */
export const CreateTokenInput = z
  .strictObject({
    principal: PrincipalId.refine((id) => !RESERVED_PRINCIPALS.has(id), { message: "is reserved" }),
    scopes: z
      .array(Scope)
      .min(1)
      .max(Scope.options.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, { message: "names a scope twice" }),
    label: words(LIMITS.tokenLabelChars).optional(),
    ...Expiry,
  })
  .superRefine(refuseBoth);
export type CreateTokenInput = z.infer<typeof CreateTokenInput>;

/** What a rotation takes. Without an expiry the new token lives as long as the old one was made for. */
export const RotateTokenInput = z
  .strictObject({
    /** How long the old token stays good; never longer than it would have been. */
    overlapSeconds: z.int().min(0).max(LIMITS.tokenOverlapSeconds).default(LIMITS.tokenOverlapDefaultSeconds),
    ...Expiry,
  })
  .superRefine(refuseBoth);
export type RotateTokenInput = z.infer<typeof RotateTokenInput>;
