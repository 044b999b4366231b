import { PrincipalId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";
import type { Scope, StoredToken, TokenId } from "../domain/token.ts";
import { sameSecret } from "../log/digest.ts";
import type { TokenStore } from "./ports.ts";
import { createTokenCache } from "./token-cache.ts";
import { hashOfSecret, readTokenValue } from "./token-value.ts";

/** Who asks: an identity that stays the same when its token is rotated, and what it may do. */
export interface Principal {
  id: PrincipalId;
  scopes: readonly Scope[];
  /** The token it came with; the configured one has no id. */
  token?: { id: TokenId; expiresAt?: Instant | undefined };
}

/** Tells who a bearer token belongs to. */
export interface Access {
  /**
   * The principal that the token stands for; `null` when it stands for none: unknown, altered, expired or revoked.
   * What another process did to a token is seen within `LIMITS.tokenCacheMs`; expiry at once.
   * Throws `LedgerError("store_unavailable")` when the tokens cannot be read.
   */
  authenticate(bearer: string): Promise<Principal | null>;
  /** Makes this process read a token anew. To be called after each write to it. */
  forget(id: TokenId): void;
}

const ADMIN: Principal = { id: PrincipalId.parse("admin"), scopes: ["admin"] };

/** Who asks without a token where everybody may read. It records nothing. */
export const ANONYMOUS: Principal = { id: PrincipalId.parse("anonymous"), scopes: ["read"] };

/** Principals that no stored token may stand for. */
export const RESERVED_PRINCIPALS: ReadonlySet<string> = new Set([ADMIN.id, ANONYMOUS.id]);

/** No secret has this hash. */
const HASH_OF_NOTHING = hashOfSecret("");

/**
 * Access by the one token that the configuration gives, and by those in the store. Compares in a time that tells
 * nothing of either; an id that does not exist is compared all the same.
 */
export function createAccess({
  adminToken,
  tokens,
  clock,
}: {
  adminToken: string;
  tokens: Pick<TokenStore, "find">;
  clock: () => number;
}): Access {
  if (adminToken === "") throw new Error("the admin token is empty: everybody would have it");
  const cache = createTokenCache(tokens, clock);
  return {
    async authenticate(bearer) {
      if (sameSecret(bearer, adminToken)) return ADMIN;
      const parts = readTokenValue(bearer);
      if (parts === null) return null;
      const token = await cache.find(parts.id);
      const isRight = sameSecret(hashOfSecret(parts.secret), token?.hash ?? HASH_OF_NOTHING);
      if (!isRight || token === null || statusOf(token, clock()) !== "active") return null;
      return { id: token.principal, scopes: token.scopes, token: { id: token.id, expiresAt: token.expiresAt } };
    },
    forget(id) {
      cache.forget(id);
    },
  };
}

/** Whether a token is good at a moment, and if not, why. */
export function statusOf(token: StoredToken, now: number): "active" | "expired" | "revoked" {
  if (token.revokedAt !== undefined) return "revoked";
  return token.expiresAt !== undefined && Date.parse(token.expiresAt) <= now ? "expired" : "active";
}

/** Whether a scope is among those given. `admin` includes the others; they do not include each other. */
export function allows(given: readonly Scope[], needed: Scope): boolean {
  return given.includes(needed) || given.includes("admin");
}
