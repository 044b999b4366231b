import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { APIGatewayProxyEventV2 } from "aws-lambda";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * A request as API Gateway's HTTP API hands it to Lambda (payload 2.0): cookies apart from the other headers, repeated
 * headers and query keys joined by commas, the path still percent-encoded, the body base64 unless it is text.
 *
 * @param authority the address that the front listens on. Not the Host header: a client must not choose the API's name.
 */
export function apiGatewayEvent(request: IncomingMessage, body: Buffer, authority: string): APIGatewayProxyEventV2 {
  const { path, query } = splitTarget(request.url ?? "/");
  const { headers, cookies } = splitHeaders(request.rawHeaders);
  const now = new Date();
  const isText = isUtf8(body);
  const parameters = queryParameters(query);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers,
    ...(parameters !== undefined && { queryStringParameters: parameters }),
    requestContext: {
      accountId: "000000000000",
      apiId: "local",
      domainName: authority,
      domainPrefix: "local",
      http: {
        method: request.method ?? "GET",
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: (request.socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: "$default",
      stage: "$default",
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.byteLength > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: !isText,
  };
}

function splitTarget(target: string): { path: string; query: string } {
  // Proxies send the absolute form, and `OPTIONS *` has no path at all.
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const mark = local.indexOf("?");
  const path = mark === -1 ? local : local.slice(0, mark);
  return { path: path.startsWith("/") ? path : "/", query: mark === -1 ? "" : local.slice(mark + 1) };
}

function splitHeaders(raw: readonly string[]): { headers: Record<string, string>; cookies: string[] } {
  const headers = new Map<string, string>();
  const cookies: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    const value = raw[index + 1] ?? "";
    if (name === "cookie") cookies.push(...value.split(/;\s*/).filter((cookie) => cookie !== ""));
    else addTo(headers, name, value);
  }
  return { headers: Object.fromEntries(headers), cookies };
}

function queryParameters(query: string): Record<string, string> | undefined {
  if (query === "") return undefined;
  const parameters = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(query)) addTo(parameters, key, value);
  return Object.fromEntries(parameters);
}

function addTo(values: Map<string, string>, key: string, value: string): void {
  const earlier = values.get(key);
  values.set(key, earlier === undefined ? value : `${earlier},${value}`);
}

/** As in `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(at: Date): string {
  const iso = at.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[at.getUTCMonth()] ?? ""}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
