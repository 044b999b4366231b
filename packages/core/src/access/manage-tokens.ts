import type { PrincipalId } from "../domain/ids.ts";
import { instantOf, parseMoment, type Instant } from "../domain/time.ts";
import type { StoredToken, TokenId } from "../domain/token.ts";
import { fieldError, LedgerError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { CreateTokenInput, RotateTokenInput } from "./inputs.ts";
import type { TokenStore } from "./ports.ts";
import { statusOf, type Access } from "./principals.ts";
import { keyedTokenId, mintValue, randomTokenId } from "./token-value.ts";

/** What the management of tokens needs. */
export interface TokenDeps {
  tokens: TokenStore;
  access: Pick<Access, "forget">;
  ledgerKey: Uint8Array;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** That many bytes nobody can guess. */
  random: (bytes: number) => Uint8Array;
}

/** A token, and its value: to be shown to who asked, this once, and kept nowhere. */
export interface IssuedToken {
  token: StoredToken;
  value: string;
}

/**
 * Makes a token. Its value cannot be shown again, so a repeat under the same Idempotency-Key makes no second one and is
 * refused with `token_exists`: who lost the answer rotates or revokes what is there.
 * Throws `invalid_request` for an expiry that has passed or lies too far ahead.
 */
export async function createToken(
  deps: TokenDeps,
  by: PrincipalId,
  input: CreateTokenInput,
  idempotencyKey?: string,
): Promise<IssuedToken> {
  const { principal, scopes, label } = input;
  const now = deps.clock();
  const id =
    idempotencyKey === undefined ? randomTokenId(deps.random) : keyedTokenId(deps.ledgerKey, by, idempotencyKey);
  const { value, hash } = mintValue(deps.random, id);
  const token: StoredToken = {
    id,
    principal,
    scopes,
    hash,
    ...(label !== undefined && { label }),
    createdAt: instantOf(now),
    createdBy: by,
    ...expiryOf(input, now),
  };
  if (await deps.tokens.create(token)) return { token, value };
  const message = "a token was made under this Idempotency-Key, and its value was shown then: rotate or revoke it";
  throw new LedgerError("token_exists", message, { details: { token: id } });
}

/**
 * Gives a token a successor for the same principal and scopes; the old one ends after the overlap.
 * Throws `token_not_found`, and `token_not_active` for one that was revoked, has expired or was rotated before: a repeat
 * whose first answer was lost finds the successor's id there.
 */
export async function rotateToken(
  deps: TokenDeps,
  by: PrincipalId,
  id: TokenId,
  input: RotateTokenInput,
): Promise<IssuedToken & { replaced: StoredToken }> {
  const now = deps.clock();
  const old = await findToken(deps.tokens, id);
  refuseUnlessCurrent(old, now);
  const successor = randomTokenId(deps.random);
  const { value, hash } = mintValue(deps.random, successor);
  const { principal, scopes, label } = old;
  const token: StoredToken = {
    id: successor,
    principal,
    scopes,
    hash,
    ...(label !== undefined && { label }),
    createdAt: instantOf(now),
    createdBy: by,
    ...(input.expiresAt === undefined && input.expiresInSeconds === undefined
      ? sameLifeAs(old, now)
      : expiryOf(input, now)),
  };
  const expiresAt = earlier(old.expiresAt, instantOf(now + input.overlapSeconds * 1_000));
  try {
    if (await deps.tokens.replace(id, expiresAt, token)) {
      return { token, value, replaced: { ...old, expiresAt, replacedBy: successor } };
    }
  } finally {
    // Also when the answer was lost: the write may have happened.
    deps.access.forget(id);
  }
  refuseUnlessCurrent(await findToken(deps.tokens, id), now);
  throw new LedgerError("version_conflict", "the token was being changed: ask again");
}

/** Takes a token back, for good and at once. Done again it changes nothing. Throws `token_not_found`. */
export async function revokeToken(
  { tokens, access, clock }: TokenDeps,
  by: PrincipalId,
  id: TokenId,
): Promise<StoredToken> {
  try {
    return (await tokens.revoke(id, { revokedAt: instantOf(clock()), revokedBy: by })) ?? notFound(id);
  } finally {
    access.forget(id);
  }
}

/** Throws `token_not_found`. */
export async function findToken(tokens: TokenStore, id: TokenId): Promise<StoredToken> {
  return (await tokens.find(id)) ?? notFound(id);
}

function notFound(id: TokenId): never {
  throw new LedgerError("token_not_found", `there is no token ${id}`);
}

function refuseUnlessCurrent(token: StoredToken, now: number): void {
  const tokenStatus = statusOf(token, now);
  const { replacedBy } = token;
  if (tokenStatus === "active" && replacedBy === undefined) return;
  const message = replacedBy === undefined ? `the token is ${tokenStatus}` : "the token was rotated before";
  const details = { tokenStatus, ...(replacedBy !== undefined && { replacedBy }) };
  throw new LedgerError("token_not_active", message, { details });
}

function expiryOf(
  input: Pick<CreateTokenInput, "expiresAt" | "expiresInSeconds">,
  now: number,
): { expiresAt?: Instant } {
  if (input.expiresInSeconds !== undefined) return { expiresAt: instantOf(now + input.expiresInSeconds * 1_000) };
  if (input.expiresAt === undefined) return {};
  const expiresAt = parseMoment(input.expiresAt);
  const lifeMs = Date.parse(expiresAt) - now;
  if (lifeMs <= 0) throw fieldError("invalid_request", "expiresAt", "lies in the past");
  if (lifeMs > LIMITS.tokenLifeSeconds * 1_000) {
    throw fieldError("invalid_request", "expiresAt", `lies more than ${LIMITS.tokenLifeSeconds} seconds ahead`);
  }
  return { expiresAt };
}

/** A rotation must not turn a token that ends into one that never does. */
function sameLifeAs({ createdAt, expiresAt }: StoredToken, now: number): { expiresAt?: Instant } {
  if (expiresAt === undefined) return {};
  return { expiresAt: instantOf(now + Date.parse(expiresAt) - Date.parse(createdAt)) };
}

function earlier(a: Instant | undefined, b: Instant): Instant {
  return a !== undefined && a < b ? a : b;
}
