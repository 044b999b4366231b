import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { FAILED, type Sink } from "./io.ts";
import { run } from "./run.ts";

/** A stream of the process. A pipe whose reader has gone is no error: what is written to it goes nowhere. */
function sinkOf(stream: NodeJS.WriteStream): Sink {
  let closed = false;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    closed = true;
  });
  return {
    isTTY: stream.isTTY,
    get closed() {
      return closed;
    },
    async write(text) {
      if (closed || stream.write(text)) return;
      await drained(stream);
    },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    const ends = ["drain", "error", "close"];
    const done = () => {
      for (const end of ends) stream.off(end, done);
      resolve();
    };
    for (const end of ends) stream.once(end, done);
  });
}

/** Ends when everything was handed over: a process that is ended does not write the rest. */
async function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => stream.write("", () => resolve()));
}

const interrupt = new AbortController();
const stop = () => {
  // Who asks twice does not want to wait.
  if (interrupt.signal.aborted) process.exit(FAILED);
  interrupt.abort(new Error("interrupted"));
};
process.on("SIGINT", stop);
process.on("SIGTERM", stop);

const code = await run(process.argv.slice(2), {
  out: sinkOf(process.stdout),
  err: sinkOf(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  home: homedir(),
  fetch: (url, init) => fetch(url, init),
  clock: Date.now,
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
  random: randomBytes,
  signal: interrupt.signal,
});
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// Sockets that are kept alive would keep the process, too.
process.exit(code);
