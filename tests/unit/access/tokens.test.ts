import { randomBytes } from "node:crypto";
import { CreateTokenInput, RotateTokenInput } from "@on-record/core/access/inputs";
import { createToken, revokeToken, rotateToken } from "@on-record/core/access/manage-tokens";
import type { TokenStore } from "@on-record/core/access/ports";
import { allows, createAccess } from "@on-record/core/access/principals";
import { PrincipalId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import { Scope, TokenId } from "@on-record/core/domain/token";
import { LIMITS } from "@on-record/core/limits";
import { failNth, FaultyTokens } from "@on-record/core/storage/faulty";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { describe, expect, test } from "vitest";

const START = Date.parse("2025-08-20T12:00:00.000Z");
const HOUR_MS = 3_600_000;
const admin = PrincipalId.parse("admin");
const DESK = { principal: "newsroom.desk", scopes: ["record"] };

/** Two processes that share a store and a clock; `reads` counts what they look up. */
function world(tokens: TokenStore = new MemoryTokens()) {
  const time = { now: START };
  const clock = () => time.now;
  const counted = { reads: 0 };
  const counting = new FaultyTokens(tokens, ({ method }) => {
    if (method === "find") counted.reads += 1;
    return undefined;
  });
  const process = () => createAccess({ adminToken: "the-admin-token", tokens: counting, clock });
  const [access, elsewhere] = [process(), process()];
  const deps = { tokens, access, ledgerKey: new Uint8Array(32), clock, random: randomBytes };
  const create = (more: object = {}, key?: string) =>
    createToken(deps, admin, CreateTokenInput.parse({ ...DESK, ...more }), key);
  const rotate = (issued: Awaited<ReturnType<typeof create>>, more: object = {}) =>
    rotateToken(deps, admin, issued.token.id, RotateTokenInput.parse(more));
  return { time, counted, access, elsewhere, deps, create, rotate };
}

describe("scopes", () => {
  test("do not include each other, but admin includes them all", () => {
    for (const given of Scope.options) {
      for (const needed of Scope.options) {
        expect(allows([given], needed)).toBe(given === needed || given === "admin");
      }
    }
    expect(allows([], "read")).toBe(false);
    expect(allows(["record", "read"], "read")).toBe(true);
  });
});

describe("a token", () => {
  test("stands for its principal and its scopes, and is kept without its secret", async () => {
    const { access, create, deps } = world();
    const { token, value } = await create({ label: "CMS" });
    expect(value).toMatch(/^or_[a-z2-7]{16}_[\w-]{43}$/);
    expect(await access.authenticate(value)).toEqual({
      id: "newsroom.desk",
      scopes: ["record"],
      token: { id: token.id },
    });
    const kept = JSON.stringify(await deps.tokens.list({ limit: 10 }));
    expect(kept).not.toContain(value.slice(-43));
    expect(token).toMatchObject({ createdBy: "admin", createdAt: "2025-08-20T12:00:00.000Z", label: "CMS" });
  });

  test("altered in any one character stands for nobody", async () => {
    const { access, create } = world();
    const { value } = await create();
    for (let at = 0; at < value.length; at++) {
      const altered = value.slice(0, at) + (value[at] === "a" ? "b" : "a") + value.slice(at + 1);
      expect(await access.authenticate(altered), altered).toBeNull();
    }
    for (const wrong of [value.slice(0, -1), `${value}a`, ` ${value}`, value.toUpperCase(), value.replace("or_", "")]) {
      expect(await access.authenticate(wrong)).toBeNull();
    }
  });

  test("with another's secret, or with none, stands for nobody", async () => {
    const { access, create } = world();
    const [one, other] = [await create(), await create()];
    expect(await access.authenticate(`or_${one.token.id}_${other.value.slice(-43)}`)).toBeNull();
    expect(await access.authenticate(`or_${one.token.id}_`)).toBeNull();
    expect(await access.authenticate(`or_${one.token.id}_${one.token.hash}`)).toBeNull();
  });

  test("is good to the last millisecond before it expires, though it was just looked up", async () => {
    const { access, create, time } = world();
    const timed = await create({ expiresInSeconds: 2 });
    const dated = await create({ expiresAt: "2025-08-20T14:00:02+02:00" });
    for (const { value } of [timed, dated]) {
      time.now = START + 1_999;
      expect(await access.authenticate(value)).not.toBeNull();
      time.now = START + 2_000;
      expect(await access.authenticate(value)).toBeNull();
    }
  });

  test("is not made to expire in the past, too late, or twice", async () => {
    const { create } = world();
    for (const expiresAt of ["2025-08-20T12:00:00Z", "2024-01-01T00:00:00Z", "2035-08-21T12:00:00Z"]) {
      await expect(create({ expiresAt })).rejects.toMatchObject({
        code: "invalid_request",
        fields: [{ path: "expiresAt" }],
      });
    }
    const wrong = [
      { expiresAt: "2025-08-21" },
      { expiresAt: "2025-08-21T12:00:00Z", expiresInSeconds: 5 },
      { expiresInSeconds: 0 },
      { expiresInSeconds: 1.5 },
      { expiresInSeconds: LIMITS.tokenLifeSeconds + 1 },
      { scopes: [] },
      { scopes: ["read", "read"] },
      { scopes: ["everything"] },
      { principal: "admin" },
      { principal: "anonymous" },
      { principal: "Two Words" },
      { label: "" },
      { label: "x".repeat(LIMITS.tokenLabelChars + 1) },
      { hash: "mine" },
    ];
    for (const more of wrong) expect(CreateTokenInput.safeParse({ ...DESK, ...more }).success).toBe(false);
    for (const overlapSeconds of [-1, 0.5, LIMITS.tokenOverlapSeconds + 1]) {
      expect(RotateTokenInput.safeParse({ overlapSeconds }).success).toBe(false);
    }
  });

  test("asked for twice under one key is made once, and the second is told which it was", async () => {
    const { create, deps } = world();
    const { token } = await create({}, "k1");
    await expect(create({}, "k1")).rejects.toMatchObject({ code: "token_exists", details: { token: token.id } });
    await create({}, "k2");
    expect(await deps.tokens.list({ limit: 10 })).toHaveLength(2);
  });
});

describe("a rotation", () => {
  test("keeps principal, scopes and label, and lets both tokens in until the overlap ends", async () => {
    const { access, create, rotate, time } = world();
    const old = await create({ label: "CMS" });
    const next = await rotate(old, { overlapSeconds: 60 });
    expect(next.token).toMatchObject({ principal: "newsroom.desk", scopes: ["record"], label: "CMS" });
    time.now = START + 59_999;
    expect((await access.authenticate(old.value))?.id).toBe("newsroom.desk");
    expect((await access.authenticate(next.value))?.id).toBe("newsroom.desk");
    time.now = START + 60_000;
    expect(await access.authenticate(old.value)).toBeNull();
    expect(await access.authenticate(next.value)).not.toBeNull();
  });

  test("overlaps for an hour unless told, and with none ends the old token at once, though it was just used", async () => {
    const { access, create, rotate } = world();
    const old = await create();
    expect((await rotate(old)).replaced.expiresAt).toBe(instantOf(START + HOUR_MS));
    const hot = await create();
    expect(await access.authenticate(hot.value)).not.toBeNull();
    await rotate(hot, { overlapSeconds: 0 });
    expect(await access.authenticate(hot.value)).toBeNull();
  });

  test("never lengthens the life of the old token, and gives the new one as long a life", async () => {
    const { create, rotate, time } = world();
    const old = await create({ expiresInSeconds: 600 });
    time.now = START + 590_000;
    const next = await rotate(old);
    expect(next.replaced.expiresAt).toBe(instantOf(START + 600_000));
    expect(next.token.expiresAt).toBe(instantOf(START + 590_000 + 600_000));
    expect((await rotate(next, { expiresInSeconds: 5 })).token.expiresAt).toBe(instantOf(START + 595_000));
  });

  test("is refused for a token that was rotated, revoked or has expired; a retry learns of the successor", async () => {
    const { create, rotate, deps, time } = world();
    const [old, revoked, expired] = [await create(), await create(), await create({ expiresInSeconds: 1 })];
    const next = await rotate(old);
    const refused = (tokenStatus: string, more = {}) => ({
      code: "token_not_active",
      details: { tokenStatus, ...more },
    });
    await expect(rotate(old)).rejects.toMatchObject(refused("active", { replacedBy: next.token.id }));
    await revokeToken(deps, admin, revoked.token.id);
    await expect(rotate(revoked)).rejects.toMatchObject(refused("revoked"));
    time.now += 1_000;
    await expect(rotate(expired)).rejects.toMatchObject(refused("expired"));
  });

  test("asked for twenty times at once happens once", async () => {
    const { create, rotate, deps } = world();
    const old = await create();
    const settled = await Promise.allSettled(Array.from({ length: 20 }, () => rotate(old)));
    expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(settled.filter(({ status }) => status === "rejected")).toMatchObject(
      Array.from({ length: 19 }, () => ({ reason: { code: "token_not_active" } })),
    );
    expect(await deps.tokens.list({ limit: 100 })).toHaveLength(2);
  });
});

describe("a revoked token", () => {
  test("is refused at once by the process that revoked it, and by others within five seconds", async () => {
    const { access, elsewhere, create, deps, time } = world();
    const { token, value } = await create();
    await Promise.all([access.authenticate(value), elsewhere.authenticate(value)]);
    await revokeToken(deps, admin, token.id);
    expect(await access.authenticate(value)).toBeNull();
    expect(await elsewhere.authenticate(value)).not.toBeNull();
    time.now += LIMITS.tokenCacheMs;
    expect(await elsewhere.authenticate(value)).toBeNull();
    expect(LIMITS.tokenCacheMs).toBeLessThanOrEqual(5_000);
  });

  test("is not brought back by a lookup that had begun before", async () => {
    const { access, create, deps } = world();
    const { token, value } = await create();
    const begun = access.authenticate(value);
    const revoking = revokeToken(deps, admin, token.id);
    await Promise.all([begun, revoking]);
    expect(await access.authenticate(value)).toBeNull();
  });

  test("is refused also when the answer to the revocation was lost", async () => {
    const { access, create, deps } = world(new FaultyTokens(new MemoryTokens(), failNth("revoke", 1, "after")));
    const { token, value } = await create();
    await access.authenticate(value);
    await expect(revokeToken(deps, admin, token.id)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await access.authenticate(value)).toBeNull();
    const again = await revokeToken(deps, admin, token.id);
    expect(again).toMatchObject({ revokedAt: instantOf(START), revokedBy: "admin" });
  });

  test("cannot be revoked if it never was", async () => {
    const { deps } = world();
    const unknown = TokenId.parse("aaaaaaaaaaaaaaaa");
    await expect(revokeToken(deps, admin, unknown)).rejects.toMatchObject({ code: "token_not_found" });
  });
});

describe("lookups", () => {
  test("of a hot token cost one read in five seconds, however many ask at once", async () => {
    const { access, create, counted, time } = world();
    const { value } = await create();
    await Promise.all(Array.from({ length: 50 }, () => access.authenticate(value)));
    time.now += LIMITS.tokenCacheMs - 1;
    await access.authenticate(value);
    expect(counted.reads).toBe(1);
    time.now += 1;
    await access.authenticate(value);
    expect(counted.reads).toBe(2);
  });

  test("are not trusted when the clock was set back", async () => {
    const { elsewhere, create, deps, time } = world();
    const { token, value } = await create();
    await elsewhere.authenticate(value);
    await revokeToken(deps, admin, token.id);
    time.now -= HOUR_MS;
    expect(await elsewhere.authenticate(value)).toBeNull();
  });

  test("that find nothing are not kept: a token made elsewhere is good at once", async () => {
    const { token, value } = await world().create();
    const { access, deps } = world();
    expect(await access.authenticate(value)).toBeNull();
    await deps.tokens.create(token);
    expect(await access.authenticate(value)).not.toBeNull();
  });

  test("that fail are told as such, and the next one asks again", async () => {
    const { access, create } = world(new FaultyTokens(new MemoryTokens(), failNth("find", 1, "before")));
    const { value } = await create();
    await expect(access.authenticate(value)).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await access.authenticate(value)).not.toBeNull();
    expect(await access.authenticate("the-admin-token")).toMatchObject({ id: "admin" });
  });

  test("of more tokens than are kept forget the oldest, and stay right", async () => {
    const { access, create, counted } = world();
    const issued = [];
    for (let n = 0; n <= LIMITS.tokenCacheCount; n++) issued.push(await create());
    for (const { value } of issued) await access.authenticate(value);
    const before = counted.reads;
    await access.authenticate(issued.at(-1)?.value ?? "");
    expect(counted.reads).toBe(before);
    expect(await access.authenticate(issued[0]?.value ?? "")).not.toBeNull();
    expect(counted.reads).toBe(before + 1);
  });
});
