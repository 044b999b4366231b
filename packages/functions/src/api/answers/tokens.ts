import { PrincipalId } from "@on-record/core/domain/ids";
import { Instant } from "@on-record/core/domain/time";
import { Scope, StoredToken, TokenId } from "@on-record/core/domain/token";
import type { Principal as PrincipalShape } from "@on-record/core/access/principals";
import * as z from "zod";
import { taking, Text } from "./common.ts";

/** A token as its managers see it. */
export const Token = StoredToken.omit({ hash: true }).extend({ status: z.enum(["active", "expired", "revoked"]) });

export const TokenAnswer = z.strictObject({ token: Token });
export const Tokens = z.strictObject({ tokens: z.array(Token), next: Text.optional() });
export const IssuedToken = z.strictObject({ token: Token, value: Text });
export const RotatedToken = z.strictObject({ token: Token, value: Text, replaced: Token });

const Principal = taking<PrincipalShape>()(
  z.strictObject({
    id: PrincipalId,
    scopes: z.array(Scope).readonly(),
    token: z.strictObject({ id: TokenId, expiresAt: Instant.optional() }).optional(),
  }),
);
export const PrincipalAnswer = z.strictObject({ principal: Principal });

export const Health = z.strictObject({ status: z.literal("ok"), store: z.literal("ok") });
