import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { LedgerError } from "@on-record/core/errors";
import { isCode } from "./engine-processes.ts";
import { apiGatewayEvent } from "./http-front-event.ts";
import { refuseConnection, refusedBy } from "./http-front-refusal.ts";
import { lambdaContext } from "./lambda-context.ts";

/** Lambda's limit on what goes into and comes out of one invocation. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;
/** API Gateway's limit on an integration. */
const MAX_HANDLER_MS = 30_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than any answer takes to be made: what is idle so long does not read its answer. */
const IDLE_TIMEOUT_MS = 60_000;
/** How long a body that is too large is read on and thrown away, so that its sender gets to read the answer. */
const MAX_DRAIN_MS = 2_000;
const MAX_CLOSE_MS = 5_000;

/** The exported Lambda handler of the API. */
export type ApiHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Where to listen and what to invoke. */
export interface FrontOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly handler: ApiHandler;
  readonly log: (message: string, error?: unknown) => void;
  /** How long one request may take to arrive; 30 s unless told. */
  readonly requestTimeoutMs?: number;
  /** How long nothing may pass on a connection; 60 s unless told. */
  readonly idleTimeoutMs?: number;
  /** How long the handler may take; 30 s unless told. */
  readonly handlerTimeoutMs?: number;
}

/** A listening front. */
export interface Front {
  readonly url: string;
  readonly port: number;
  /** Stops listening; requests in flight get 5 s to finish. */
  close(): Promise<void>;
}

/**
 * API Gateway on one machine: every HTTP request becomes a payload 2.0 event for the handler.
 *
 * @throws an Error that names `ON_RECORD_PORT` or `ON_RECORD_HOST` when it cannot listen there.
 */
export async function startFront(options: FrontOptions): Promise<Front> {
  const { host, handler, log, requestTimeoutMs = REQUEST_TIMEOUT_MS, idleTimeoutMs = IDLE_TIMEOUT_MS } = options;
  const { handlerTimeoutMs = MAX_HANDLER_MS } = options;
  let authority = "";
  const server = createServer({
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs),
    connectionsCheckingInterval: Math.min(1_000, requestTimeoutMs),
    // Node would refuse it without a word.
    requireHostHeader: false,
  });
  server.setTimeout(idleTimeoutMs);
  const latest = new WeakMap<Duplex, ServerResponse>();
  const isClosing = () => !server.listening;
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, response);
    exchange(request, response, { handler, handlerTimeoutMs, log, authority, isClosing }).catch((error: unknown) => {
      log("http: a request could not be answered", error);
      response.destroy();
    });
  };
  const giveUp = (reason: Error, socket: Duplex) => {
    refuseConnection(reason, socket, latest.get(socket)).catch((failure: unknown) => {
      log("http: a connection could not be refused", failure);
      socket.destroy();
    });
  };
  // An expectation that is not known is passed over.
  server.on("request", onRequest).on("checkExpectation", onRequest).on("clientError", giveUp);
  server.on("connect", (_request, socket: Duplex) => giveUp(new Error("this is no proxy"), socket));
  const port = await listen(server, host, options.port);
  authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { url: `http://${authority}`, port, close: () => close(server) };
}

interface Setting {
  readonly handler: ApiHandler;
  readonly handlerTimeoutMs: number;
  readonly log: FrontOptions["log"];
  readonly authority: string;
  readonly isClosing: () => boolean;
}

async function exchange(request: IncomingMessage, response: ServerResponse, setting: Setting): Promise<void> {
  // A client that goes away mid-answer is its own business.
  response.on("error", () => undefined);
  const body = await readBody(request);
  if (body === "gone") return;
  if (request.httpVersion === "1.1" && request.headers.host === undefined) {
    return write(request, response, await refusedBy(new LedgerError("invalid_request", "there is no Host header")));
  }
  if (body === "too_large") return refuseBody(request, response);
  const event = apiGatewayEvent(request, body, setting.authority);
  const { requestId } = event.requestContext;
  const result = await invoke(event, setting).catch((error: unknown) => refusedBy(error, requestId));
  // A connection kept alive would keep a closing front open.
  if (setting.isClosing()) response.shouldKeepAlive = false;
  try {
    write(request, response, result);
  } catch (error) {
    // Headers or a status that HTTP does not allow, or too much of an answer.
    setting.log(`http: ${request.method ?? ""} ${request.url ?? ""} got an answer that cannot be sent`, error);
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    write(request, response, await refusedBy(error, requestId));
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | "too_large" | "gone"> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return "too_large";
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const onData = (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > MAX_BODY_BYTES) {
        request.off("data", onData);
        resolve("too_large");
      } else chunks.push(chunk);
    };
    request.on("data", onData);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    // Broken off, or out of time: Node has answered 408 where it still could.
    request.once("error", () => resolve("gone"));
    request.once("close", () => resolve("gone"));
  });
}

