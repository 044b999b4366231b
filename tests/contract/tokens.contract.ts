import { describe, expect, test } from "vitest";
import type { TokenStore } from "@on-record/core/access/ports";
import { PrincipalId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import { TokenId } from "@on-record/core/domain/token";
import { FaultyTokens, failNth } from "@on-record/core/storage/faulty";
import { sampleToken } from "../helpers/tokens.ts";

const NOBODY = TokenId.parse("aaaaaaaaaaaaaaaa");
/** Digits sort before letters: no id is lower. */
const LOWEST = TokenId.parse("2222222222222222");
const END = instantOf(Date.UTC(2025, 7, 20));
const by = (name: string, at = 1) => ({ revokedAt: instantOf(at), revokedBy: PrincipalId.parse(name) });

/** What every TokenStore does. `factory` gives an empty one. */
export function describeTokensContract(name: string, factory: () => Promise<TokenStore>): void {
  describe(`tokens: ${name}`, () => {
    test("a token is found as it was created; one that is not there is null", async () => {
      const tokens = await factory();
      const bare = sampleToken();
      const full = sampleToken({ label: "Redaktion – Київ", expiresAt: END });
      expect([await tokens.create(bare), await tokens.create(full)]).toEqual([true, true]);
      expect(await tokens.find(bare.id)).toStrictEqual(bare);
      expect(await tokens.find(full.id)).toStrictEqual(full);
      expect(await tokens.find(NOBODY)).toBeNull();
    });

    test("of twenty that create a token with one id exactly one does, and it is the one that stands", async () => {
      const tokens = await factory();
      const { id } = sampleToken();
      const rivals = Array.from({ length: 20 }, () => sampleToken({ id }));
      const made = await Promise.all(rivals.map((rival) => tokens.create(rival)));
      expect(made.filter(Boolean)).toHaveLength(1);
      expect(await tokens.find(id)).toStrictEqual(rivals[made.indexOf(true)]);
    });

    test("callers cannot alter what is stored, neither by what they gave nor by what they got", async () => {
      const tokens = await factory();
      const token = sampleToken({ scopes: ["read"] });
      const created = tokens.create(token);
      token.scopes.push("admin");
      await created;
      (await tokens.find(token.id))?.scopes.push("admin");
      (await tokens.list({ limit: 1 }))[0]?.scopes.push("admin");
      expect((await tokens.find(token.id))?.scopes).toEqual(["read"]);
    });

    test("are listed by id, in pages that an insert neither repeats nor skips", async () => {
      const tokens = await factory();
      expect(await tokens.list({ limit: 5 })).toEqual([]);
      const all = Array.from({ length: 7 }, () => sampleToken()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      for (const token of all.toReversed()) await tokens.create(token);
      const first = await tokens.list({ limit: 3 });
      await tokens.create(sampleToken({ id: LOWEST }));
      const rest = await tokens.list({ after: first[2]?.id, limit: 100 });
      expect([...first, ...rest]).toEqual(all);
    });

    test("a replacement and the end of what it replaces are written together", async () => {
      const tokens = await factory();
      const [old, next] = [sampleToken({ label: "desk" }), sampleToken()];
      await tokens.create(old);
      expect(await tokens.replace(old.id, END, next)).toBe(true);
      expect(await tokens.find(old.id)).toStrictEqual({ ...old, expiresAt: END, replacedBy: next.id });
      expect(await tokens.find(next.id)).toStrictEqual(next);
    });

    test("of twenty replacements at once exactly one is written", async () => {
      const tokens = await factory();
      const old = sampleToken();
      await tokens.create(old);
      const rivals = Array.from({ length: 20 }, () => sampleToken());
      const made = await Promise.all(rivals.map((rival) => tokens.replace(old.id, END, rival)));
      expect(made.filter(Boolean)).toHaveLength(1);
      const winner = rivals[made.indexOf(true)];
      expect((await tokens.find(old.id))?.replacedBy).toBe(winner?.id);
      expect((await tokens.list({ limit: 100 })).map(({ id }) => id).toSorted()).toEqual(
        rivals.flatMap(({ id }) => (id === winner?.id ? [id, old.id] : [])).toSorted(),
      );
    });

    test("what is not there, was revoked or was replaced is not replaced, and nothing is written", async () => {
      const tokens = await factory();
      const [revoked, replaced, next] = [sampleToken(), sampleToken(), sampleToken()];
      for (const token of [revoked, replaced]) await tokens.create(token);
      await tokens.revoke(revoked.id, by("admin"));
      await tokens.replace(replaced.id, END, next);
      for (const id of [NOBODY, revoked.id, replaced.id]) {
        const late = sampleToken();
        expect(await tokens.replace(id, END, late)).toBe(false);
        expect(await tokens.find(late.id)).toBeNull();
      }
      expect(await tokens.find(NOBODY)).toBeNull();
      expect((await tokens.find(replaced.id))?.replacedBy).toBe(next.id);
      expect(await tokens.replace(next.id, END, sampleToken({ id: revoked.id }))).toBe(false);
      expect(await tokens.find(next.id)).toStrictEqual(next);
    });

    test("a revocation stays as it was first made; of what is not there it is null and leaves nothing", async () => {
      const tokens = await factory();
      const token = sampleToken({ expiresAt: END });
      await tokens.create(token);
      const revoked = { ...token, ...by("editor-in-chief") };
      expect(await tokens.revoke(token.id, by("editor-in-chief"))).toStrictEqual(revoked);
      expect(await tokens.revoke(token.id, by("another", 2))).toStrictEqual(revoked);
      expect(await tokens.find(token.id)).toStrictEqual(revoked);
      expect(await tokens.revoke(NOBODY, by("admin"))).toBeNull();
      expect(await tokens.find(NOBODY)).toBeNull();
    });

    test("of a revocation and a replacement at once, the token ends revoked or both, and never replaced by nothing", async () => {
      const tokens = await factory();
      for (let round = 0; round < 5; round++) {
        const [old, next] = [sampleToken(), sampleToken()];
        await tokens.create(old);
        const [made] = await Promise.all([tokens.replace(old.id, END, next), tokens.revoke(old.id, by("admin"))]);
        const standing = await tokens.find(old.id);
        expect(standing?.revokedAt).toBe(by("admin").revokedAt);
        expect([standing?.replacedBy, await tokens.find(next.id)]).toEqual(made ? [next.id, next] : [undefined, null]);
      }
    });

    test("a write whose answer was lost is seen by reading, and making it again does no harm", async () => {
      const inner = await factory();
      const [old, next] = [sampleToken(), sampleToken()];
      const lost = { code: "store_unavailable" };
      await expect(new FaultyTokens(inner, failNth("create", 1, "after")).create(old)).rejects.toMatchObject(lost);
      expect(await inner.create(old)).toBe(true);
      const replacing = new FaultyTokens(inner, failNth("replace", 1, "after"));
      await expect(replacing.replace(old.id, END, next)).rejects.toMatchObject(lost);
      expect(await inner.replace(old.id, END, next)).toBe(true);
      const revoking = new FaultyTokens(inner, failNth("revoke", 1, "after"));
      await expect(revoking.revoke(next.id, by("admin"))).rejects.toMatchObject(lost);
      expect((await inner.revoke(next.id, by("another", 2)))?.revokedBy).toBe("admin");
      expect(await inner.list({ limit: 100 })).toHaveLength(2);
    });
  });
}
