import { pooledRandom } from "@on-record/functions/random";
import { describe, expect, test } from "vitest";

describe("random bytes", () => {
  test("are as many as were asked for, also more than the pool holds", () => {
    const random = pooledRandom();
    for (const bytes of [0, 1, 16, 4_096, 4_097, 100_000]) expect(random(bytes)).toHaveLength(bytes);
  });

  test("are not given twice, and stay as they were given", () => {
    const random = pooledRandom();
    const given = Array.from({ length: 2_000 }, () => random(16));
    const before = given.map((bytes) => Buffer.from(bytes).toString("hex"));
    random(4_096);
    expect(given.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(before);
    expect(new Set(before).size).toBe(2_000);
  });

  test("of two pools differ", () => {
    expect(Buffer.from(pooledRandom()(32))).not.toEqual(Buffer.from(pooledRandom()(32)));
  });
});
