import * as z from "zod";
import { PrincipalId } from "./ids.ts";
import { Instant } from "./time.ts";

/** What a token may do: read, record statements and reports, edit the record, subscribe to changes, manage tokens. */
export const Scope = z.enum(["read", "record", "edit", "subscribe", "admin"]);
export type Scope = z.infer<typeof Scope>;

/** The public part of a token's value: 80 bits in base32. */
export const TokenId = z
  .string()
  .regex(/^[a-z2-7]{16}$/, "16 base32 characters")
  .brand<"TokenId">();
export type TokenId = z.infer<typeof TokenId>;

/** What is kept of a token. Its value is not: `hash` is the SHA-256 of the secret, in base64url. */
export const StoredToken = z.strictObject({
  id: TokenId,
  principal: PrincipalId,
  scopes: z.array(Scope),
  hash: z.string(),
  label: z.string().optional(),
  createdAt: Instant,
  createdBy: PrincipalId,
  /** From this moment on it is worth nothing. */
  expiresAt: Instant.optional(),
  revokedAt: Instant.optional(),
  revokedBy: PrincipalId.optional(),
  /** The token that took its place; until `expiresAt` both are good. */
  replacedBy: TokenId.optional(),
});
export type StoredToken = z.infer<typeof StoredToken>;
