import { command } from "../args.ts";
import { listCommand, redriveCommand, type DeadLetterOptions } from "../dead-letters.ts";
import { DONE, type Io } from "../io.ts";
import { dataFolder, HTTP_OPTIONS, JSON_OPTION } from "../ledger.ts";
import { say } from "../text.ts";
import type { Queues } from "@on-record/local/queues";

const OPTIONS = {
  data: HTTP_OPTIONS.data,
  queue: { type: "string", value: "<name>", about: "one queue only, such as projection or stream/sequence" },
  ...JSON_OPTION,
} as const;

function scopeOf({ queue, json }: { queue: string | undefined; json: boolean }): DeadLetterOptions {
  return { json, ...(queue !== undefined && { queue }) };
}

async function withQueues<T>(io: Io, data: string | undefined, work: (queues: Queues) => Promise<T>): Promise<T> {
  const { openQueuesOf } = await import("@on-record/local/running");
  const { queues, close } = await openQueuesOf(dataFolder(io, data));
  try {
    return await work(queues);
  } finally {
    await close();
  }
}

/** `on-record dead-letters list`. */
export const listDeadLetters = command({
  name: "dead-letters list",
  summary: "Show what this machine's ledger gave up after its retries",
  about:
    "Messages of queues, and records of streams, that failed again and again were laid aside so that others could pass. They are kept. The ledger may be running or not.",
  options: OPTIONS,
  examples: [
    ["on-record dead-letters list", "Everything that was given up, and why"],
    ["on-record dead-letters list --queue projection --json", "One queue's, for a program"],
  ],
  async run({ values }, io) {
    await say(io.out, await withQueues(io, values.data, (queues) => listCommand(queues, scopeOf(values))));
    return DONE;
  },
});

/** `on-record dead-letters redrive`. */
export const redriveDeadLetters = command({
  name: "dead-letters redrive",
  summary: "Send dead letters again",
  about:
    "Mend first what they failed for. They count as new to the retries, and what fails again comes back to the dead letters. The ledger may be running or not.",
  args: [{ name: "ids", about: "which ones; all unless named", optional: true, many: true }],
  options: OPTIONS,
  examples: [
    ["on-record dead-letters redrive", "Send all of them again"],
    ["on-record dead-letters redrive --queue projection", "Those of one queue"],
  ],
  async run({ values, rest }, io) {
    const ids = rest("ids");
    const asked = { ...scopeOf(values), ...(ids.length > 0 && { ids }) };
    await say(io.out, await withQueues(io, values.data, (queues) => redriveCommand(queues, asked)));
    return DONE;
  },
});
