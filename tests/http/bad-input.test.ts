import { LIMITS } from "@on-record/core/limits";
import { beforeAll, describe, expect, test } from "vitest";
import { seed, statement, stored, testApi, TROOPS, type CallOptions, type TestApi } from "./api-for-tests.ts";

const REPORT = { publisher: "Fox News", url: "https://fox.example/story" };
const withReport = (more: object) => ({ report: { ...REPORT, ...more } });
const assessing = (more: object) => ({ assessments: [{ proposition: TROOPS, stance: "open", ...more }] });

/** Each row: what is wrong, the body's fields, the code, the status and the paths named. */
const BODIES: readonly (readonly [title: string, more: object, code: string, status: number, paths: string[]])[] = [
  ["a text of the wrong type", { text: 7 }, "invalid_request", 400, ["text"]],
  ["a missing field", { text: undefined }, "invalid_request", 400, ["text"]],
  ["several wrong fields", { text: 7, speaker: 1 }, "invalid_request", 400, ["speaker", "text"]],
  ["an unknown field", { tone: "grim" }, "invalid_request", 400, ["tone"]],
  ["an unknown field further in", withReport({ author: "x" }), "invalid_request", 400, ["report.author"]],
  ["a text over the limit", { text: "x".repeat(LIMITS.textChars + 1) }, "invalid_request", 400, ["text"]],
  ["a text without words", { text: " \n " }, "invalid_request", 400, ["text"]],
  ["an id with capitals", { speaker: "Trump" }, "invalid_request", 400, ["speaker"]],
  ["a very long id", { speaker: "x".repeat(10_000) }, "invalid_request", 400, ["speaker"]],
  ["an impossible date", { saidAt: "2025-02-30" }, "invalid_request", 400, ["saidAt"]],
  ["an impossible hour", { saidAt: "2025-02-03T25:00:00Z" }, "invalid_request", 400, ["saidAt"]],
  ["a moment without offset", { saidAt: "2025-08-19T12:00:00" }, "invalid_request", 400, ["saidAt"]],
  ["a number for a moment", { saidAt: 1_755_600_000 }, "invalid_request", 400, ["saidAt"]],
  [
    "a precision finer than the time",
    { saidAt: "2025-08-19", saidAtPrecision: "minute" },
    "invalid_request",
    400,
    ["saidAtPrecision"],
  ],
  ["an unknown zone", { saidAtZone: "Mars/Olympus" }, "invalid_request", 400, ["saidAtZone"]],
  ["a time beyond the calendar", { saidAt: "9999-12-31" }, "invalid_request", 400, ["saidAt"]],
  ["a time in the future", { saidAt: "2025-08-20T12:05:01Z" }, "said_in_future", 422, ["saidAt"]],
  ["a URL that is none", withReport({ url: "fox.example" }), "invalid_request", 400, ["report.url"]],
  ["a URL that runs code", withReport({ url: "javascript:alert(1)" }), "invalid_request", 400, ["report.url"]],
  ["a content hash that is none", withReport({ contentHash: "md5:1" }), "invalid_request", 400, ["report.contentHash"]],
  ["an unknown stance", assessing({ stance: "maybe" }), "invalid_request", 400, ["assessments.0.stance"]],
  ["a confidence over one", assessing({ confidence: 2 }), "invalid_request", 400, ["assessments.0.confidence"]],
  [
    "evidence outside the text",
    assessing({ evidence: { start: 0, end: 999 } }),
    "evidence_outside_text",
    422,
    ["assessments.0.evidence.end"],
  ],
  [
    "evidence that ends before it starts",
    assessing({ evidence: { start: 5, end: 5 } }),
    "invalid_request",
    400,
    ["assessments.0.evidence.end"],
  ],
  [
    "an evidence offset beyond all integers",
    assessing({ evidence: { start: 0, end: 1e300 } }),
    "invalid_request",
    400,
    ["assessments.0.evidence.end"],
  ],
  [
    "two assessments of one proposition",
    { assessments: [...assessing({}).assessments, ...assessing({}).assessments] },
    "invalid_request",
    400,
    ["assessments.1.proposition"],
  ],
  [
    "too many assessments",
    { assessments: Array.from({ length: 21 }, (_, n) => ({ proposition: `p${n}`, stance: "open" })) },
    "invalid_request",
    400,
    ["assessments"],
  ],
  ["an unknown speaker", { speaker: "nobody" }, "unknown_actor", 422, ["speaker"]],
  ["an unknown actor spoken for", { onBehalfOf: "nobody" }, "unknown_actor", 422, ["onBehalfOf"]],
  [
    "an unknown proposition",
    assessing({ proposition: "no-such-thing" }),
    "unknown_proposition",
    422,
    ["assessments.0.proposition"],
  ],
  [
    "all that is unknown at once",
    { speaker: "nobody", ...assessing({ proposition: "no-such-thing" }) },
    "unknown_actor",
    422,
    ["speaker", "assessments.0.proposition"],
  ],
];

describe("a statement is refused and nothing written", () => {
  let api: TestApi;
  let before: number;
  beforeAll(async () => {
    api = testApi();
    await seed(api);
    before = (await stored(api.streams)).length;
  });

  test.each(BODIES)("for %s", async (_title, more, code, status, paths) => {
    const answer = await api.call("POST", "/v1/statements", { body: statement({ ...more }) });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.errors.map(({ path }: { path: string }) => path)).toEqual(paths);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await stored(api.streams)).toHaveLength(before);
  });

  test("for a field that is missing, in words that say so", async () => {
    const { body } = await api.call("POST", "/v1/statements", { body: statement({ speaker: undefined }) });
    expect(body.errors).toEqual([{ path: "speaker", message: "is required" }]);
  });
});

