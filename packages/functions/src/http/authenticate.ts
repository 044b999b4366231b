import type { Access, Principal } from "@on-record/core/access/principals";
import { LedgerError } from "@on-record/core/errors";

/** Tokens are far shorter; what is longer is not worth hashing. */
const BEARER = /^Bearer +([\x21-\x7e]{1,512}) *$/i;

/** Who asks. Throws `unauthenticated` when the request has no token, or one that stands for nobody. */
export async function authenticate(access: Access, request: Request): Promise<Principal> {
  const header = request.headers.get("authorization");
  const token = BEARER.exec(header ?? "")?.[1];
  const principal = token === undefined ? null : await access.authenticate(token);
  if (principal !== null) return principal;
  const message = header === null ? "send Authorization: Bearer <token>" : "the token is not valid";
  throw new LedgerError("unauthenticated", message, header === null ? {} : { details: { error: "invalid_token" } });
}
