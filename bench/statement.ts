import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { TOKEN } from "./place.ts";

export const ACTOR = "donald-trump";
export const PROPOSITION = "us-ground-troops-in-ukraine";

export interface Sent {
  method: "POST" | "PUT";
  path: string;
  key: string;
  body: object;
}

/** What has to be there before statements. */
export const REGISTRY: readonly Sent[] = [
  { method: "PUT", path: `/v1/actors/${ACTOR}`, key: "actor", body: { name: "Donald Trump", kind: "person" } },
  {
    method: "PUT",
    path: `/v1/propositions/${PROPOSITION}`,
    key: "proposition",
    body: { wording: "The United States deploys ground troops in Ukraine" },
  },
];

const FIRST_MS = Date.UTC(1990, 0, 1);
/** So far apart that none is similar to another: looking for similar ones then costs one query. */
const APART_MS = 10 * 86_400_000;
const SPAN_MS = 30 * 365 * 86_400_000;

/** The nth statement: its event is an item of 0.85 KB, of which 0.55 KB are what was said. */
export function statementOf(n: number): Sent {
  const saidAt = new Date(FIRST_MS + ((n * APART_MS) % SPAN_MS) + n).toISOString();
  const assessment = {
    proposition: PROPOSITION,
    stance: "ruled_out",
    evidence: { start: 3, end: 11 },
    cue: "will not",
  };
  return {
    method: "POST",
    path: "/v1/statements",
    key: `statement-${n}`,
    body: {
      speaker: ACTOR,
      text: `We will not place ground troops in Ukraine. You have my assurance (${n}).`,
      saidAt,
      report: { publisher: "Fox News", url: `https://news.example/story/${n}` },
      assessments: [assessment],
    },
  };
}

/** The request as API Gateway hands it to the function, with more headers than it has anyway. */
export function gatewayEvent(
  { method, path, key, body }: Sent,
  headers: Record<string, string> = {},
): APIGatewayProxyEventV2 {
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "bench" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      "idempotency-key": key,
      ...headers,
    },
    requestContext: {
      accountId: "000000000000",
      apiId: "bench",
      domainName: "api.example",
      domainPrefix: "api",
      http,
      requestId: key,
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    isBase64Encoded: false,
    body: JSON.stringify(body),
  };
}
