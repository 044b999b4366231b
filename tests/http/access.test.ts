import { describe, expect, test } from "vitest";
import { LedgerError } from "@on-record/core/errors";
import { statement, testApi, TOKEN } from "./api-for-tests.ts";

const api = testApi();

describe("a request", () => {
  test("with a token in another scheme, in another case, or in pieces is judged by the token", async () => {
    const status = async (authorization: string) =>
      (await api.call("GET", "/v1/log", { token: null, headers: { authorization } })).status;
    expect(await status(`Basic ${TOKEN}`)).toBe(401);
    expect(await status(TOKEN)).toBe(401);
    expect(await status("Bearer ")).toBe(401);
    expect(await status(`Bearer ${TOKEN} ${TOKEN}`)).toBe(401);
    expect(await status(`Bearer ${"x".repeat(100_000)}`)).toBe(401);
    expect(await status(`bearer   ${TOKEN} `)).toBe(200);
  });

  test("below /v1 learns of no route without a token", async () => {
    expect((await api.call("GET", "/v1/nothing", { token: null })).status).toBe(401);
    expect((await api.call("DELETE", "/v1/statements", { token: null })).status).toBe(401);
    expect((await api.call("GET", "/%76%31/log", { token: null })).status).toBe(401);
  });

  test("to a path that is nothing is answered 404", async () => {
    for (const path of ["/", "/v1", "/v1/nothing", "/v1/statements/", "//v1/statements", "/v1/statements/x/nothing"]) {
      const { status, body } = await api.call("GET", path);
      expect([path, status, body.code]).toEqual([path, 404, "route_not_found"]);
    }
  });

  test("by a method that does not apply is answered 405 and told which do", async () => {
    const put = await api.call("PUT", "/v1/statements", { body: {} });
    expect([put.status, put.body.code, put.headers.get("allow")]).toEqual([
      405,
      "method_not_allowed",
      "POST, GET, HEAD",
    ]);
    const removal = await api.call("DELETE", "/v1/actors/donald-trump");
    expect([removal.status, removal.headers.get("allow")]).toEqual([405, "PUT, GET, HEAD"]);
    expect((await api.call("OPTIONS", "/health", { token: null })).status).toBe(405);
  });

  test("by HEAD gets the headers of GET", async () => {
    const response = await api.app.request("/health", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });

  test("gets headers that keep browsers from rendering, sniffing and keeping the answer, also when refused", async () => {
    for (const { headers } of [await api.call("GET", "/v1/log"), await api.call("GET", "/v1/nothing")]) {
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("x-frame-options")).toBe("DENY");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-request-id")).toMatch(/^[\w-]{16}$/);
    }
  });
});

describe("a browser", () => {
  test("is told to stay with TLS where the gateway says that TLS was spoken, and only there", async () => {
    const told = async (headers: Record<string, string>) =>
      (await api.call("GET", "/health", { headers })).headers.get("strict-transport-security");
    expect(await told({ "x-forwarded-proto": "https" })).toMatch(/^max-age=\d{8,}$/);
    expect(await told({ "x-forwarded-proto": "http" })).toBeNull();
    expect(await told({})).toBeNull();
  });
});

describe("a problem", () => {
  test("has the members of RFC 9457, a stable code and the request's id", async () => {
    const { headers, body } = await api.call("GET", "/v1/statements/st_aaaaaaaaaaaaaaaaaaaaaaaaaa");
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toEqual({
      type: "urn:on-record:problem:statement_not_found",
      title: "Statement not found",
      status: 404,
      detail: "there is no statement st_aaaaaaaaaaaaaaaaaaaaaaaaaa",
      code: "statement_not_found",
      requestId: headers.get("x-request-id"),
    });
  });

  test("that nobody foresaw is logged with the request's id, and tells the caller nothing", async () => {
    const streams = new Proxy(api.streams, {
      get: () => async () => {
        throw new Error("a secret of the machine room", { cause: new TypeError("deeper") });
      },
    });
    const broken = testApi({ streams });
    const { status, body } = await broken.call("GET", "/v1/actors/donald-trump?zone=Asia/Tokyo");
    expect(status).toBe(500);
    expect(Object.keys(body).toSorted()).toEqual(["code", "requestId", "status", "title", "type"]);
    expect(broken.lines).toHaveLength(1);
    const line = JSON.parse(broken.lines[0] ?? "");
    expect(line).toMatchObject({
      level: "error",
      requestId: body.requestId,
      method: "GET",
      path: "/v1/actors/donald-trump",
    });
    expect(line.error).toMatchObject({ message: "a secret of the machine room", cause: { message: "deeper" } });
    expect(broken.lines[0]).not.toContain("Tokyo");
  });

  test("is never logged with a token or what somebody said", async () => {
    const quiet = testApi({ similar: async () => Promise.reject(new LedgerError("store_unavailable", "no views")) });
    await quiet.call("PUT", "/v1/actors/donald-trump", { body: { name: "Donald Trump", kind: "person" } });
    await quiet.call("POST", "/v1/statements", { body: statement({ text: "The very words", assessments: [] }) });
    expect(quiet.lines).toHaveLength(1);
    expect(quiet.lines.join()).not.toMatch(new RegExp(`${TOKEN}|very words`));
  });
});
