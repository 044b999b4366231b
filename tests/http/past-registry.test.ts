// Actors and propositions as the ledger knew them at a moment.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { followed, readingApi, type ReadingApi } from "../helpers/reading-api.ts";
import { TROOPS } from "./api-for-tests.ts";

async function putAt(api: ReadingApi, recordedAt: string, path: string, body: object): Promise<void> {
  api.clock.now = Date.parse(recordedAt);
  const held = await api.call("GET", path);
  const headers: Record<string, string> = held.status === 200 ? { "if-match": held.headers.get("etag") ?? "" } : {};
  expect((await api.call("PUT", path, { body, headers })).status).toBeLessThan(300);
  await api.settle();
}

/** Registered on Monday, renamed on Tuesday, and no longer a person on Wednesday; a proposition is reworded then. */
async function story() {
  const api = await readingApi("2025-08-18T08:00:00Z");
  await putAt(api, "2025-08-18T10:00:00Z", "/v1/actors/a", { name: "Ada Alpha", kind: "person" });
  await putAt(api, "2025-08-19T10:00:00Z", "/v1/actors/a", { name: "Ada Beta", kind: "person" });
  await putAt(api, "2025-08-20T10:00:00Z", "/v1/actors/a", { name: "Ada Beta", kind: "office" });
  await putAt(api, "2025-08-20T11:00:00Z", `/v1/propositions/${TROOPS}`, {
    wording: "Nothing is sent",
    topics: ["war"],
  });
  return api;
}

describe("an entry of the registry at a moment", () => {
  test.each([
    ["knownAt=2025-08-18", 1, { name: "Ada Alpha", kind: "person" }],
    ["knownAt=2025-08-19T09:59:59.999Z", 1, { name: "Ada Alpha" }],
    ["knownAt=2025-08-19T10:00:00Z", 2, { name: "Ada Beta", kind: "person" }],
    ["knownAt=2025-08-19&zone=Asia/Tokyo", 2, { name: "Ada Beta" }],
    ["", 3, { name: "Ada Beta", kind: "office" }],
  ])("is as it was: %j", async (query, version, actor) => {
    const api = await story();
    const { status, headers, body } = await api.get(`/v1/actors/a?${query}`);
    expect([status, headers.get("etag"), body.actor.version]).toEqual([200, `"${version}"`, version]);
    expect(body.actor).toMatchObject(actor);
    expect("final" in body).toBe(query !== "");
    const known = await api.call("GET", `/v1/actors/a?${query}`, { headers: { "if-none-match": `"${version}"` } });
    expect(known.status).toBe(304);
  });

  test("says what it rests on, also where there was none", async () => {
    const api = await story();
    const through = { sequence: 6, recordedAt: "2025-08-20T11:00:00.000Z" };
    const day = "2025-08-19T23:59:59.999Z";
    const then = await api.get(`/v1/propositions/${TROOPS}?knownAt=2025-08-19`);
    expect(then.body).toMatchObject({ proposition: { version: 1 }, knownAt: day, through, final: true });
    const none = await api.get("/v1/actors/a?knownAt=2025-08-17");
    expect([none.status, none.body.code, none.body.final]).toEqual([404, "actor_not_found", true]);
    expect(none.body.through).toEqual(through);
    const never = await api.get("/v1/propositions/x?knownAt=1999-12-31");
    expect([never.status, never.body.code, never.body.final]).toEqual([404, "proposition_not_found", true]);
    expect((await api.get("/v1/actors/a?knownAt=2025-08-21")).body.final).toBe(false);
  });

  test.each([
    ["knownAt=2025-08-19T10:00:00", "knownAt"],
    ["knownAt=then", "knownAt"],
    ["asOf=2025-08-19", "asOf"],
    ["zone=Mars", "zone"],
  ])("is not asked for by %s", async (query, field) => {
    const api = await story();
    for (const path of ["/v1/actors/a", "/v1/actors", `/v1/propositions/${TROOPS}`, "/v1/propositions"]) {
      const { status, body } = await api.get(`${path}?${query}`);
      expect([status, body.code, body.errors?.[0].path]).toEqual([400, "invalid_request", field]);
    }
  });
});

describe("the registry at a moment", () => {
  test.each([
    ["q=alpha", []],
    ["q=alpha&knownAt=2025-08-18", ["a"]],
    ["q=beta&knownAt=2025-08-18", []],
    ["q=beta&kind=person&knownAt=2025-08-19", ["a"]],
    ["q=beta&kind=person", []],
    ["kind=person&knownAt=2025-08-19", ["a", "donald-trump", "karoline-leavitt"]],
    ["kind=person", ["donald-trump", "karoline-leavitt"]],
    ["kind=person&knownAt=2025-08-17", []],
  ])("is found by the words and properties of then: %s", async (query, ids) => {
    const api = await story();
    expect((await followed(api, `/v1/actors?limit=1&${query}`, "actors")).map(({ id }) => id)).toEqual(ids);
  });

  test("is what a ledger finds that never heard of what came later, whatever was put when", async () => {
    const puts = fc.record({
      id: fc.constantFrom("a", "b", "c"),
      name: fc.constantFrom("Ada Alpha", "Ada Beta", "Bela Alpha"),
      kind: fc.constantFrom("person", "office"),
    });
    const at = (nth: number) => new Date(Date.parse("2025-08-19T10:00:00Z") + nth * 60_000).toISOString();
    const played = async (all: { id: string; name: string; kind: string }[]) => {
      const api = await readingApi();
      for (const [nth, { id, ...body }] of all.entries()) await putAt(api, at(nth), `/v1/actors/${id}`, body);
      return api;
    };
    const property = fc.asyncProperty(fc.array(puts, { minLength: 1, maxLength: 8 }), fc.nat(7), async (all, nth) => {
      const [then, now] = [await played(all.slice(0, nth + 1)), await played(all)];
      for (const query of ["", "q=ada", "q=alpha", "kind=office", "q=beta&kind=person"]) {
        const listed = await followed(then, `/v1/actors?limit=2&${query}`, "actors");
        const known = await followed(now, `/v1/actors?limit=2&${query}&knownAt=${at(nth)}`, "actors");
        expect(known, JSON.stringify({ all, nth, query })).toEqual(listed);
      }
    });
    await fc.assert(property, { numRuns: 12 });
  });
});
