import type { PrincipalId } from "../domain/ids.ts";
import type { Instant } from "../domain/time.ts";
import type { StoredToken, TokenId } from "../domain/token.ts";

/** Who took a token back, and when. */
export interface Revocation {
  revokedAt: Instant;
  revokedBy: PrincipalId;
}

/**
 * Tokens, by id. They are never removed: what a token did outlives it. Durable once resolved.
 * Every method throws `LedgerError("store_unavailable")` when the store cannot be reached; a write may then have
 * happened or not, and asking again is safe.
 */
export interface TokenStore {
  /** Adds a token; `false` when another has its id. Adding the very same one again (by its hash) gives `true`. */
  create(token: StoredToken): Promise<boolean>;
  /** Sees every write that had resolved; `null` when there is none. */
  find(id: TokenId): Promise<StoredToken | null>;
  /** Tokens in the order of their ids, behind `after`, at most `limit` (1 or more). */
  list(page: { after?: TokenId | undefined; limit: number }): Promise<StoredToken[]>;
  /**
   * Adds `replacement` and ends `old` at `expiresAt`: both or neither. `false` when `old` is not there, was revoked or
   * was replaced by another before, or another has the id of the replacement: nothing was written. Of racing replacements
   * of one token exactly one gives `true`.
   */
  replace(old: TokenId, expiresAt: Instant, replacement: StoredToken): Promise<boolean>;
  /** Takes a token back for good and gives it as it then stands; the first revocation stays. `null` when there is none. */
  revoke(id: TokenId, revocation: Revocation): Promise<StoredToken | null>;
}
