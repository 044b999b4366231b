import { fork } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { TOKEN } from "./place.ts";
import type { Sent } from "./statement.ts";

export interface Host {
  post(sent: Sent): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the API in a process of its own, and keeps connections to it. */
export async function startHost(clients: number): Promise<Host> {
  const child = fork(fileURLToPath(new URL("host.mjs", import.meta.url)));
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => (typeof message === "string" ? resolve(message) : undefined));
    child.once("exit", () => reject(new Error("the host did not start")));
  });
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  return {
    post: ({ method, path, key, body }) =>
      new Promise((resolve, reject) => {
        const text = JSON.stringify(body);
        const headers = {
          authorization: `Bearer ${TOKEN}`,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
          "idempotency-key": `${key}-http`,
        };
        const sent = request(`${url}${path}`, { method, agent, headers }, (response) => {
          response.resume().once("end", () => {
            if (response.statusCode === 201) resolve();
            else reject(new Error(`${path} answered ${response.statusCode ?? 0}`));
          });
        });
        sent.once("error", reject).end(text);
      }),
    async stop() {
      agent.destroy();
      child.disconnect();
      await once(child, "exit");
    },
  };
}
