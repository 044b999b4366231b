import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import { onTestFinished } from "vitest";

/** A request as it came over the wire, and the connection that it came on. */
export interface RawRequest {
  head: string;
  body: string;
  /** Counts connections from 1. */
  connection: number;
  socket: Socket;
}

/** A service that answers with whatever bytes a test wants. */
export interface RawService {
  port: number;
  requests: RawRequest[];
  connectionsCount: () => number;
}

/** An answer of HTTP/1.1 that says how long it is. */
export function rawAnswer(body: string, headers = "", status = "200 OK"): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
}

/** Starts one for the running test. `answer` gets each whole request, the nth (from 1), and writes to its socket. */
export async function startRawService(
  answer: (request: RawRequest, nth: number) => void,
  { host = "127.0.0.1", tls }: { host?: string; tls?: TlsOptions } = {},
): Promise<RawService> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let connectionsCount = 0;
  const serve = (socket: Socket) => {
    sockets.add(socket);
    connectionsCount += 1;
    const connection = connectionsCount;
    let text = "";
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (let taken = take(text); taken !== undefined; taken = take(text)) {
        text = taken.rest;
        const request = { head: taken.head, body: taken.body, connection, socket };
        requests.push(request);
        answer(request, requests.length);
      }
    });
  };
  const server: Server =
    tls === undefined ? createServer(serve) : createSecureServer(tls, serve).on("tlsClientError", () => {});
  server.listen(0, host);
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { port, requests, connectionsCount: () => connectionsCount };
}

function take(text: string): { head: string; body: string; rest: string } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const bytes = Buffer.from(text.slice(end + 4));
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  if (bytes.length < length) return undefined;
  return { head, body: bytes.toString("utf8", 0, length), rest: bytes.toString("utf8", length) };
}
