import { LIMITS } from "@on-record/core/limits";
import { LogEntry } from "@on-record/core/log/envelope";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { PageRoom } from "@on-record/core/queries/page-room";
import { describe, expect, test } from "vitest";
import { st } from "../../fixtures/statements.ts";
import { changeAt } from "../../helpers/derived-rows.ts";

const ID = "a".repeat(LIMITS.idChars);
const bytesOf = (item: object) => Buffer.byteLength(JSON.stringify(JSON.stringify(item)));

describe("the room of a page", () => {
  test("takes the first item, however large, and no other beside it", () => {
    const room = new PageRoom();
    expect(room.take({ text: "x".repeat(2 * LIMITS.pageBytes) })).toBe(true);
    expect(room.take({})).toBe(false);
  });

  test("counts what quotes take where the page itself becomes a text within JSON", () => {
    const half = { text: '"'.repeat(LIMITS.pageBytes / 8) };
    const room = new PageRoom();
    expect([room.take(half), room.take(half), room.take({})]).toEqual([true, false, true]);
  });

  test("is more than a full page of the log, or of changes, can take: they need no room of their own", () => {
    const entry = LogEntry.parse({
      id: `statement/${"a".repeat(80)}@100000`,
      stream: `statement/${"a".repeat(80)}`,
      version: 100_000,
      type: "T".repeat(40),
      schemaVersion: 100,
      receivedAt: "2025-08-25T12:00:00.000Z",
      recordedBy: ID,
      requestId: "r".repeat(64),
      digest: "d".repeat(43),
      sequence: 999_999_999_999,
      recordedAt: "2025-08-25T12:00:00.000Z",
    });
    const condition = '"'.repeat(LIMITS.conditionChars);
    const words = { statement: st("a"), stance: "leaning_against", condition, force: "commissive" };
    const change: DerivedEvent = changeAt(999_999_999, 0, {
      actor: ID,
      proposition: ID,
      speaker: ID,
      evidence: { start: 4_998, end: 4_999 },
      cue: '"'.repeat(LIMITS.cueChars),
      previous: words,
      current: words,
    });
    for (const largest of [entry, change]) {
      expect(bytesOf(largest) * LIMITS.pageItemsCount).toBeLessThan(LIMITS.pageBytes);
    }
  });
});