async function refuseBody(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const message = `the body is larger than ${MAX_BODY_BYTES} bytes`;
  const details = { limitBytes: MAX_BODY_BYTES };
  const {
    statusCode = 413,
    headers,
    body = "",
  } = await refusedBy(new LedgerError("body_too_large", message, { details }));
  const length = Buffer.byteLength(body);
  response.writeHead(statusCode, { ...headers, "content-length": length, connection: "close" });
  if (request.method !== "HEAD") response.write(body);
  // Closing on unread bytes resets the connection, and the sender would lose the answer.
  request.on("error", () => undefined).resume();
  if (!request.complete) {
    const enough = new AbortController();
    const { signal } = enough;
    const ends = [
      once(request, "close", { signal }),
      once(request, "end", { signal }),
      sleep(MAX_DRAIN_MS, null, { signal }),
    ];
    await Promise.race(ends.map((end) => end.catch(() => undefined)));
    enough.abort();
  }
  response.end();
  request.destroy();
}

async function invoke(event: APIGatewayProxyEventV2, setting: Setting): Promise<APIGatewayProxyStructuredResultV2> {
  const { method, path } = event.requestContext.http;
  const { handlerTimeoutMs } = setting;
  const timer = new AbortController();
  try {
    const late = sleep(handlerTimeoutMs, "late" as const, { signal: timer.signal });
    late.catch(() => undefined);
    const result = await Promise.race([setting.handler(event, lambdaContext("api", handlerTimeoutMs)), late]);
    if (result !== "late") return result;
    // What was asked may still be done: the caller knows no more than of a store that fell silent.
    throw new LedgerError("store_unavailable", `there was no answer within ${handlerTimeoutMs} ms`);
  } catch (error) {
    setting.log(`http: ${method} ${path} failed`, error);
    throw error;
  } finally {
    timer.abort();
  }
}

function write(request: IncomingMessage, response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void {
  const body = Buffer.from(result.body ?? "", result.isBase64Encoded === true ? "base64" : "utf8");
  if (Buffer.byteLength(result.body ?? "") > MAX_BODY_BYTES) throw new Error("The answer is larger than Lambda's 6 MB");
  const isHead = request.method === "HEAD";
  const statusCode = result.statusCode ?? 200;
  for (const [name, value] of Object.entries(result.headers ?? {})) {
    // The gateway counts the body itself; only a HEAD answer tells the length of a body that is not there.
    if (name.toLowerCase() !== "content-length" || isHead) response.setHeader(name, String(value));
  }
  if (result.cookies !== undefined && result.cookies.length > 0) response.setHeader("set-cookie", result.cookies);
  if (!isHead && statusCode !== 204 && statusCode !== 304) response.setHeader("content-length", body.byteLength);
  response.writeHead(statusCode);
  response.end(isHead ? undefined : body);
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (error) {
    if (isCode(error, "EADDRNOTAVAIL") || isCode(error, "ENOTFOUND") || isCode(error, "EAI_AGAIN")) {
      throw new Error(`This machine has no address ${host}. Set ON_RECORD_HOST to one of its own.`, { cause: error });
    }
    const taken = isCode(error, "EADDRINUSE");
    if (!taken && !isCode(error, "EACCES")) throw error;
    const why = taken ? "is in use" : "may not be opened by this user";
    throw new Error(`Port ${port} on ${host} ${why}. Set ON_RECORD_PORT to another one.`, { cause: error });
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cutOff = setTimeout(() => server.closeAllConnections(), MAX_CLOSE_MS);
  await closed;
  clearTimeout(cutOff);
}
