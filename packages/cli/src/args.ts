import { parseArgs } from "node:util";
import { UsageError, type Io } from "./io.ts";
import { helpOf } from "./help.ts";

/** An option, as it is typed and as it is told of. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** It may be given more than once. */
  readonly multiple?: true;
  /** What stands behind it, as help shows it: `<folder>`. */
  readonly value?: string;
  readonly about: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What stands without a name. */
export interface ArgSpec {
  readonly name: string;
  readonly about: string;
  readonly optional?: true;
  /** All that are left. */
  readonly many?: true;
}

/** The options as they were given. */
export type Values<O extends OptionSpecs> = {
  [K in keyof O]: O[K] extends { type: "boolean" }
    ? boolean
    : O[K] extends { multiple: true }
      ? string[]
      : string | undefined;
};

/** What a command was asked. */
export interface Asked<O extends OptionSpecs> {
  values: Values<O>;
  /** What stands in the place of that name; empty where nothing does. */
  arg: (name: string) => string;
  rest: (name: string) => string[];
}

/** A command: what is told of it, what it takes, and what it does. */
export interface CommandSpec<O extends OptionSpecs> {
  /** As it is typed: `tokens create`. */
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What somebody has to know who has never used it. */
  readonly about: string;
  readonly args?: readonly ArgSpec[];
  readonly options: O;
  /** What exit code 1 says of this command, beside that it failed. */
  readonly failsWhen?: string;
  /** What to type, and what it does. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
  /** Gives the exit code. */
  readonly run: (asked: Asked<O>, io: Io) => Promise<number>;
}

/** A command whose options nobody else needs to know. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  readonly run: (argv: readonly string[], io: Io) => Promise<number>;
}

/** A command, ready to be called with what was typed behind its name. */
export function command<const O extends OptionSpecs>(spec: CommandSpec<O>): Command {
  const help = helpOf(spec);
  return {
    name: spec.name,
    summary: spec.summary,
    help,
    async run(argv, io) {
      const asked = read(spec, argv);
      return spec.run(asked, io);
    },
  };
}

function read<O extends OptionSpecs>(spec: CommandSpec<O>, argv: readonly string[]): Asked<O> {
  const { name, args = [], options } = spec;
  const parsed = typed(name, options, argv);
  const positionals = [...parsed.positionals];
  const found = new Map<string, string[]>();
  for (const arg of args) {
    const given = arg.many ? positionals.splice(0) : positionals.splice(0, 1);
    if (given.length === 0 && !arg.optional)
      throw new UsageError(`on-record ${name} needs <${arg.name}>: ${arg.about}`);
    found.set(arg.name, given);
  }
  const [surplus] = positionals;
  if (surplus !== undefined) throw new UsageError(`on-record ${name} does not know what to do with "${surplus}"`);
  return {
    values: valuesOf(options, parsed.values),
    arg: (wanted) => found.get(wanted)?.[0] ?? "",
    rest: (wanted) => found.get(wanted) ?? [],
  };
}

function typed(name: string, options: OptionSpecs, argv: readonly string[]) {
  try {
    const config = Object.fromEntries(
      Object.entries(options).map(([key, { type, multiple }]) => [key, { type, multiple: multiple === true }]),
    );
    return parseArgs({ args: [...argv], options: config, allowPositionals: true });
  } catch (error) {
    // Only what was typed can be at fault.
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UsageError(`on-record ${name}: ${reason}`, { cause: error });
  }
}

function valuesOf<O extends OptionSpecs>(options: O, given: Readonly<Record<string, unknown>>): Values<O> {
  const values = Object.entries(options).map(([key, { type, multiple }]) => {
    const absent = type === "boolean" ? false : multiple ? [] : undefined;
    return [key, given[key] ?? absent];
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- made option by option, as the type says
  return Object.fromEntries(values) as Values<O>;
}

/** A whole number that was typed. */
export function wholeNumber(text: string, what: string, { min = 0, max = Number.MAX_SAFE_INTEGER } = {}): number {
  const number = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  const bound = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`;
  throw new UsageError(`${what} must be a whole number, ${bound}, not "${text}"`);
}

/** One of a few words that was typed. */
export function oneOf<const W extends string>(text: string, words: readonly W[], what: string): W {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new UsageError(`${what} must be ${words.join(" or ")}, not "${text}"`);
  return found;
}
