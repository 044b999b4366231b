import { createClient, type ClientOptions } from "@on-record/client";

/** A request as the fake server saw it. */
export interface Seen {
  method: string;
  url: string;
  headers: Headers;
  body: unknown;
  signal: AbortSignal;
}

type Reply = Response | Error | "hang" | ((seen: Seen) => Response);

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
}

export function problem(
  code: string,
  status: number,
  more: object = {},
  headers: Record<string, string> = {},
): Response {
  const document = { type: `urn:on-record:problem:${code}`, code, title: "A title", status, requestId: "r1", ...more };
  return json(document, status, headers);
}

/** A client whose requests get these replies in turn, the last one again and again; and what it sent. */
export function clientOf(replies: readonly Reply[], options: Partial<ClientOptions> = {}) {
  const seen: Seen[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { method = "GET", headers, body, signal } = init;
    const request: Seen = {
      method,
      url,
      headers: new Headers(headers),
      body: typeof body === "string" ? JSON.parse(body) : undefined,
      signal: signal ?? new AbortController().signal,
    };
    seen.push(request);
    const reply = replies[Math.min(seen.length, replies.length) - 1];
    if (reply === undefined) throw new Error("nothing was to be sent");
    if (reply instanceof Error) throw reply;
    if (typeof reply === "function") return reply(request);
    if (reply !== "hang") return reply.clone();
    return new Promise((_, reject) => {
      request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
    });
  };
  const client = createClient({ url: "https://ledger.example/", token: "secret", fetch, pauseMs: 1, ...options });
  return { client, seen };
}
