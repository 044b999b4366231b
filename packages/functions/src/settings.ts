import { LIMITS } from "@on-record/core/limits";
import { parseSignerKey, parseVerifierKey, type Signer, type Verifier } from "@on-record/core/log/tree/keys";

/** How one setting is read: its value, or `null` when the text is not what it must be. */
interface Setting<T> {
  read: (text: string) => T | null;
  /** What the text must be, for the error. */
  form: string;
}

const KEY_BYTES = 32;

function matching(pattern: RegExp, form: string): Setting<string> {
  return { read: (text) => (pattern.test(text) ? text : null), form };
}

const tableName = matching(/^[A-Za-z0-9_.-]{3,255}$/, "a DynamoDB table's name");

const ledgerKey: Setting<Uint8Array> = {
  read(text) {
    const key = /^[\w-]+$/.test(text) ? Buffer.from(text, "base64url") : Buffer.alloc(0);
    return key.length < KEY_BYTES ? null : key;
  },
  form: `base64url of ${KEY_BYTES} bytes or more`,
};

/** Keys in C2SP's form, the one in use first; all are of one log. */
function keys<K extends { name: string }>(parse: (text: string) => K, form: string): Setting<K[]> {
  return {
    read(text) {
      try {
        const found = text.split(/[\s,]+/).filter((part) => part !== "");
        const read = found.slice(0, LIMITS.logKeysCount).map(parse);
        const [first] = read;
        return first !== undefined && found.length === read.length && read.every(({ name }) => name === first.name)
          ? read
          : null;
      } catch {
        // What it says may hold the secret.
        return null;
      }
    },
    form: `${form} of one log, separated by spaces, at most ${LIMITS.logKeysCount}`,
  };
}

const signingKeys = keys(parseSignerKey, "signer keys (PRIVATE+KEY+...)");
const verifierKeys = keys(parseVerifierKey, "verifier keys");

/** Every setting of the functions, by the environment variable that holds it. */
const SETTINGS = {
  ON_RECORD_EVENTS_TABLE: tableName,
  ON_RECORD_LOG_TABLE: tableName,
  ON_RECORD_VIEWS_TABLE: tableName,
  ON_RECORD_CONTROL_TABLE: tableName,
  ON_RECORD_BUS: matching(/^[\w./:-]{1,1600}$/, "an event bus's name or ARN"),
  ON_RECORD_LEDGER_KEY: ledgerKey,
  ON_RECORD_TOKEN: matching(/^[\x21-\x7e]{1,512}$/, "1 to 512 visible ASCII characters"),
};

/** How open the API is. Unset means closed. */
export interface Openness {
  /** `ON_RECORD_PUBLIC_READ`: whether reading takes no token. */
  publicRead: boolean;
  /** `ON_RECORD_CORS_ORIGINS`: the origins whose pages may use the API from a browser. */
  corsOrigins: readonly string[];
}

const publicRead: Setting<boolean> = {
  read: (text) => (text === "true" || text === "false" ? text === "true" : null),
  form: "true or false",
};

const corsOrigins: Setting<string[]> = {
  read(text) {
    const origins = text.split(",").map((origin) => origin.trim());
    return origins.length <= LIMITS.corsOriginsCount && origins.every(isOrigin) ? origins : null;
  },
  form: `origins such as https://desk.example, separated by commas, at most ${LIMITS.corsOriginsCount}`,
};

/** As a browser writes it: no path, no default port, no `*`, no `null`. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/** Reads what opens the API. Throws an error that names what is malformed. */
export function opennessOf(environment: Readonly<Record<string, string | undefined>>): Openness {
  const problems: string[] = [];
  function take<V>(name: string, { read, form }: Setting<V>, absent: V): V {
    const text = environment[name];
    if (text === undefined || text === "") return absent;
    const value = read(text);
    if (value === null) problems.push(`${name} must be ${form}`);
    return value ?? absent;
  }
  const openness = {
    publicRead: take("ON_RECORD_PUBLIC_READ", publicRead, false),
    corsOrigins: take("ON_RECORD_CORS_ORIGINS", corsOrigins, []),
  };
  refuseProblems(problems);
  return openness;
}

type TextName = Exclude<keyof typeof SETTINGS, "ON_RECORD_LEDGER_KEY">;

/** Reads settings, and remembers everything that was wrong with them. */
export interface SettingsReader {
  text: (name: TextName) => string;
  key: (name: "ON_RECORD_LEDGER_KEY") => Uint8Array;
  signers: (name: "ON_RECORD_LOG_SIGNING_KEYS") => Signer[];
  verifiers: (name: "ON_RECORD_LOG_VERIFIER_KEYS") => Verifier[];
}

/**
 * What a function makes of its settings. Throws one error that names every setting missing or malformed, but none of
 * their values: they may be secret.
 *
 * @param environment is `process.env`, or what stands for it in a test.
 */
export function withSettings<T extends object>(
  environment: Readonly<Record<string, string | undefined>>,
  pick: (reader: SettingsReader) => T,
): T {
  const problems: string[] = [];
  function take<V>(name: string, { read, form }: Setting<V>, absent: V): V {
    const text = environment[name];
    const value = text === undefined || text === "" ? null : read(text);
    if (value === null) problems.push(text ? `${name} must be ${form}` : `${name} is not set`);
    return value ?? absent;
  }
  const settings = pick({
    text: (name) => take(name, SETTINGS[name], ""),
    key: (name) => take(name, SETTINGS[name], new Uint8Array()),
    signers: (name) => take(name, signingKeys, []),
    verifiers: (name) => take(name, verifierKeys, []),
  });
  refuseProblems(problems);
  return settings;
}

function refuseProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`On Record cannot start: ${problems.join("; ")}.`);
}
