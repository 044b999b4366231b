import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { LedgerError } from "@on-record/core/errors";
import { refusal } from "./refusal.ts";

/** Whatever answers requests: a Hono app. */
interface Fetcher {
  fetch(request: Request): Promise<Response> | Response;
}

/** What is no text: the gateway takes it in base64 only. */
const BINARY = new Set(["application/octet-stream"]);

/**
 * Answers one API Gateway event (payload 2.0). Hono's own adapter does the same, but answers a GET that has a body, or
 * a path that is no URL, with a text of its own instead of problem details.
 */
export async function answerGateway(
  app: Fetcher,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const request = requestOf(event);
  const response = request === null ? unusable(event) : await app.fetch(request);
  const isBase64Encoded = BINARY.has(response.headers.get("content-type") ?? "");
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: isBase64Encoded ? Buffer.from(await response.arrayBuffer()).toString("base64") : await response.text(),
    isBase64Encoded,
  };
}

/** `null` for what `fetch` knows no request for. Only that is the caller's fault: each step catches its own. */
function requestOf(event: APIGatewayProxyEventV2): Request | null {
  const { method } = event.requestContext.http;
  const url = urlOf(event);
  const headers = headersOf(event);
  const bytes = bytesOf(event);
  if (url === null || headers === null) return null;
  if (bytes !== null) headers.set("content-length", String(bytes.length));
  if (bytes !== null && BODIED.has(method)) return heldRequest(url, method, headers, bytes);
  return orNull(() => new Request(url, { method, headers, ...(bytes !== null && { body: bytes }) }));
}

function urlOf({ requestContext, rawPath, rawQueryString }: APIGatewayProxyEventV2): URL | null {
  // A path may have come unescaped: what is in it does not end it.
  const path = rawPath.replaceAll(/[?#]/g, encodeURIComponent);
  const query = rawQueryString === "" ? "" : `?${rawQueryString.replaceAll("#", "%23")}`;
  return orNull(() => new URL(`https://${requestContext.domainName}${path}${query}`));
}

/** A header holds bytes, which `Headers` takes as Latin-1; the gateway may hand over any character. */
function headersOf({ headers: given }: APIGatewayProxyEventV2): Headers | null {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const bytes = /^[\0-\x7f]*$/.test(value) ? value : Buffer.from(value).toString("latin1");
    if (orNull(() => headers.set(name, bytes)) === null) return null;
  }
  return headers;
}

/** `null` where the platform has it that this is no URL, no header or no method. */
function orNull<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** The body's bytes. `Request` knows no body of a GET or HEAD, and none would say anything. */
function bytesOf({ body, isBase64Encoded, requestContext }: APIGatewayProxyEventV2): Buffer<ArrayBuffer> | null {
  const { method } = requestContext.http;
  if (body === undefined || method === "GET" || method === "HEAD") return null;
  return Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
}

/** Written so, `Request` takes them as they are. */
const BODIED = new Set(["DELETE", "PATCH", "POST", "PUT"]);

/**
 * A request whose body is at hand. `new Request` makes a stream and an abort signal for each, which live as long as
 * the request: a sixth of what recording a statement costs. What the API does not ask of a request is not there.
 */
function heldRequest(url: URL, method: string, headers: Headers, bytes: Buffer<ArrayBuffer>): Request {
  // oxlint-disable-next-line typescript/no-unsafe-return -- Object.create has no type of its own.
  return Object.create(Request.prototype, {
    method: { value: method },
    url: { value: url.href },
    headers: { value: headers },
    arrayBuffer: { value: async () => bytes },
  });
}

function unusable({ headers, requestContext }: APIGatewayProxyEventV2): Response {
  const message = "the method, the path or a header is not one that HTTP allows";
  const error = new LedgerError("invalid_request", message);
  return refusal(error, { requestId: requestContext.requestId, forwardedProto: headers["x-forwarded-proto"] });
}
