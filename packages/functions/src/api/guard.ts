import { allows, ANONYMOUS } from "@on-record/core/access/principals";
import { LedgerError } from "@on-record/core/errors";
import { authenticate } from "../http/authenticate.ts";
import type { ApiContext, ApiDeps, Route } from "./route.ts";

/**
 * Lets a request pass to a route that asks for this, and tells the route who asks. Reads no body.
 * Throws `unauthenticated`, `forbidden`, and `store_unavailable` when the tokens cannot be read.
 */
export async function admit(
  c: ApiContext,
  scope: Route["scope"],
  { access, publicRead }: Pick<ApiDeps, "access" | "publicRead">,
): Promise<void> {
  if (scope === null) return;
  const isPublic = publicRead && scope === "read";
  // Also where none is needed: who sends a token that is not valid shall learn of it.
  const principal = (await authenticate(access, c.req.raw)) ?? (isPublic ? ANONYMOUS : null);
  if (principal === null) throw new LedgerError("unauthenticated", "send Authorization: Bearer <token>");
  if (!isPublic && scope !== "any" && !allows(principal.scopes, scope)) {
    throw new LedgerError("forbidden", `this takes a token with the scope ${scope}`, { details: { scope } });
  }
  c.set("principal", principal);
}
