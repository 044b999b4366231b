import { EventId, StreamName, type LedgerEvent, type StoredEvent } from "@on-record/core/log/envelope";
import { readEvent, schemaVersionOf, upcast, type Upcasters } from "@on-record/core/log/upcast";
import { instantOf } from "@on-record/core/domain/time";
import { redact } from "@on-record/core/domain/statement/erasure";
import { evolveStatement } from "@on-record/core/domain/statement/state";
import { describe, expect, it } from "vitest";
import { ACTOR_EXAMPLES, EDITOR, PROPOSITION_EXAMPLES, STATEMENT_EXAMPLES, st } from "../../fixtures/statements.ts";

/** Two steps, as a field that was renamed and then split would need. */
const STEPS: Upcasters = {
  Named: [
    (data) => ({ fullName: (data as { name: string }).name }),
    (data) => {
      const [first, last] = (data as { fullName: string }).fullName.split(" ");
      return { first, last };
    },
  ],
};

describe("an old event", () => {
  it.each([
    [1, { name: "Karoline Leavitt" }],
    [2, { fullName: "Karoline Leavitt" }],
    [3, { first: "Karoline", last: "Leavitt" }],
  ])("of schema version %d reads in today's form", (schemaVersion, data) => {
    expect(upcast({ type: "Named", schemaVersion, data }, STEPS)).toEqual({ first: "Karoline", last: "Leavitt" });
  });

  it("is not altered by being read", () => {
    const data = Object.freeze({ name: "Karoline Leavitt" });
    upcast({ type: "Named", schemaVersion: 1, data }, STEPS);
    expect(data).toEqual({ name: "Karoline Leavitt" });
  });

  it("from newer software is refused", () => {
    expect(() => upcast({ type: "Named", schemaVersion: 4, data: {} }, STEPS)).toThrow("reads up to 3");
    expect(() => upcast({ type: "Other", schemaVersion: 2, data: {} }, STEPS)).toThrow("reads up to 1");
  });

  it.each([0, -1, 1.5])("of schema version %d never was", (schemaVersion) => {
    expect(() => upcast({ type: "Named", schemaVersion, data: {} }, STEPS)).toThrow("schema version");
  });
});

describe("a new event", () => {
  it("is written in the version behind the last step", () => {
    expect(schemaVersionOf("Named", STEPS)).toBe(3);
    expect(schemaVersionOf("Other", STEPS)).toBe(1);
    expect(schemaVersionOf("constructor", STEPS)).toBe(1);
  });
});

describe("reading a stored event", () => {
  const stored = (stream: string, event: LedgerEvent): StoredEvent => ({
    id: EventId.parse(`${stream}@1`),
    stream: StreamName.parse(stream),
    version: 1,
    type: event.type,
    schemaVersion: schemaVersionOf(event.type),
    receivedAt: instantOf(0),
    recordedBy: EDITOR,
    requestId: "r",
    digest: "x".repeat(43),
    data: event.data,
    salt: "AAAA",
    requestDigest: "d",
  });
  const cases: (readonly [string, LedgerEvent])[] = [
    ...ACTOR_EXAMPLES.map((e) => ["actor/donald-trump", e] as const),
    ...PROPOSITION_EXAMPLES.map((e) => ["proposition/us-troops", e] as const),
    ...STATEMENT_EXAMPLES.map((e) => [`statement/${st("a")}`, e] as const),
  ];

  it.each(cases.map(([stream, event]) => [event.type, stream, event] as const))(
    "gives back %s",
    (_type, stream, event) => {
      expect(readEvent(stored(stream, event))).toEqual(event);
      const wire = JSON.parse(JSON.stringify(stored(stream, event))) as StoredEvent;
      expect(readEvent(wire)).toEqual(event);
    },
  );

  it("covers every type of event once or more", () => {
    expect(new Set(cases.map(([, event]) => event.type)).size).toBe(2 + 2 + 13);
  });

  it("gives what erasure left of one that has lost its salt, whatever form its data had", () => {
    const [example] = STATEMENT_EXAMPLES;
    if (example?.type !== "StatementRecorded") throw new Error("no example");
    const whole = evolveStatement(null, { ...example, version: 1, recordedBy: EDITOR });
    if (whole === null) throw new Error("it leaves a statement");
    const data = { form: 1, of: example.type, state: redact(whole, { numbers: {}, unlike: {} }), numbers: {} };
    const event = { ...stored(`statement/${st("a")}`, example), data, salt: "", requestDigest: "", schemaVersion: 7 };
    expect(readEvent(event)).toEqual({ type: "Erased", data });
    expect(() => readEvent({ ...event, data: { ...data, form: 2 } })).toThrow();
    expect(() => readEvent({ ...event, data: { ...data, state: whole } })).toThrow();
    expect(() => readEvent({ ...event, data: null })).toThrow();
  });

  it("refuses an event in a stream of another kind, data that does not fit, and a newer form", () => {
    const [actor] = ACTOR_EXAMPLES;
    if (!actor) throw new Error("no example");
    expect(() => readEvent(stored("proposition/us-troops", actor))).toThrow();
    expect(() => readEvent({ ...stored("actor/donald-trump", actor), data: {} })).toThrow();
    expect(() => readEvent({ ...stored("actor/donald-trump", actor), schemaVersion: 9 })).toThrow("schema version 9");
  });
});
