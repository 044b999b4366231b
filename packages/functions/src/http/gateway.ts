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
  const headers = new Headers();
  try {
    for (const [name, value] of Object.entries(event.headers)) {
      // A header holds bytes; the gateway may hand over any character.
      if (value !== undefined) headers.set(name, /^[\0-\x7f]*$/.test(value) ? value : encodeURIComponent(value));
    }
    return new Request(`https://${domainName}${event.rawPath}${query}`, {
      method: http.method,
      headers,
      ...bodyOf(event, headers),
    });
  } catch (error) {
    if (error instanceof TypeError || error instanceof URIError) return null;
    throw error;
  }
}

/** The body's bytes and their true number. `Request` knows no body of a GET or HEAD, and none would say anything. */
function bodyOf({ body, isBase64Encoded, requestContext }: APIGatewayProxyEventV2, headers: Headers): RequestInit {
  const { method } = requestContext.http;
  if (body === undefined || method === "GET" || method === "HEAD") return {};
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  headers.set("content-length", String(bytes.length));
  return { body: bytes };
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
