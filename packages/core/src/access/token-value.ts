import { createHash } from "node:crypto";
import { TokenId } from "../domain/token.ts";
import { base32, keyedHash } from "../log/digest.ts";

const ID_CHARS = 16;
const ID_BYTES = 10;
const SECRET_BYTES = 32;
const VALUE = /^or_([a-z2-7]{16})_([\w-]{43})$/;

/** What a token's value looks like wherever it stands, so that it can be kept out of logs. */
export const TOKEN_VALUES = /or_[a-z2-7]{16}_[\w-]{43}/g;

/** A token's value, taken apart; `null` when it has not the form of one. */
export function readTokenValue(value: string): { id: TokenId; secret: string } | null {
  const [, id, secret] = VALUE.exec(value) ?? [];
  return id === undefined || secret === undefined ? null : { id: TokenId.parse(id), secret };
}

/** A secret of 256 bits needs no salt and no slow hash: there is nothing to guess. */
export function hashOfSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/** The id of a token that is not asked for under a key. */
export function randomTokenId(random: (bytes: number) => Uint8Array): TokenId {
  return TokenId.parse(base32(random(ID_BYTES), ID_CHARS));
}

/** The id of the token that a principal asks for under an Idempotency-Key: a repeat meets the same one. */
export function keyedTokenId(ledgerKey: Uint8Array, principal: string, idempotencyKey: string): TokenId {
  return TokenId.parse(base32(keyedHash(ledgerKey, "token", [principal, idempotencyKey]), ID_CHARS));
}

/** A new secret: the value to show once, and the hash to keep. */
export function mintValue(random: (bytes: number) => Uint8Array, id: TokenId): { value: string; hash: string } {
  const secret = Buffer.from(random(SECRET_BYTES)).toString("base64url");
  return { value: `or_${id}_${secret}`, hash: hashOfSecret(secret) };
}
