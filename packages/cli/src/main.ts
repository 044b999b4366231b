import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { openQueuesOf } from "@on-record/local/running";
import { listCommand, redriveCommand } from "./dead-letters.ts";

const HELP = `Usage: on-record dead-letters <list|redrive> [ids …] [options]

What the one-machine ledger gave up after its retries: shows it, or sends it again.

  --data <folder>   the ledger's folder (default: ON_RECORD_DATA, else .on-record)
  --queue <name>    one queue only, such as projection or stream/sequence
  --json            for programs
  --help            this text

The ledger may be running or not. Exit code: 0 done, 1 failed, 2 not understood.`;

class UsageError extends Error {}

async function run(args: string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      data: { type: "string", default: process.env["ON_RECORD_DATA"] || ".on-record" },
      queue: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [noun, verb, ...ids] = positionals;
  if (values.help || noun === undefined) return HELP;
  if (noun !== "dead-letters" || (verb !== "list" && verb !== "redrive")) {
    throw new UsageError(`"${positionals.join(" ")}" is not a command.\n\n${HELP}`);
  }
  const scope = { json: values.json, ...(values.queue !== undefined && { queue: values.queue }) };
  const { queues, close } = await openQueuesOf(resolve(values.data));
  try {
    if (verb === "list") return await listCommand(queues, scope);
    return await redriveCommand(queues, { ...scope, ...(ids.length > 0 && { ids }) });
  } finally {
    await close();
  }
}

try {
  console.log(await run(process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`on-record: ${message}`);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  process.exit(error instanceof UsageError || code.startsWith("ERR_PARSE_ARGS") ? 2 : 1);
}
