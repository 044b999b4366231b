import { TOKEN_VALUES } from "@on-record/core/access/token-value";

/** What a line of the log may carry beside its message. Never tokens, never what anybody said. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The one log of the functions: a JSON object a line. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that hands each line, without its line break, to `write`: standard output unless told. */
export function createLogger(write: (line: string) => void = toStandardOutput): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) => {
      const entry = { level, time: new Date().toISOString(), message, ...fields };
      const line = JSON.stringify(entry, (_key, value: unknown) => (value instanceof Error ? factsOf(value) : value));
      // Somebody may have put one into a path: what is logged of it opens nothing.
      write(line.replaceAll(TOKEN_VALUES, "or_…"));
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function toStandardOutput(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** An error with its causes; what else an error object carries (requests, responses) stays out. */
function factsOf(error: Error): object {
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause instanceof Error && { cause: factsOf(cause) }) };
}
