import { allows, ANONYMOUS, type Principal } from "@on-record/core/access/principals";
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
  const principal = (await authenticate(access, c.req.raw)) ?? withoutToken(scope, publicRead);
  if (scope !== "any" && !allows(principal.scopes, scope)) {
    throw new LedgerError("forbidden", `this takes a token with the scope ${scope}`, { details: { scope } });
  }
  c.set("principal", principal);
}

function withoutToken(scope: Route["scope"], publicRead: boolean): Principal {
  if (publicRead && scope === "read") return ANONYMOUS;
  throw new LedgerError("unauthenticated", "send Authorization: Bearer <token>");
}
