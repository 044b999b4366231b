import { AnswerReader } from "@on-record/core/storage/http-answer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const BODY = '{"Item":{"text":{"S":"Київ"}}}';
const HEAD = "HTTP/1.1 200 OK\r\nServer: Server\r\n";
const LENGTH = `Content-Length: ${Buffer.byteLength(BODY)}\r\n`;

/** What the reader makes of the text when it comes in these parts: the last thing that it says. */
function readParts(parts: readonly Buffer[], maxBytes = 1_000_000) {
  const reader = new AnswerReader(maxBytes);
  return parts.reduce<ReturnType<AnswerReader["take"]>>((_, part) => reader.take(part), undefined);
}
const readText = (text: string, maxBytes?: number) => readParts([Buffer.from(text)], maxBytes);

function chunked(...chunks: string[]): string {
  const written = chunks.map((chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`);
  return `${HEAD}Transfer-Encoding: chunked\r\n\r\n${written.join("")}0\r\n\r\n`;
}

describe("an answer", () => {
  test.each([
    ["that says its length", `${HEAD}${LENGTH}\r\n${BODY}`],
    ["whose headers are in other letters", `${HEAD}${LENGTH.toLowerCase()}\r\n${BODY}`],
    ["in chunks", chunked(BODY.slice(0, 7), BODY.slice(7))],
  ])("%s is read as it is", (_, text) => {
    expect(readText(text)).toEqual({ status: 200, body: BODY, keepsOpen: true });
  });

  test("in chunks may hold what ends chunks", () => {
    expect(readText(chunked("0\r\n\r\n", BODY, "0\r\n\r\n"))).toMatchObject({ body: `0\r\n\r\n${BODY}0\r\n\r\n` });
  });

  test("is the same however its bytes are cut up", () => {
    const whole = [`${HEAD}${LENGTH}\r\n${BODY}`, chunked("0\r\n\r\n", BODY, "0\r\n\r\n")].map((text) =>
      Buffer.from(text),
    );
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.array(fc.nat(200)), (bytes, cuts) => {
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].toSorted((a, b) => a - b);
        const parts = places.slice(1).map((place, index) => bytes.subarray(places[index], place));
        expect(readParts(parts.filter((part) => part.length > 0))).toEqual(readParts([bytes]));
      }),
    );
  });

  test("is not there before its last byte, wherever it is cut off", () => {
    for (const text of [`${HEAD}${LENGTH}\r\n${BODY}`, chunked(BODY, "0\r\n\r\n")]) {
      const bytes = Buffer.from(text);
      for (let end = 1; end < bytes.length; end += 1) expect(readParts([bytes.subarray(0, end)])).toBeUndefined();
    }
  });

  test("without a body is read by its length of 0", () => {
    expect(readText("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")).toMatchObject({
      status: 503,
      body: "",
    });
  });

  test("that closes its connection says so", () => {
    expect(readText(`${HEAD}${LENGTH}Connection: close\r\n\r\n${BODY}`)).toMatchObject({ keepsOpen: false });
  });

  test.each([
    ["has no length", `${HEAD}\r\n${BODY}`],
    ["has a length and chunks", `${HEAD}${LENGTH}Transfer-Encoding: chunked\r\n\r\n${BODY}`],
    ["is coded otherwise", `${HEAD}Transfer-Encoding: gzip\r\n\r\n${BODY}`],
    ["is of another protocol", `HTTP/1.0 200 OK\r\n${LENGTH}\r\n${BODY}`],
    ["only announces an answer", `HTTP/1.1 100 Continue\r\n${LENGTH}\r\n${BODY}`],
    ["is no HTTP", `SSH-2.0-OpenSSH\r\n\r\n`],
    ["is longer than it says", `${HEAD}${LENGTH}\r\n${BODY}HTTP/1.1 200 OK`],
    ["has a chunk of no size", `${HEAD}Transfer-Encoding: chunked\r\n\r\nx\r\n0\r\n\r\n`],
    ["has a chunk longer than it says", `${HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\n{ }\r\n0\r\n\r\n`],
    ["has a head without end", `${HEAD}X: ${"x".repeat(70_000)}`],
  ])("that %s is not taken", (_, text) => {
    expect(readText(text)).toBe("unreadable");
  });

  test("beyond the bound is too large, whatever it says of itself", () => {
    expect(readText(`${HEAD}${LENGTH}\r\n${BODY}`, 50)).toBe("too large");
    expect(readText(chunked(BODY), 50)).toBe("too large");
  });
});
