import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/**
 * Below every system's range of ephemeral ports: while the engine is down for a moment, no outgoing connection (not
 * even a retry of our own to this very port) can be given its port.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const MAX_TRIES = 50;

/** A loopback port that is free now; random, so that web pages cannot guess it. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found on 127.0.0.1 between ${LOWEST} and ${HIGHEST}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
