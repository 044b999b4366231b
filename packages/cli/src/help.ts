import type { ArgSpec, CommandSpec, OptionSpec, OptionSpecs } from "./args.ts";

const WIDTH_CHARS = 96;

/** Breaks a text into lines, each behind an indent. */
function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (indent.length + longer.length > WIDTH_CHARS && line !== "") {
      lines.push(indent + line);
      line = word;
    } else line = longer;
  }
  return [...lines, indent + line];
}

/** Two columns: names, and what they are. */
function table(rows: readonly (readonly [name: string, about: string])[]): string[] {
  const width = Math.min(30, Math.max(...rows.map(([name]) => name.length))) + 2;
  return rows.flatMap(([name, about]) => {
    const [first = "", ...others] = wrapped(about, " ".repeat(width + 2));
    const head = `  ${name}`;
    if (name.length > width - 2) return [head, first, ...others];
    return [head.padEnd(width + 2) + first.trimStart(), ...others];
  });
}

function argText({ name, optional, many }: ArgSpec): string {
  const shown = `<${name}>${many ? " …" : ""}`;
  return optional ? `[${shown}]` : shown;
}

function optionText(name: string, { value }: OptionSpec): string {
  return `--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** All that is told of a command. */
export function helpOf<O extends OptionSpecs>(spec: CommandSpec<O>): string {
  const { name, summary, about, args = [], options, examples, failsWhen } = spec;
  const usage = ["on-record", name, ...args.map(argText), "[options]"].join(" ");
  const paragraphs = about.split("\n\n").flatMap((paragraph) => [...wrapped(paragraph, ""), ""]);
  const shownOptions = Object.entries(options).map(([key, option]) => [optionText(key, option), option.about] as const);
  const fails = failsWhen === undefined ? "1 failed" : `1 failed, or ${failsWhen}`;
  const sections = [
    usage,
    "",
    `${summary}.`,
    "",
    ...paragraphs,
    ...(args.length === 0 ? [] : [...table(args.map((arg) => [argText(arg), arg.about])), ""]),
    "Options:",
    ...table([...shownOptions, ["--help", "this text"]]),
    "",
    "Examples:",
    ...examples.flatMap(([typed, does]) => [...wrapped(`# ${does}`, "  "), `  ${typed}`]),
    "",
    `Exit code: 0 done; ${fails}; 2 not understood.`,
  ];
  return sections.join("\n");
}

/** What is told by `on-record --help`. */
export function overview(commands: readonly { name: string; summary: string }[]): string {
  return [
    "on-record <command> [options]",
    "",
    ...wrapped(
      "The command line of On Record, an event-sourced ledger of public statements: bring statements in, take everything out, prove that nothing was altered, and look after a ledger.",
      "",
    ),
    "",
    "Commands:",
    ...table(commands.map(({ name, summary }) => [name, summary])),
    "",
    ...wrapped("on-record <command> --help tells what a command takes, with examples.", ""),
    "",
    "Which ledger:",
    ...table([
      ["--url, --token", "one that answers over HTTP; or ON_RECORD_URL and ON_RECORD_TOKEN"],
      ["--data <folder>", "the one of this machine in a folder; by default ON_RECORD_DATA, else .on-record"],
      ["--aws", "a deployed one, by its tables: ON_RECORD_EVENTS_TABLE, …, and the SDK's credentials"],
    ]),
    "",
    ...wrapped(
      "Results go to standard output; progress and errors go to standard error, progress as a bar where that is a terminal. With --json, results are JSON and there is no progress.",
      "",
    ),
    "",
    "Exit code: 0 done; 1 failed, or a difference was found; 2 not understood.",
  ].join("\n");
}
