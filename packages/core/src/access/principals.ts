import { sameSecret } from "../log/digest.ts";
import { PrincipalId } from "../domain/ids.ts";

/** What a token may do. `admin` includes the others. */
export type Scope = "read" | "record" | "edit" | "subscribe" | "admin";

/** Who asks: an identity that stays the same when its token is rotated, and what it may do. */
export interface Principal {
  id: PrincipalId;
  scopes: readonly Scope[];
}

/** Tells who a bearer token belongs to. */
export interface Access {
  /**
   * The principal that the token stands for; `null` when it stands for none.
   * Throws `LedgerError("store_unavailable")` when tokens are kept in a store that cannot be reached.
   */
  authenticate(bearer: string): Promise<Principal | null>;
}

const ADMIN: Principal = { id: PrincipalId.parse("admin"), scopes: ["admin"] };

/** Access by the one token that the configuration gives. Compares in a time that tells nothing of it. */
export function createAccess({ adminToken }: { adminToken: string }): Access {
  if (adminToken === "") throw new Error("the admin token is empty: everybody would have it");
  return {
    async authenticate(bearer) {
      return sameSecret(bearer, adminToken) ? ADMIN : null;
    },
  };
}
