import { instantOf } from "@on-record/core/domain/time";
import {
  Envelope,
  envelopeOf,
  EventId,
  eventIdOf,
  LogEntry,
  splitEventId,
  StreamName,
} from "@on-record/core/log/envelope";
import { describe, expect, it } from "vitest";
import { EDITOR, st } from "../../fixtures/statements.ts";

const stream = StreamName.parse(`statement/${st("a")}`);
const envelope = {
  id: eventIdOf(stream, 3),
  stream,
  version: 3,
  type: "StatementWithdrawn",
  schemaVersion: 1,
  receivedAt: instantOf(0),
  recordedBy: EDITOR,
  requestId: "r",
  digest: "x".repeat(43),
};

describe("an event id", () => {
  it("is its stream and version, and comes apart again", () => {
    expect(eventIdOf(stream, 3)).toBe(`statement/${st("a")}@3`);
    expect(splitEventId(eventIdOf(stream, 3))).toEqual({ stream, version: 3 });
  });

  it.each([
    "statement/x@0",
    "statement/x@01",
    "statement/x",
    "statement/x@1000000",
    "other/x@1",
    "statement/X@1",
    "statement/x@1@2",
    "@1",
    "statement/x@1\n",
  ])("is never %j", (id) => {
    expect(EventId.safeParse(id).success).toBe(false);
  });

  it("fits the longest slug of a stream", () => {
    const longest = StreamName.parse(`proposition/${"x".repeat(64)}`);
    expect(splitEventId(eventIdOf(longest, 999_999)).version).toBe(999_999);
  });
});

describe("an envelope", () => {
  it("leaves out what may be erased: data, salt and request digest", () => {
    const stored = { ...envelope, data: { secret: 1 }, salt: "AAAA", requestDigest: "d" };
    expect(envelopeOf(stored)).toEqual(envelope);
    expect(Envelope.parse(envelopeOf(stored))).toEqual(envelope);
    expect(Envelope.safeParse(stored).success).toBe(false);
  });

  it.each([
    { id: "x" },
    { stream: "statement" },
    { version: 0 },
    { version: 1.5 },
    { type: "x".repeat(41) },
    { schemaVersion: 0 },
    { receivedAt: "2025-08-19" },
    { recordedBy: "A" },
    { requestId: "x".repeat(65) },
    { digest: "x".repeat(42) },
  ])("refuses %o", (wrong) => {
    expect(Envelope.safeParse({ ...envelope, ...wrong }).success).toBe(false);
  });

  it("enters the log with its sequence, from 0, and recordedAt", () => {
    expect(LogEntry.safeParse(envelope).success).toBe(false);
    expect(LogEntry.safeParse({ ...envelope, sequence: 0, recordedAt: instantOf(0) }).success).toBe(true);
    expect(LogEntry.safeParse({ ...envelope, sequence: -1, recordedAt: instantOf(0) }).success).toBe(false);
  });
});
