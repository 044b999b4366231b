import { startFront, type ApiHandler, type FrontOptions } from "@on-record/local/http-front";
import { once } from "node:events";
import { maxHeaderSize } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { undocumented } from "../helpers/documented.ts";

const BODY_LIMIT = 6 * 1024 * 1024;

/** A front whose handler must not be reached, unless one is given. */
async function serve(options: Partial<FrontOptions> = {}) {
  const reached: string[] = [];
  const logged: string[] = [];
  const handler: ApiHandler = async ({ rawPath }) => {
    reached.push(rawPath);
    return {};
  };
  const log = (message: string) => void logged.push(message);
  const front = await startFront({ host: "127.0.0.1", port: 0, handler, log, ...options });
  onTestFinished(() => front.close());
  return { front, reached, logged };
}

function opened(port: number): { socket: Socket; ended: Promise<string> } {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  return { socket, ended: once(socket, "close").then(() => answer) };
}

/** Sends bytes as they are, and gives the one answer that ends the connection. */
async function answerTo(port: number, text: string) {
  const { socket, ended } = opened(port);
  socket.write(text);
  return read(await ended);
}

function read(answer: string) {
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const headers = new Headers(lines.map((each) => [each.split(": ")[0] ?? "", each.split(": ")[1] ?? ""]));
  return { status: Number(line.split(" ")[1]), headers, text: body };
}

/** Holds a refusal to the form that those of the API have. */
function expectProblem(received: ReturnType<typeof read>, status: number, code: string): void {
  expect(undocumented("POST", "/v1/statements", received)).toBeNull();
  expect([received.status, JSON.parse(received.text).code]).toEqual([status, code]);
  expect(received.headers.get("content-length")).toBe(String(Buffer.byteLength(received.text)));
  expect(received.headers.get("x-request-id")).toBe(JSON.parse(received.text).requestId);
  expect(received.headers.get("x-content-type-options")).toBe("nosniff");
}

const POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";

describe("a client that is slow", () => {
  test.each([
    ["sends nothing", ""],
    ["sends one byte", "P"],
    ["stops within its headers", "POST / HTTP/1.1\r\nHost: a\r\n"],
    ["stops before its body", POST],
    ["stops after one byte of its body", `${POST}a`],
    ["stops within a chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\na"],
  ])("and %s is told, cut off, and reaches no handler", async (_, text) => {
    const { front, reached } = await serve({ requestTimeoutMs: 100 });
    expectProblem(await answerTo(front.port, text), 408, "request_timeout");
    expect(reached).toEqual([]);
  });

  test("and sends a byte now and then is cut off as well, while others are served", async () => {
    const { front, reached } = await serve({ requestTimeoutMs: 150 });
    const { socket, ended } = opened(front.port);
    socket.write(POST);
    const drip = setInterval(() => socket.write("a"), 20);
    onTestFinished(() => clearInterval(drip));
    expect((await fetch(`${front.url}/other`)).status).toBe(200);
    expectProblem(read(await ended), 408, "request_timeout");
    expect(reached).toEqual(["/other"]);
  });

  test("and does not read its answer is cut off", async () => {
    const body = "x".repeat(BODY_LIMIT);
    let left = 5;
    let asked: () => void = () => undefined;
    const allAsked = new Promise<void>((resolve) => (asked = resolve));
    const handler: ApiHandler = async () => {
      left -= 1;
      if (left === 0) asked();
      return { body };
    };
    const { front } = await serve({ handler, idleTimeoutMs: 200 });
    const socket = connect(front.port, "127.0.0.1").pause();
    onTestFinished(() => void socket.destroy());
    // More than the system keeps on its way.
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(left));
    await allAsked;
    const startedAt = performance.now();
    // It waits for connections in use, and breaks them off only after 5 s.
    await front.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});

describe("what is no request", () => {
  test.each([
    ["nonsense", "\u0000\u0001 nonsense\r\n\r\n"],
    ["a method that HTTP has not", "get / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a header with a NUL", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"],
    ["a header without a name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"],
    ["two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    ["a length and chunks", `${POST.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n")}0\r\n\r\n`],
    ["a length that is none", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"],
    ["a chunk of no length", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["a request to a proxy", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a request without a host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"],
  ])("%s is refused as a problem, and reaches no handler", async (_, text) => {
    const { front, reached, logged } = await serve();
    expectProblem(await answerTo(front.port, text), 400, "invalid_request");
    expect([reached, logged]).toEqual([[], []]);
  });

  test("an expectation that is not known is passed over", async () => {
    const { front, reached } = await serve();
    const text = "GET /x HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\nConnection: close\r\n\r\n";
    expect((await answerTo(front.port, text)).status).toBe(200);
    expect(reached).toEqual(["/x"]);
  });
});

describe("what is too large", () => {
  test.each([
    ["a header", `GET / HTTP/1.1\r\nHost: a\r\nX: ${"y".repeat(20_000)}\r\n\r\n`],
    ["a thousand headers", `GET / HTTP/1.1\r\nHost: a\r\n${"X-Name: value\r\n".repeat(2_000)}\r\n`],
    ["a target", `GET /${"y".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ["a query", `GET /?${"y=1&".repeat(5_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ])("%s is 431", async (_, text) => {
    const { front, reached } = await serve();
    const received = await answerTo(front.port, text);
    expectProblem(received, 431, "headers_too_large");
    expect(JSON.parse(received.text).limitBytes).toBe(maxHeaderSize);
    expect(reached).toEqual([]);
  });

  test("a body in chunks is 413 as soon as it is too long, though it never ends", async () => {
    const { front, reached } = await serve();
    const { socket, ended } = opened(front.port);
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = Buffer.alloc(65_536, "a");
    for (let sent = 0; sent <= BODY_LIMIT; sent += chunk.length) {
      socket.write("10000\r\n");
      socket.write(chunk);
      socket.write("\r\n");
    }
    await once(socket, "data");
    socket.end();
    const received = read(await ended);
    expectProblem(received, 413, "body_too_large");
    expect(JSON.parse(received.text).limitBytes).toBe(BODY_LIMIT);
    expect(reached).toEqual([]);
  });
});

test("a handler that falls silent is 503: what was sent may have been done, and can be sent again", async () => {
  const { front, logged } = await serve({ handler: () => new Promise(() => undefined), handlerTimeoutMs: 50 });
  const response = await fetch(`${front.url}/v1/x`, { method: "POST" });
  const received = { status: response.status, headers: response.headers, text: await response.text() };
  expect(undocumented("POST", "/v1/x", received)).toBeNull();
  expect([received.status, JSON.parse(received.text).code]).toEqual([503, "store_unavailable"]);
  expect(received.headers.get("retry-after")).toBe("1");
  expect(logged).toEqual(["http: POST /v1/x failed"]);
});
