import type { StoredToken, TokenId } from "../domain/token.ts";
import { LIMITS } from "../limits.ts";
import type { TokenStore } from "./ports.ts";

/** Reads tokens and keeps what it read for a moment. */
export interface TokenCache {
  /** The token as it stood at most `LIMITS.tokenCacheMs` ago; `null` when there is none. Throws what the store throws. */
  find(id: TokenId): Promise<StoredToken | null>;
  /** Makes the next `find` read anew. */
  forget(id: TokenId): void;
}

interface Entry {
  /** When the read began: what it saw is no older. */
  readAt: number;
  read: Promise<StoredToken | null>;
}

/**
 * A hot client would cost a read a request. Reads are kept from their beginning on, so that one which began before a
 * revocation cannot bring the token back after `forget`; only tokens that are there are kept, and the oldest make room.
 */
export function createTokenCache(tokens: Pick<TokenStore, "find">, clock: () => number): TokenCache {
  const entries = new Map<TokenId, Entry>();
  const isFresh = ({ readAt }: Entry): boolean => {
    const ageMs = clock() - readAt;
    // A clock that was set back must not lengthen a life.
    return ageMs >= 0 && ageMs < LIMITS.tokenCacheMs;
  };
  const keep = (id: TokenId, entry: Entry): void => {
    entries.delete(id);
    entries.set(id, entry);
    const [oldest] = entries.keys();
    if (entries.size > LIMITS.tokenCacheCount && oldest !== undefined) entries.delete(oldest);
  };
  return {
    async find(id) {
      const kept = entries.get(id);
      if (kept !== undefined && isFresh(kept)) return kept.read;
      const entry = { readAt: clock(), read: tokens.find(id) };
      keep(id, entry);
      const drop = (): void => {
        if (entries.get(id) === entry) entries.delete(id);
      };
      try {
        const token = await entry.read;
        if (token === null) drop();
        return token;
      } catch (error) {
        drop();
        throw error;
      }
    },
    forget(id) {
      entries.delete(id);
    },
  };
}
