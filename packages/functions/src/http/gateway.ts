import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { addHeaders } from "./headers.ts";

/** Whatever answers requests: a Hono app. */
interface Fetcher {
  fetch(request: Request): Promise<Response> | Response;
}

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
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    isBase64Encoded: false,
  };
}

function requestOf(event: APIGatewayProxyEventV2): Request | null {
  const { domainName, http } = event.requestContext;
  const query = event.rawQueryString === "" ? "" : `?${event.rawQueryString}`;
  const url = `https://${domainName}${event.rawPath}${query}`;
  const headers = new Headers();
  try {
    for (const [name, value] of Object.entries(event.headers)) {
      // A header holds bytes; the gateway may hand over any character.
      if (value !== undefined) headers.set(name, /^[\0-\x7f]*$/.test(value) ? value : encodeURIComponent(value));
    }
    const bytes = bytesOf(event);
    if (bytes === null) return new Request(url, { method: http.method, headers });
    headers.set("content-length", String(bytes.length));
    return BODIED.has(http.method)
      ? heldRequest(new URL(url), http.method, headers, bytes)
      : new Request(url, { method: http.method, headers, body: bytes });
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return null;
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
  if (url.username !== "" || url.password !== "") throw new TypeError("a request's URL holds no credentials");
  // oxlint-disable-next-line typescript/no-unsafe-return -- Object.create has no type of its own.
  return Object.create(Request.prototype, {
    method: { value: method },
    url: { value: url.href },
    headers: { value: headers },
    arrayBuffer: { value: async () => bytes },
  });
}

function unusable({ headers }: APIGatewayProxyEventV2): Response {
  const problem = {
    type: "urn:on-record:problem:invalid_request",
    code: "invalid_request",
    title: "Invalid request",
    status: 400,
    detail: "the method, the path or a header is not one that HTTP allows",
  };
  const response = new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json" },
  });
  addHeaders(response.headers, headers["x-forwarded-proto"]);
  return response;
}
