import { randomBytes } from "node:crypto";
import { hashOfSecret, randomTokenId } from "@on-record/core/access/token-value";
import { PrincipalId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import type { StoredToken } from "@on-record/core/domain/token";

/** A token as it is kept, with an id and a secret of its own. */
export function sampleToken(more: Partial<StoredToken> = {}): StoredToken {
  return {
    id: randomTokenId(randomBytes),
    principal: PrincipalId.parse("newsroom.desk-1"),
    scopes: ["record", "read"],
    hash: hashOfSecret(randomBytes(32).toString("base64url")),
    createdAt: instantOf(Date.UTC(2025, 7, 19)),
    createdBy: PrincipalId.parse("admin"),
    ...more,
  };
}
