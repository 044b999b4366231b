import type { StoredEvent } from "@on-record/core/log/envelope";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { prefersMinimal } from "@on-record/functions/http/preferences";
import { beforeEach, describe, expect, test } from "vitest";
import { seed, statement, testApi, type TestApi } from "./api-for-tests.ts";

const MINIMAL = { prefer: "return=minimal" };

describe("recording for who prefers a minimal answer", () => {
  let api: TestApi;
  const looked: string[] = [];
  beforeEach(async () => {
    looked.length = 0;
    api = testApi({
      similar: async ({ id }) => {
        looked.push(id);
        return [];
      },
    });
    await seed(api);
  });

  test("names what was recorded, says that it was asked to be short, and looks for nothing similar", async () => {
    const { status, headers, body } = await api.call("POST", "/v1/statements", { body: statement(), headers: MINIMAL });
    const { id } = body.statement;
    expect([status, headers.get("preference-applied")]).toEqual([201, "return=minimal"]);
    expect([headers.get("location"), headers.get("etag")]).toEqual([`/v1/statements/${id}`, '"1"']);
    expect(body).toEqual({
      statement: { id, version: 1 },
      event: { id: `statement/${id}@1`, version: 1 },
      replayed: false,
      unchanged: false,
    });
    expect(looked).toEqual([]);
  });

  test("is the same request as without: either is the other's replay", async () => {
    const first = await api.call("POST", "/v1/statements", { body: statement(), key: "k1", headers: MINIMAL });
    const whole = await api.call("POST", "/v1/statements", { body: statement(), key: "k1" });
    const again = await api.call("POST", "/v1/statements", { body: statement(), key: "k1", headers: MINIMAL });
    expect([whole.status, whole.headers.get("preference-applied")]).toEqual([200, null]);
    expect(whole.body).toMatchObject({ replayed: true, similar: [], statement: { id: first.body.statement.id } });
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
    expect(again.headers.get("preference-applied")).toBe("return=minimal");
    expect(again.body).toEqual({ ...first.body, replayed: true });
  });

  test("is refused as any other", async () => {
    const body = statement({ speaker: "nobody" });
    const refused = await api.call("POST", "/v1/statements", { body, headers: MINIMAL });
    expect([refused.status, refused.body.code]).toEqual([422, "unknown_actor"]);
    expect(refused.headers.get("preference-applied")).toBeNull();
  });

  test("is shown whole in a dry run", async () => {
    const shown = await api.call("POST", "/v1/statements?dryRun=true", { body: statement(), headers: MINIMAL });
    expect([shown.status, shown.headers.get("preference-applied")]).toEqual([200, null]);
    expect(shown.body).toMatchObject({ dryRun: true, similar: [], statement: { text: statement()["text"] } });
  });
});

describe("similar statements", () => {
  test("are looked for while the statement is appended, and each is waited for", async () => {
    const order: string[] = [];
    let found: (statements: never[]) => void = () => {};
    const similar = () => {
      order.push("looked for");
      return new Promise<never[]>((resolve) => (found = resolve));
    };
    class Watched extends MemoryStreams {
      override async append(event: StoredEvent): Promise<void> {
        order.push("appending");
        await super.append(event);
        order.push("appended");
        found([]);
      }
    }
    const streams = new Watched();
    const api = testApi({ streams, similar });
    await seed(api);
    order.length = 0;
    const { body } = await api.call("POST", "/v1/statements", { body: statement() });
    expect(order).toEqual(["looked for", "appending", "appended"]);
    expect(body.similar).toEqual([]);
  });
});

describe("the preference", () => {
  const asks = (...values: string[]) =>
    prefersMinimal(new Request("https://x.example", { headers: values.map((value) => ["prefer", value]) }));

  test.each([
    ["return=minimal"],
    ["Return = Minimal"],
    ['return="minimal"'],
    ["respond-async, wait=10, return=minimal"],
    ["return=minimal; foo=bar"],
    ["respond-async", "return=minimal"],
    ['note="a, return=representation", return=minimal'],
    ["return=minimal, return=representation"],
    ["(unreadable), return=minimal"],
  ])("is read from %j", (...values) => {
    expect(asks(...values)).toBe(true);
  });

  test.each([
    [],
    [""],
    ["return"],
    ["return=representation"],
    ["return=representation, return=minimal"],
    ["returns=minimal"],
    ['note="return=minimal"'],
    ['note="a, return=minimal, b"'],
    ["wait=10; return=minimal"],
    ["return=minimal-ish"],
  ])("is not read from %j", (...values) => {
    expect(asks(...values)).toBe(false);
  });

  test("is looked for in time that grows no faster than the header", () => {
    expect(asks(`${'"'.repeat(8_000)}, return=minimal`)).toBe(true);
  });
});
