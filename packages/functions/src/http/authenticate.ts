import type { Access, Principal } from "@on-record/core/access/principals";
import { LedgerError } from "@on-record/core/errors";

/** Tokens are far shorter; what is longer is not worth hashing. */
const BEARER = /^Bearer +([\x21-\x7e]{1,512}) *$/i;

/**
 * Who asks; `null` when the request brings no token. Throws `unauthenticated` for one that stands for nobody, without
 * saying whether it is unknown, altered, expired or revoked.
 */
export async function authenticate(access: Access, request: Request): Promise<Principal | null> {
  const header = request.headers.get("authorization");
  if (header === null) return null;
  const token = BEARER.exec(header)?.[1];
  const principal = token === undefined ? null : await access.authenticate(token);
  if (principal !== null) return principal;
  throw new LedgerError("unauthenticated", "the token is not valid", { details: { error: "invalid_token" } });
}
