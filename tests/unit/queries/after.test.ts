import { LIMITS } from "@on-record/core/limits";
import { EventId } from "@on-record/core/log/envelope";
import { positions } from "@on-record/core/projections/positions";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { registry } from "@on-record/core/projections/registry";
import { REGISTRY } from "@on-record/core/projections/registry-key";
import { waitFor } from "@on-record/core/queries/after";
import { expect, describe, test } from "vitest";
import { st } from "../../fixtures/statements.ts";
import { MemoryLedger } from "../../helpers/memory-ledger.ts";
import { telling } from "../../helpers/telling.ts";

const EVENT = EventId.parse(`statement/${st("a")}@1`);

/** A wait whose time passes only in its pauses; `during` happens in the pause of that number. */
async function waited(ledger: MemoryLedger, id: EventId, during: Record<number, () => Promise<unknown>> = {}) {
  let passed = 0;
  let pauses = 0;
  const sleep = async (ms: number) => {
    passed += ms;
    pauses += 1;
    await during[pauses]?.();
  };
  const { views, log, streams } = ledger;
  const outcome = await waitFor(id, POSITIONS, { views, log, streams, clock: () => passed, sleep }).then(
    () => "in",
    (error: unknown) => error,
  );
  return { outcome, passed, pauses };
}

async function decidedLedger() {
  const ledger = new MemoryLedger();
  const decided = ledger.decide(st("a"), telling(st("a"), "2025-08-18T12:00:00.000Z", "open"));
  if (decided === null) throw new Error("a new statement is news");
  return { ledger, decided };
}

describe("waiting for an event", () => {
  test("is over at once when the view holds it", async () => {
    const { ledger, decided } = await decidedLedger();
    await ledger.append([decided]);
    await ledger.catchUp();
    expect(await waited(ledger, EVENT)).toEqual({ outcome: "in", passed: 0, pauses: 0 });
  });

  test("goes on until the log has it and the view follows", async () => {
    const { ledger, decided } = await decidedLedger();
    await ledger.append([decided]);
    expect(await waited(ledger, EVENT, { 3: () => ledger.catchUp() })).toMatchObject({ outcome: "in", pauses: 3 });
    const late = await decidedLedger();
    // In the store, and not in the log: as it is between an append and the sequencer's commit.
    await late.ledger.append([late.decided]);
    const { log, views, streams } = late.ledger;
    let sequenced = false;
    const slow = {
      head: () => log.head(),
      segmentAt: (n: number) => log.segmentAt(n),
      tile: (index: number) => log.tile(index),
      subtrees: (level: number, index: number) => log.subtrees(level, index),
      sequenceOf: async (id: EventId) => (sequenced ? log.sequenceOf(id) : null),
    };
    let passed = 0;
    const sleep = async (ms: number) => {
      passed += ms;
      if (passed > 500) sequenced = true;
      if (passed > 1_000) await late.ledger.catchUp();
    };
    await waitFor(EVENT, POSITIONS, { views, log: slow, streams, clock: () => passed, sleep });
    expect(passed).toBeGreaterThan(1_000);
  });

  test("ends at its bound when the view does not follow", async () => {
    const { ledger, decided } = await decidedLedger();
    await ledger.append([decided]);
    const { outcome, passed, pauses } = await waited(ledger, EVENT);
    expect(outcome).toMatchObject({ code: "view_behind" });
    expect(passed).toBeGreaterThanOrEqual(LIMITS.afterWaitMs);
    expect(passed).toBeLessThanOrEqual(LIMITS.afterWaitMs + 200);
    expect(pauses).toBeLessThan(40);
  });

  test("for an event that does not exist is refused without a pause", async () => {
    const { ledger } = await decidedLedger();
    const { outcome, pauses } = await waited(ledger, EVENT);
    expect(outcome).toMatchObject({ code: "event_not_found", fields: [{ path: "after" }] });
    expect(pauses).toBe(0);
  });

  test("looks at the checkpoint that the projection of that name keeps", () => {
    expect([positions.name, registry.name]).toEqual([POSITIONS, REGISTRY]);
  });
});
