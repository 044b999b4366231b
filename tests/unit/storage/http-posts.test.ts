import { HttpPosts, type PostLimits } from "@on-record/core/storage/http-posts";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { describe, expect, test, vi } from "vitest";
import { rawAnswer, startRawService, type RawRequest, type RawService } from "../../helpers/raw-service.ts";

const LIMITS: PostLimits = { requestMs: 5_000, answerBytes: 1_000, connectionsCount: 2 };
const HEADERS = { host: "store.example", "x-amz-target": "DynamoDB_20120810.GetItem" };

function postsTo({ port }: RawService, limits: Partial<PostLimits> = {}, hostname = "127.0.0.1"): HttpPosts {
  return new HttpPosts({ secure: false, hostname, port }, { ...LIMITS, ...limits });
}

const echo = ({ socket, body }: RawRequest) => void socket.write(rawAnswer(body));
const answered = (body: string) => ({ status: 200, body, keepsOpen: true });

describe("posts", () => {
  test("carry headers and body as they are, with the body's length in bytes", async () => {
    const service = await startRawService(echo);
    expect(await postsTo(service).post(HEADERS, '{"a":"Київ"}')).toEqual(answered('{"a":"Київ"}'));
    const [request] = service.requests;
    expect(request?.head.split("\r\n")).toEqual([
      "POST / HTTP/1.1",
      "host: store.example",
      "x-amz-target: DynamoDB_20120810.GetItem",
      "content-length: 16",
    ]);
  });

  test("go one after the other over one connection", async () => {
    const service = await startRawService(echo);
    const posts = postsTo(service);
    for (const text of ["one", "two", "three"]) expect(await posts.post(HEADERS, text)).toEqual(answered(text));
    expect(service.connectionsCount()).toBe(1);
  });

  test("beyond the connections wait, and each gets its own answer", async () => {
    const service = await startRawService(echo);
    const posts = postsTo(service);
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    expect(await Promise.all(texts.map((text) => posts.post(HEADERS, text)))).toEqual(texts.map(answered));
    expect(service.connectionsCount()).toBe(2);
  });

  test("reach a host that is an IPv6 address", async ({ skip }) => {
    const hasIPv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
    skip(!hasIPv6, "this machine has no IPv6");
    const service = await startRawService(echo, { host: "::1" });
    expect(await postsTo(service, {}, "::1").post(HEADERS, "six")).toEqual(answered("six"));
  });

  test("with a line break in a header are refused before anything is sent", async () => {
    const service = await startRawService(echo);
    const posts = postsTo(service);
    expect(() => posts.post({ ...HEADERS, evil: "a\r\nb: c" }, "")).toThrow(TypeError);
    expect(await posts.post(HEADERS, "fine")).toEqual(answered("fine"));
    expect(service.requests).toHaveLength(1);
  });
});

describe("a post is lost", () => {
  test.each<[string, (request: RawRequest) => void]>([
    ["the connection is cut", ({ socket }) => void socket.destroy()],
    ["the connection ends within the answer", ({ socket }) => void socket.end(rawAnswer("12345").slice(0, -1))],
    ["the answer is none", ({ socket }) => void socket.write("what?\r\n\r\n")],
  ])("when %s; the next one has a connection of its own", async (_, answer) => {
    const service = await startRawService((request, nth) => (nth === 1 ? answer(request) : echo(request)));
    const posts = postsTo(service);
    expect(await posts.post(HEADERS, "first")).toBe("lost");
    expect(await posts.post(HEADERS, "second")).toEqual(answered("second"));
    expect(service.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });

  test("when nobody listens", async () => {
    const service = await startRawService(echo);
    const elsewhere = new HttpPosts({ secure: false, hostname: "127.0.0.1", port: 1 }, LIMITS);
    expect(await elsewhere.post(HEADERS, "")).toBe("lost");
    expect(service.requests).toEqual([]);
  });

  test("when the answer takes longer than it may, but not for waiting for a connection", async () => {
    const held: RawRequest[] = [];
    let arrived = () => {};
    const service = await startRawService((request) => {
      held.push(request);
      arrived();
    });
    const arrival = () => new Promise<void>((resolve) => (arrived = resolve));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const posts = postsTo(service, { requestMs: 100, connectionsCount: 1 });
    const first = arrival();
    const results = ["one", "two", "three"].map((text) => posts.post(HEADERS, text));
    await first;
    vi.advanceTimersByTime(80);
    const second = arrival();
    held[0]?.socket.write(rawAnswer("first"));
    await second;
    vi.advanceTimersByTime(80);
    const third = arrival();
    held[1]?.socket.write(rawAnswer("second"));
    await third;
    vi.advanceTimersByTime(101);
    vi.useRealTimers();
    expect(await Promise.all(results)).toEqual([answered("first"), answered("second"), "lost"]);
  });
});

describe("a connection", () => {
  test("is not used again when the answer closes it", async () => {
    const service = await startRawService(
      ({ socket, body }) => void socket.write(rawAnswer(body, "Connection: close\r\n")),
    );
    const posts = postsTo(service);
    await posts.post(HEADERS, "one");
    await posts.post(HEADERS, "two");
    expect(service.connectionsCount()).toBe(2);
  });

  test("on which something comes that nobody asked for is closed", async () => {
    const service = await startRawService(echo);
    const posts = postsTo(service);
    await posts.post(HEADERS, "one");
    const socket = service.requests[0]?.socket;
    if (socket === undefined) throw new Error("nothing was asked");
    socket.write(rawAnswer("to nobody"));
    await once(socket, "close");
    expect(await posts.post(HEADERS, "two")).toEqual(answered("two"));
    expect(service.connectionsCount()).toBe(2);
  });

  test("with an answer beyond the bound is closed, and the answer is not taken for lost", async () => {
    const service = await startRawService(({ socket, body }) => void socket.write(rawAnswer(body)));
    const posts = postsTo(service);
    expect(await posts.post(HEADERS, "x".repeat(2_000))).toBe("too large");
    expect(await posts.post(HEADERS, "small")).toEqual(answered("small"));
    expect(service.connectionsCount()).toBe(2);
  });
});
