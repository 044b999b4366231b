import { LedgerError } from "@on-record/core/errors";
import { COMMANDS } from "./commands/all.ts";
import type { Command } from "./args.ts";
import { DONE, FAILED, NOT_UNDERSTOOD, UsageError, type Io } from "./io.ts";
import { overview } from "./help.ts";
import { CLEAR_LINE } from "./progress.ts";
import { messageOf, say } from "./text.ts";

/** Commands whose names are two words. */
const GROUPS = new Set(COMMANDS.filter(({ name }) => name.includes(" ")).map(({ name }) => name.split(" ")[0]));

/** The command that was typed, and what stands behind its name. */
function find(argv: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  for (const length of [2, 1]) {
    const name = argv.slice(0, length).join(" ");
    const command = COMMANDS.find((each) => each.name === name);
    if (command !== undefined) return { command, rest: argv.slice(length) };
  }
  return undefined;
}

function unknown(argv: readonly string[]): UsageError {
  const [first = ""] = argv;
  if (!GROUPS.has(first)) return new UsageError(`"${first}" is not a command: see on-record --help`);
  const names = COMMANDS.filter(({ name }) => name.startsWith(`${first} `)).map(({ name }) => name);
  return new UsageError(
    `"${argv.slice(0, 2).join(" ")}" is not a command, but ${names.join(", ")} ${names.length === 1 ? "is" : "are"}`,
  );
}

/** Whether help was asked for: `--` ends the options. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const found = find(argv);
  const wantsHelp = asksForHelp(argv);
  if (found !== undefined && !wantsHelp) return found.command.run(found.rest, io);
  if (found === undefined && !wantsHelp && argv.length > 0) throw unknown(argv);
  const group =
    found === undefined && GROUPS.has(argv[0]) ? COMMANDS.filter(({ name }) => name.startsWith(`${argv[0]} `)) : [];
  const text =
    found?.command.help ?? (group.length > 0 ? group.map(({ help }) => help).join("\n\n\n") : overview(COMMANDS));
  await say(io.out, text);
  return DONE;
}

/** What to tell of an error: causes say more of what the platform or the store said. */
function told(error: unknown): string {
  const cause = error instanceof LedgerError && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
  return messageOf(error) + cause;
}

/** Does what was typed behind `on-record`, and gives the exit code. Never throws. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    // A bar may still stand there.
    if (io.err.isTTY) await io.err.write(CLEAR_LINE);
    if (io.signal.aborted) await say(io.err, "on-record: ended before it was done");
    else await say(io.err, `on-record: ${told(error)}`);
    return error instanceof UsageError ? NOT_UNDERSTOOD : FAILED;
  }
}
