import { createAccess } from "@on-record/core/access/principals";
import { MemoryTokens } from "@on-record/core/storage/memory-tokens";
import { describe, expect, test } from "vitest";

const nothing = { tokens: new MemoryTokens(), clock: () => 0 };

describe("access by the configured token", () => {
  test("knows the admin by it, and nobody by anything else", async () => {
    const access = createAccess({ adminToken: "the-token", ...nothing });
    expect(await access.authenticate("the-token")).toEqual({ id: "admin", scopes: ["admin"] });
    for (const wrong of ["", "the-toke", "the-token ", "THE-TOKEN", "\0"]) {
      expect(await access.authenticate(wrong)).toBeNull();
    }
  });

  test("is not given by an empty token", () => {
    expect(() => createAccess({ adminToken: "", ...nothing })).toThrow(/empty/);
  });
});
