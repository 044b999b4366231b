import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type OnRecordClient } from "@on-record/client";
import { forgetOtherLedgers } from "./throwaway.ts";

/** Runs `use` with a second throwaway ledger, whose data lies in `folder`, and ends that. */
export async function withSecondLedger(folder: string, use: (api: OnRecordClient) => Promise<void>): Promise<void> {
  const data = join(folder, "second");
  mkdirSync(data);
  // The first ledger has told its handlers, by the environment, where everything is: that is not for this one.
  const env = { ...process.env };
  forgetOtherLedgers(env);
  const script = fileURLToPath(new URL("second-ledger.ts", import.meta.url));
  const execArgv = ["--import", import.meta.resolve("tsx")];
  const child = fork(script, [data], { env, execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  try {
    const told = await Promise.race([once(child, "message"), exited.then(() => undefined)]);
    if (told === undefined) throw new Error("the second ledger could not be started");
    const { url, token } = addressIn(told[0]);
    await use(createClient({ url, token }));
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}

function addressIn(message: unknown): { url: string; token: string } {
  const isAddress = (value: unknown): value is { url: string; token: string } =>
    typeof value === "object" && value !== null && "url" in value && "token" in value;
  if (isAddress(message)) return message;
  throw new Error("the second ledger did not tell its address");
}
