import { maxHeaderSize, STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { randomUUID } from "node:crypto";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { LedgerError } from "@on-record/core/errors";
import { refusal } from "@on-record/functions/http/refusal";
import { isCode } from "./engine-processes.ts";

/** How long a connection that was refused is kept for its client to read why. */
const MAX_LINGER_MS = 1_000;

/** A refusal by the front itself: problem details like those of the API, as a handler would give them. */
export async function refusedBy(
  error: unknown,
  requestId: string = randomUUID(),
): Promise<APIGatewayProxyStructuredResultV2> {
  const response = refusal(error, { requestId });
  return { statusCode: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

const refused = new WeakSet<Duplex>();

/** Why Node gave up on a connection. */
function reasonOf(error: Error): LedgerError {
  if (isCode(error, "ERR_HTTP_REQUEST_TIMEOUT")) {
    return new LedgerError("request_timeout", "the request did not arrive in time");
  }
  if (isCode(error, "HPE_HEADER_OVERFLOW")) {
    const message = `the request's headers are larger than ${maxHeaderSize} bytes`;
    return new LedgerError("headers_too_large", message, { details: { limitBytes: maxHeaderSize } });
  }
  return new LedgerError("invalid_request", "what was sent is no HTTP request");
}

/**
 * Answers a connection on which no request can be read any more, and ends it.
 *
 * @param response what is on its way on this connection: once begun, nothing can be said any more.
 */
export async function refuseConnection(error: Error, socket: Duplex, response?: ServerResponse): Promise<void> {
  // What else is wrong with the rest that it sends makes no difference.
  if (refused.has(socket)) return;
  refused.add(socket);
  const isMidway = response !== undefined && response.headersSent && !response.writableFinished;
  if (!socket.writable || isMidway || isCode(error, "ECONNRESET")) return void socket.destroy(error);
  const { statusCode = 400, headers = {}, body = "" } = await refusedBy(reasonOf(error));
  const all = { ...headers, "content-length": Buffer.byteLength(body), connection: "close" };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const linger = setTimeout(() => socket.destroy(), MAX_LINGER_MS);
  socket.once("close", () => clearTimeout(linger));
  socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n${body}`);
}