const json = (text: string): CallOptions => ({ raw: text });
const typed = (type: string): CallOptions => ({ body: statement(), headers: { "content-type": type } });
const bytes = (...parts: number[]): CallOptions => ({ raw: new Uint8Array(parts) });
const nested = (depth: number) => `{"text":${"[".repeat(depth)}${"]".repeat(depth)}}`;
const escaped = (text: string) => JSON.stringify(statement()).replace("We will", text);

/** Each row: what is wrong, the request, the code, the status and the paths named. */
const REQUESTS: readonly (readonly [string, CallOptions, string, number, string[]])[] = [
  ["JSON that breaks off", json('{"speaker":'), "malformed_json", 400, []],
  ["an empty body", json(""), "malformed_json", 400, []],
  ["no body at all", {}, "malformed_json", 400, []],
  ["bytes that are not UTF-8", bytes(0x22, 0xff, 0x22), "malformed_json", 400, []],
  ["a key given twice", json('{"text":"a","text":"b"}'), "malformed_json", 400, ["text"]],
  [
    "a key given twice, once in disguise",
    json(String.raw`{"text":"a","te\u0078t":"b"}`),
    "malformed_json",
    400,
    ["text"],
  ],
  ["nesting 10,000 levels deep", json(nested(10_000)), "malformed_json", 400, [""]],
  ["nesting 100,000 levels deep", json(nested(100_000)), "malformed_json", 400, [""]],
  ["a list for an object", json("[]"), "invalid_request", 400, [""]],
  ["null for an object", json("null"), "invalid_request", 400, [""]],
  ["a number beyond all", json('{"text":1e999}'), "invalid_request", 400, ["speaker", "text", "saidAt", "report"]],
  ["half a surrogate pair", json(escaped(String.raw`We\ud800`)), "invalid_request", 400, ["text"]],
  ["a NUL character", json(escaped(String.raw`We\u0000`)), "invalid_request", 400, ["text"]],
  ["a NUL character in a key", json(String.raw`{"\u0000":1}`), "invalid_request", 400, [""]],
  ["a form", typed("application/x-www-form-urlencoded"), "unsupported_media_type", 415, []],
  ["plain text", typed("text/plain"), "unsupported_media_type", 415, []],
  [
    "JSON that is said to be compressed",
    { body: statement(), headers: { "content-encoding": "gzip" } },
    "unsupported_media_type",
    415,
    [],
  ],
  ["JSON in Latin-1", typed("application/json; charset=latin1"), "unsupported_media_type", 415, []],
  ["a body over the limit", json(JSON.stringify({ text: "x".repeat(LIMITS.bodyBytes) })), "body_too_large", 413, []],
  [
    "an empty key",
    { body: statement(), headers: { "idempotency-key": "" } },
    "invalid_request",
    400,
    ["Idempotency-Key"],
  ],
  ["a key over the limit", { body: statement(), key: "k".repeat(256) }, "invalid_request", 400, ["Idempotency-Key"]],
  ["a key of other characters", { body: statement(), key: "clé" }, "invalid_request", 400, ["Idempotency-Key"]],
];

describe("a request is refused", () => {
  const api = testApi();
  beforeAll(() => seed(api));

  test.each(REQUESTS)("for %s", async (_title, options, code, status, paths) => {
    const answer = await api.call("POST", "/v1/statements", options);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect((answer.body.errors ?? []).map(({ path }: { path: string }) => path)).toEqual(paths);
  });

  test("for keys that would reach into prototypes", async () => {
    for (const key of ["__proto__", "constructor", "prototype"]) {
      const raw = JSON.stringify(statement()).replace("{", `{"${key}":{"polluted":true},`);
      const { status, body } = await api.call("POST", "/v1/statements", { raw });
      expect([status, body.code, body.errors[0].path]).toEqual([400, "invalid_request", key]);
    }
    expect({}).not.toHaveProperty("polluted");
  });

  test("for a thousand faults with a page of them, not a megabyte", async () => {
    const raw = JSON.stringify(
      Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`${"k".repeat(200)}${n}`, n])),
    );
    const { body } = await api.call("POST", "/v1/statements", { raw });
    expect(body.errors).toHaveLength(20);
    expect(JSON.stringify(body).length).toBeLessThan(5_000);
  });

  test("that comes in chunks, at the limit: the rest is not read", async () => {
    let sent = 0;
    const chunk = new Uint8Array(65_536).fill(0x20);
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const request = new Request("http://api/v1/statements", {
      method: "POST",
      headers: { authorization: `Bearer a-token-that-only-tests-know`, "content-type": "application/json" },
      body: endless,
      duplex: "half",
    });
    const response = await api.app.request(request);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  test("takes JSON that is said not to be compressed", async () => {
    const options = { body: statement(), headers: { "content-encoding": "Identity" } };
    expect((await api.call("POST", "/v1/statements", options)).status).toBeLessThan(300);
  });

  test("takes JSON of a suffix, and with its charset", async () => {
    for (const type of ["application/json; charset=UTF-8", "application/vnd.on-record+json"]) {
      expect((await api.call("POST", "/v1/statements", typed(type))).status).toBeLessThan(300);
    }
  });
});
