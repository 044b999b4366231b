import { isUtf8 } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import { answerGateway } from "@on-record/functions/http/gateway";
import { startFront } from "@on-record/local/http-front";
import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type { Got, Sent } from "./pools.ts";
import type { World } from "./world.ts";

/** Sends a request; `null` where the transport has no way to say it. */
export type Transport = (sent: Sent) => Promise<Got | null>;

const targetOf = ({ path, query }: Sent) => (query === "" ? path : `${path}?${query}`);

/** The app itself, with requests as `fetch` makes them. */
export function overApp({ appAt }: World): Transport {
  return async (sent) => {
    const { method, headers, body } = sent;
    let request: Request;
    try {
      const url = `http://api.example${targetOf(sent)}`;
      request = new Request(url, { method, headers, ...(body !== undefined && { body }) });
    } catch {
      return null;
    }
    const response = await appAt(new URL(request.url).pathname).fetch(request);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
}

/** A request as API Gateway hands it to Lambda. */
function eventOf({ method, path, query, headers, body }: Sent): APIGatewayProxyEventV2 {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  const bytes = Buffer.from(body ?? "");
  const isText = isUtf8(bytes);
  const context = { domainName: "api.example", requestId: "of-the-gateway", http: { method, path } };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: Object.fromEntries(joined),
    requestContext: context as APIGatewayProxyEventV2["requestContext"],
    ...(body !== undefined && { body: bytes.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: !isText,
  };
}

/** The handlers, with events as Lambda gets them. */
export function overGateway({ appAt }: World): Transport {
  return async (sent) => {
    const answer = await answerGateway(appAt(sent.path), eventOf(sent));
    const { statusCode = 0, headers, body = "", isBase64Encoded = false } = answer;
    const text = Buffer.from(body, isBase64Encoded ? "base64" : "utf8").toString();
    return { status: statusCode, headers: new Headers(headers as Record<string, string>), text };
  };
}

/** The bytes of a request, right or wrong. */
function bytesOf(sent: Sent): Buffer {
  const { method, headers, body } = sent;
  const isMeasured = headers.some(([name]) => name === "content-length");
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = body === undefined || isMeasured ? "" : `content-length: ${body.length}\r\n`;
  const head = Buffer.from(`${lines}${length}connection: close\r\n\r\n`, "latin1");
  return Buffer.concat([
    Buffer.from(`${method} ${targetOf(sent)} HTTP/1.1\r\nhost: a\r\n`),
    head,
    body ?? Buffer.alloc(0),
  ]);
}

function gotFrom(received: Buffer): Got {
  const end = received.indexOf("\r\n\r\n");
  const [line = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const headers = new Headers(
    lines.map((each) => [each.slice(0, each.indexOf(":")), each.slice(each.indexOf(":") + 1)]),
  );
  const length = Number(headers.get("content-length") ?? 0);
  const text = received.subarray(end + 4, end + 4 + length).toString();
  return { status: Number(line.split(" ")[1]), headers, text };
}

/** The one-machine ledger's front, byte for byte. A request of which bytes are missing is given up soon. */
export async function overSockets({ appAt }: World, requestTimeoutMs = 100) {
  const logged: string[] = [];
  const front = await startFront({
    host: "127.0.0.1",
    port: 0,
    handler: (event) => answerGateway(appAt(event.rawPath), event),
    log: (message, error) => void logged.push(`${message} ${String(error)}`),
    requestTimeoutMs,
  });
  const send: Transport = async (sent) => {
    const socket = connect(front.port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    // The front may end the connection while it is still sent to.
    socket.on("error", () => undefined);
    socket.write(bytesOf(sent));
    await once(socket, "close");
    return gotFrom(Buffer.concat(chunks));
  };
  return { send, logged, close: () => front.close() };
}
