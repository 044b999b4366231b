import { startFront, type ApiHandler, type Front } from "@on-record/local/http-front";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";

const fronts: Front[] = [];
const logged: string[] = [];

afterEach(async () => {
  await Promise.all(fronts.splice(0).map((front) => front.close()));
  logged.splice(0);
});

async function serve(handler: ApiHandler): Promise<Front> {
  const log = (message: string, error?: unknown) =>
    void logged.push(error instanceof Error ? `${message}: ${error.message}` : message);
  const front = await startFront({ host: "127.0.0.1", port: 0, handler, log });
  fronts.push(front);
  return front;
}

/** A front whose handler keeps what it was given. */
async function recording(): Promise<{ front: Front; seen: { event: APIGatewayProxyEventV2; context: Context }[] }> {
  const seen: { event: APIGatewayProxyEventV2; context: Context }[] = [];
  const front = await serve(async (event, context) => {
    seen.push({ event, context });
    return { statusCode: 204 };
  });
  return { front, seen };
}

/** Sends bytes as they are and gives all that comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.write(text);
  await once(socket, "close");
  return answer;
}

describe("the event", () => {
  test("path, query, headers and context have API Gateway's shape", async () => {
    const { front, seen } = await recording();
    await fetch(`${front.url}/v1/actors/Wo%C3%AFd%2Fx%20y?tag=a&tag=b%2Cc&q=caf%C3%A9&empty=`, {
      headers: [
        ["X-Thing", "one"],
        ["X-Thing", "two"],
        ["User-Agent", "tester"],
      ],
    });
    const { event, context } = seen[0] ?? expect.fail("no event");
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/v1/actors/Wo%C3%AFd%2Fx%20y",
      rawQueryString: "tag=a&tag=b%2Cc&q=caf%C3%A9&empty=",
      queryStringParameters: { tag: "a,b,c", q: "café", empty: "" },
      isBase64Encoded: false,
      requestContext: {
        domainName: `127.0.0.1:${front.port}`,
        http: {
          method: "GET",
          path: "/v1/actors/Wo%C3%AFd%2Fx%20y",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "tester",
        },
        stage: "$default",
        routeKey: "$default",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
        requestId: expect.stringMatching(/.{36}/),
      },
    });
    expect(event.headers["x-thing"]).toMatch(/^one, ?two$/);
    expect(event).not.toHaveProperty("body");
    expect(event).not.toHaveProperty("cookies");
    expect(context.getRemainingTimeInMillis()).toBeGreaterThan(20_000);
    expect(context.awsRequestId).not.toBe("");
  });

  test("a text body stays text and any other is base64", async () => {
    const { front, seen } = await recording();
    const binary = Buffer.from([0xff, 0x00, 0xfe, 0x80]);
    await fetch(front.url, { method: "POST", body: '{"said":"не будет 🇺🇸"}' });
    await fetch(front.url, { method: "POST", body: binary });
    expect(seen[0]?.event).toMatchObject({ body: '{"said":"не будет 🇺🇸"}', isBase64Encoded: false });
    expect(seen[1]?.event).toMatchObject({ body: binary.toString("base64"), isBase64Encoded: true });
  });

  test("cookies stand apart from the headers", async () => {
    const { front, seen } = await recording();
    await fetch(front.url, { headers: { cookie: "a=1; b=two" } });
    expect(seen[0]?.event.cookies).toEqual(["a=1", "b=two"]);
    expect(seen[0]?.event.headers).not.toHaveProperty("cookie");
  });

  test("a header, query key or target of an odd form is only data", async () => {
    const { front, seen } = await recording();
    await raw(
      front.port,
      "GET http://elsewhere/p?__proto__=1&%zz=2 HTTP/1.1\r\nHost: evil\r\n__proto__: x\r\nConnection: close\r\n\r\n",
    );
    await raw(front.port, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(seen[0]?.event).toMatchObject({ rawPath: "/p", rawQueryString: "__proto__=1&%zz=2" });
    expect(Object.keys(seen[0]?.event.queryStringParameters ?? {})).toEqual(["__proto__", "%zz"]);
    expect(seen[0]?.event.requestContext.domainName).toBe(`127.0.0.1:${front.port}`);
    expect(seen[1]?.event.rawPath).toBe("/");
  });
});

describe("the answer", () => {
  test("status, headers, cookies and a base64 body reach the client", async () => {
    const bytes = Buffer.from([1, 2, 250]);
    const front = await serve(async () => ({
      statusCode: 201,
      headers: { "content-type": "image/x", "x-count": 3, "content-length": "999" },
      cookies: ["a=1; Path=/", "b=2"],
      body: bytes.toString("base64"),
      isBase64Encoded: true,
    }));
    const answer = await fetch(front.url);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-count")).toBe("3");
    expect(answer.headers.get("content-length")).toBe("3");
    expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
  });

  test("HEAD has the headers without the body, and OPTIONS reaches the handler", async () => {
    const front = await serve(async (event) => ({
      headers: { "content-length": "5", "x-method": event.requestContext.http.method },
      body: "hello",
    }));
    const head = await fetch(front.url, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "5", ""]);
    const options = await fetch(front.url, { method: "OPTIONS" });
    expect([options.headers.get("x-method"), await options.text()]).toEqual(["OPTIONS", "hello"]);
  });

  test.each<[string, ApiHandler]>([
    ["rejects", async () => Promise.reject(new Error("boom"))],
    [
      "throws at once",
      () => {
        throw new Error("boom");
      },
    ],
    ["answers a header that HTTP forbids", async () => ({ statusCode: 200, headers: { "x-a": "boom\r\nx-b: 1" } })],
    ["answers a status that HTTP does not have", async () => ({ statusCode: 7 })],
    ["answers more than Lambda may", async () => ({ body: "x".repeat(6 * 1024 * 1024 + 1) })],
  ])("a handler that %s gives a problem that tells nothing of it, and a line in the log", async (_, handler) => {
    const front = await serve(handler);
    const answer = await fetch(`${front.url}/v1/x`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([500, "application/problem+json"]);
    expect(await answer.json()).toEqual({
      type: "urn:on-record:problem:internal_error",
      code: "internal_error",
      title: "Internal server error",
      status: 500,
      requestId: answer.headers.get("x-request-id"),
    });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain("GET /v1/x");
  });
});

describe("limits", () => {
  const LIMIT = 6 * 1024 * 1024;

  test("a body of 6 MB is let in and one byte more is 413", async () => {
    const { front, seen } = await recording();
    expect((await fetch(front.url, { method: "POST", body: Buffer.alloc(LIMIT, "a") })).status).toBe(204);
    const answer = await fetch(front.url, { method: "POST", body: Buffer.alloc(LIMIT + 1, "a") });
    expect(answer.status).toBe(413);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ status: 413, code: "body_too_large", limitBytes: LIMIT });
    expect(seen).toHaveLength(1);
  });

  test("a body of undeclared length is 413 as soon as it is too long, though it never ends", async () => {
    const { front, seen } = await recording();
    const endless = request(front.url, { method: "POST" });
    endless.on("error", () => undefined);
    endless.write(Buffer.alloc(LIMIT + 1, "a"));
    const [answer] = await once(endless, "response");
    expect(answer.statusCode).toBe(413);
    endless.destroy();
    expect(seen).toHaveLength(0);
  });

  test("malformed HTTP and broken connections leave the front serving", async () => {
    const { front } = await recording();
    expect(await raw(front.port, "\u0000\u0001 nonsense\r\n\r\n")).toContain("400 Bad Request");
    const broken = connect(front.port, "127.0.0.1");
    broken.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    await once(broken, "connect");
    broken.resetAndDestroy();
    expect((await fetch(front.url)).status).toBe(204);
    expect(logged).toEqual([]);
  });
});

test("a taken port is refused with the setting that changes it", async () => {
  const { front } = await recording();
  const log = () => undefined;
  const second = startFront({ host: "127.0.0.1", port: front.port, handler: async () => ({}), log });
  await expect(second).rejects.toThrow(`Port ${front.port} on 127.0.0.1 is in use. Set ON_RECORD_PORT`);
});

test("closing lets a request in flight finish", async () => {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  let closing: Promise<void> | undefined;
  const front = await serve(async () => {
    closing = front.close();
    setTimeout(finish, 20);
    await finished;
    return { body: "done" };
  });
  expect(await (await fetch(front.url)).text()).toBe("done");
  await closing;
  await expect(fetch(front.url)).rejects.toThrow();
});
