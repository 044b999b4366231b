import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { once } from "node:events";
import { createServer, request as send, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A way to a store on which answers get lost. */
export interface LosingProxy {
  endpoint: string;
  lostCount: () => number;
}

/** Until the test ends: hands every call on to the store, and of the answers that `mayLose` names loses each third. */
export async function startLosingProxy(
  store: DynamoDBClient,
  mayLose: (request: IncomingMessage) => boolean,
): Promise<LosingProxy> {
  const target = await store.config.endpoint?.();
  if (target === undefined) throw new Error("the store's endpoint is not set");
  let countedCount = 0;
  let lostCount = 0;
  const server = createServer((request, response) => {
    const { method, headers } = request;
    const onward = send({ host: target.hostname, port: target.port, method, headers, path: "/" }, (answer) => {
      if (mayLose(request) && ++countedCount % 3 === 0) {
        lostCount += 1;
        answer.resume();
        return void request.socket.destroy();
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      return void answer.pipe(response);
    });
    onward.once("error", () => request.socket.destroy());
    request.pipe(onward);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  return { endpoint: `http://127.0.0.1:${port}`, lostCount: () => lostCount };
}
