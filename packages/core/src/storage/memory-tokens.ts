import { setImmediate as turn } from "node:timers/promises";
import type { Revocation, TokenStore } from "../access/ports.ts";
import type { Instant } from "../domain/time.ts";
import type { StoredToken, TokenId } from "../domain/token.ts";

/** Tokens in memory, for tests. Every call takes a turn of the event loop, so that races interleave. */
export class MemoryTokens implements TokenStore {
  readonly #tokens = new Map<TokenId, StoredToken>();

  async create(token: StoredToken): Promise<boolean> {
    const kept = structuredClone(token);
    await turn();
    const standing = this.#tokens.get(token.id);
    if (standing !== undefined) return standing.hash === token.hash;
    this.#tokens.set(token.id, kept);
    return true;
  }

  async find(id: TokenId): Promise<StoredToken | null> {
    await turn();
    return copyOf(this.#tokens.get(id));
  }

  async list({ after, limit }: { after?: TokenId | undefined; limit: number }): Promise<StoredToken[]> {
    await turn();
    const ids = [...this.#tokens.keys()].filter((id) => after === undefined || id > after).toSorted();
    return ids.slice(0, limit).flatMap((id) => copyOf(this.#tokens.get(id)) ?? []);
  }

  async replace(old: TokenId, expiresAt: Instant, replacement: StoredToken): Promise<boolean> {
    const kept = structuredClone(replacement);
    await turn();
    const token = this.#tokens.get(old);
    const taken = this.#tokens.get(replacement.id);
    if (taken !== undefined) return taken.hash === replacement.hash;
    if (token === undefined || token.revokedAt !== undefined || token.replacedBy !== undefined) return false;
    this.#tokens.set(old, { ...token, expiresAt, replacedBy: replacement.id });
    this.#tokens.set(replacement.id, kept);
    return true;
  }

  async revoke(id: TokenId, { revokedAt, revokedBy }: Revocation): Promise<StoredToken | null> {
    await turn();
    const token = this.#tokens.get(id);
    if (token === undefined) return null;
    if (token.revokedAt === undefined) this.#tokens.set(id, { ...token, revokedAt, revokedBy });
    return copyOf(this.#tokens.get(id));
  }
}

function copyOf(token: StoredToken | undefined): StoredToken | null {
  return token === undefined ? null : structuredClone(token);
}
