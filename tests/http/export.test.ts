// Everything that the ledger holds, for who may copy it whole.
import { saltedDigest } from "@on-record/core/log/digest";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { describe, expect, test } from "vitest";
import { freshStream, sampleEvent } from "../helpers/storage-fixtures.ts";
import { seed, statement, testApi, withStatement, type Answer, type TestApi } from "./api-for-tests.ts";

/** What Lambda hands over at most, less what stands around the body. */
const BODY_BYTES = 6_291_556 - 10_000;

/** All pages that links lead to. */
async function pagesOf(api: TestApi, path: string): Promise<Answer["body"][]> {
  const pages = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < 50;) {
    const { status, body, headers }: Answer = await api.call("GET", next);
    expect(status).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(JSON.stringify(body)))).toBeLessThan(BODY_BYTES);
    pages.push(body);
    next = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
  }
  return pages;
}

describe("GET /v1/export", () => {
  test("gives the log with what opens each digest, in order, over pages that follow each other", async () => {
    const api = await withStatement();
    await api.enterLog();
    const pages = await pagesOf(api, "/v1/export?limit=3");
    expect(pages.map(({ lines, size }) => [lines.length, size])).toEqual([
      [3, 4],
      [1, 4],
    ]);
    const lines = pages.flatMap((page) => page.lines);
    expect(lines.map(({ entry }) => entry.sequence)).toEqual([0, 1, 2, 3]);
    for (const { entry, salt, data, requestDigest } of lines) {
      expect(saltedDigest(salt, data)).toBe(entry.digest);
      expect(requestDigest).toMatch(/^[\w-]{43}$/);
    }
    expect((await api.call("GET", "/v1/export?after=2")).body.lines).toEqual(lines.slice(3));
    expect((await api.call("GET", "/v1/export?after=3")).body).toEqual({ lines: [], size: 4 });
    expect((await api.call("GET", "/v1/export?after=99")).headers.get("link")).toBeNull();
  });

  test("ends at the log's end: what has not entered it is not there", async () => {
    const api = testApi();
    await seed(api);
    expect((await api.call("GET", "/v1/export")).body).toEqual({ lines: [], size: 0 });
    await api.enterLog();
    await api.call("POST", "/v1/statements", { body: statement() });
    expect((await api.call("GET", "/v1/export")).body).toMatchObject({ lines: [{}, {}, {}], size: 3 });
  });

  test("takes the scope admin, also where reading is public, and is kept by no cache", async () => {
    const api = testApi({ publicRead: true });
    expect((await api.call("GET", "/v1/export", { token: null })).status).toBe(401);
    const { body } = await api.call("POST", "/v1/tokens", {
      body: { principal: "desk", scopes: ["read", "record", "edit", "subscribe"] },
    });
    expect((await api.call("GET", "/v1/export", { token: body.value })).body.code).toBe("forbidden");
    expect((await api.call("GET", "/v1/export")).headers.get("cache-control")).toBe("no-store");
  });

  test.each(["limit=0", "limit=1001", "after=-1", "after=x", "surprise=1"])("refuses ?%s", async (query) => {
    expect((await testApi().call("GET", `/v1/export?${query}`)).status).toBe(400);
  });

  test("puts no more into a page than can be answered, and moves on however large one event is", async () => {
    const streams = new MemoryStreams();
    const api = testApi({ streams });
    // Two bytes in JSON, four in JSON within JSON: as wide as a character gets.
    const wide = '"'.repeat(300_000);
    for (let n = 0; n < 12; n += 1) await streams.append(sampleEvent(freshStream(), 1, { n, wide }));
    await api.enterLog();
    const pages = await pagesOf(api, "/v1/export");
    expect(pages.length).toBeGreaterThan(2);
    expect(
      pages.flatMap(({ lines }) => lines.map(({ entry }: { entry: { sequence: number } }) => entry.sequence)),
    ).toEqual(Array.from({ length: 12 }, (_, n) => n));
  });

  test("shows an event that the Events table has lost by its entry alone", async () => {
    const streams = new MemoryStreams();
    const lost = sampleEvent(freshStream(), 1);
    await streams.append(lost);
    const api = testApi({ streams });
    await api.enterLog();
    const bare = testApi({ log: api.log });
    const { body } = await bare.call("GET", "/v1/export");
    expect(body.lines).toEqual([{ entry: expect.objectContaining({ id: lost.id, sequence: 0 }) }]);
  });
});
