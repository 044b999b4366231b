// That a statement was not altered, shown to who trusts nothing but the log's key.
import { createHash } from "node:crypto";
import type { StoredEvent } from "@on-record/core/log/envelope";
import { openCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { leafHash } from "@on-record/core/log/tree/hash";
import { checkProofFile } from "@on-record/core/log/tree/proof-file";
import { checkInclusion } from "@on-record/core/log/tree/verify";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { describe, expect, test } from "vitest";
import { ORIGIN, TRUST } from "../helpers/log-keys.ts";
import { followed, readingApi } from "../helpers/reading-api.ts";
import { testApi, withStatement } from "./api-for-tests.ts";

/** What the digest is of, by nothing but what the answer says and Node's own hash. */
function digestOf(salt: string, data: unknown): string {
  const hash = createHash("sha256").update(Buffer.from(salt, "base64url"));
  return hash.update(JSON.stringify(data)).digest("base64url");
}

describe("a statement's proof", () => {
  test("shows each of its events in the signed log, and what its digest was made of", async () => {
    const { path, id, call, enterLog } = await withStatement({ text: 'Ни за что.\t"No"\\ 🙅' });
    await call("POST", `${path}/disputes`, { body: { reason: "Taken out of context" } });
    await enterLog();
    await call("POST", `${path}/withdrawal`, { body: { reason: "A hoax" } });
    const { status, body } = await call("GET", `${path}/proof`);
    expect(status).toBe(200);
    const { size, root } = openCheckpoint(body.checkpoint, TRUST).checkpoint;
    expect([body.origin, body.size]).toEqual([ORIGIN, size]);
    expect(body.events.map(({ entry }: { entry: { version: number } }) => entry.version)).toEqual([1, 2]);
    for (const { entry, inclusion, salt, data, proof } of body.events) {
      // As it came, without white space: what was hashed.
      const bytes = new TextEncoder().encode(JSON.stringify(entry));
      expect(checkProofFile(proof, bytes, TRUST).index).toBe(entry.sequence);
      const hashes = inclusion.map((hash: string) => new Uint8Array(Buffer.from(hash, "base64")));
      checkInclusion({ index: entry.sequence, size, root, leaf: leafHash(bytes), proof: hashes });
      expect(entry.stream).toBe(`statement/${id}`);
      expect(digestOf(salt, data)).toBe(entry.digest);
      const forged = new TextEncoder().encode(JSON.stringify({ ...entry, recordedBy: "nobody" }));
      expect(() => checkProofFile(proof, forged, TRUST)).toThrow("is not in this tree");
    }
    expect(body.pending).toEqual([{ id: `statement/${id}@3`, version: 3 }]);
  });

  test("waits for the log, and says so", async () => {
    const { path, id, call } = await withStatement();
    const { body } = await call("GET", `${path}/proof`);
    const pending = [{ id: `statement/${id}@1`, version: 1 }];
    expect(body).toEqual({ origin: ORIGIN, size: 0, checkpoint: null, events: [], pending });
  });

  test("comes in pages", async () => {
    const api = await readingApi();
    const { id } = await api.say("2025-08-20T10:00:00Z", "2025-08-18T12:00:00Z", "open");
    for (const reason of ["once", "twice", "three times"]) await api.post(`/v1/statements/${id}/disputes`, { reason });
    await api.enter();
    const events = await followed(api, `/v1/statements/${id}/proof?limit=3`, "events");
    expect(events.map(({ entry }) => entry.version)).toEqual([1, 2, 3, 4]);
    expect((await api.get(`/v1/statements/${id}/proof?after=4`)).body.events).toEqual([]);
  });

  test("holds when what was said is erased, and then tells nothing that a guess could be held against", async () => {
    const streams = new MemoryStreams();
    const erased = new (class extends MemoryStreams {
      override async load(...args: Parameters<MemoryStreams["load"]>): Promise<StoredEvent[]> {
        const events = await streams.load(...args);
        return events.map((event) => ({ ...event, data: null, salt: "", requestDigest: "" }));
      }
    })();
    const { path, enterLog, deps } = await withStatement({}, { streams });
    await enterLog();
    const after = testApi({ ...deps, streams: erased });
    const { status, body } = await after.call("GET", `${path}/proof`);
    expect([status, body.events.length]).toEqual([200, 1]);
    const [{ entry, proof, ...rest }] = body.events;
    expect(Object.keys(rest)).toEqual(["inclusion"]);
    checkProofFile(proof, new TextEncoder().encode(JSON.stringify(entry)), TRUST);
  });

  test("is there for statements that are", async () => {
    const { call } = testApi();
    for (const id of ["st_aaaaaaaaaaaaaaaaaaaaaaaaaa", "nothing"]) {
      const { status, body } = await call("GET", `/v1/statements/${id}/proof`);
      expect([status, body.code]).toEqual([404, "statement_not_found"]);
    }
  });

  test("is the one place where a salt is shown to a reader", async () => {
    const { path, call, enterLog } = await withStatement();
    await enterLog();
    for (const other of [path, `${path}/events`, "/v1/log", "/v1/statements"]) {
      expect(JSON.stringify((await call("GET", other)).body)).not.toContain("salt");
    }
  });
});
