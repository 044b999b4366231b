import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DATABASE_FILE } from "./engine-files.ts";
import { isCode } from "./engine-processes.ts";
import { formatSignerKey, formatVerifierKey, parseSignerKey } from "@on-record/core/log/tree/keys";

/** What the one-machine ledger is told by its environment. */
export interface LocalSettings {
  host: string;
  port: number;
  /** Everything durable is in it. */
  folder: string;
  /** The admin token's value. */
  token: string;
  /** base64url; ids are keyed with it, so it stays with the data. */
  ledgerKey: string;
  /** The keys that checkpoints of the log are signed with, and those that they are checked with; a line each. */
  logSigningKeys: string;
  logVerifierKeys: string;
}

const DEFAULT_PORT = 4004;
const SECRET_BYTES = 32;

function portFrom(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`ON_RECORD_PORT must be a port, 0 to 65535, but is "${text}"`);
  return port;
}

interface SecretForm {
  readonly matches: RegExp;
  /** What it must be, for the error. */
  readonly words: string;
}

/** What a header can carry. */
const TOKEN: SecretForm = { matches: /^[\x21-\x7e]{1,512}$/, words: "1 to 512 visible ASCII characters" };
const LEDGER_KEY: SecretForm = { matches: /^[\w-]{43,}$/, words: `base64url of ${SECRET_BYTES} bytes or more` };

function checked(secret: string, { matches, words }: SecretForm, source: string): string {
  if (!matches.test(secret)) throw new Error(`${source} must hold ${words}`);
  return secret;
}

/** A secret that is made once and kept beside the data, readable by its owner alone. */
function keptSecret(folder: string, name: string, form: SecretForm, make: () => string = randomSecret): string {
  const path = join(folder, name);
  if (!existsSync(path)) keepSecret(folder, path, make());
  const secret = readFileSync(path, "utf8").trim();
  if (secret === "") throw new Error(`${path} is empty: put the secret back, or remove the file to have one made`);
  return checked(secret, form, path);
}

function randomSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** Under its name only once it is whole: a start that is killed here leaves none, never an empty one. */
function keepSecret(folder: string, path: string, secret: string): void {
  const draft = join(folder, `${randomUUID()}.tmp`);
  writeFileSync(draft, `${secret}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error; // another start was faster: its secret holds
  } finally {
    rmSync(draft, { force: true });
  }
}

const LEDGER_KEY_FILE = "ledger-key";
const SIGNING_KEYS_FILE = "log-signing-keys";

function ledgerKeyIn(folder: string): string {
  const path = join(folder, LEDGER_KEY_FILE);
  if (!existsSync(path) && existsSync(join(folder, DATABASE_FILE))) {
    throw new Error(`${path} is gone, but the ids of the ledger beside it are keyed with it: put it back`);
  }
  return keptSecret(folder, LEDGER_KEY_FILE, LEDGER_KEY);
}

/** One or more, the one in use first. */
const SIGNING_KEYS: SecretForm = {
  matches: /^PRIVATE\+KEY\+\S+(\s+PRIVATE\+KEY\+\S+)*$/,
  words: "signer keys, PRIVATE+KEY+<name>+<id>+<base64>, a line each",
};

/**
 * The log's own keys. Its name is that of the keys, and no other log has it. To sign with a new key, put it before the
 * old one; when nobody relies on that any more, move its verifier key to `log-verifier-keys`.
 */
function logKeysIn(folder: string): Pick<LocalSettings, "logSigningKeys" | "logVerifierKeys"> {
  const makeKey = () => formatSignerKey(`on-record.local/${randomBytes(6).toString("hex")}`, randomBytes(SECRET_BYTES));
  const logSigningKeys = keptSecret(folder, SIGNING_KEYS_FILE, SIGNING_KEYS, makeKey);
  return { logSigningKeys, logVerifierKeys: verifierKeysIn(folder).join("\n") };
}

/** What checkpoints of the log in a folder are checked with, the key in use first; none where it never had one. */
export function verifierKeysIn(folder: string): string[] {
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trim() : "";
  const lines = (text: string) => text.split(/\s+/).filter((line) => line !== "");
  const current = lines(read(SIGNING_KEYS_FILE)).map((key) => formatVerifierKey(parseSignerKey(key)));
  return [...current, ...lines(read("log-verifier-keys"))];
}

/** Secrets that a new ledger takes over from another. */
export interface GivenSecrets {
  ledgerKey?: string | undefined;
  logSigningKeys?: string | undefined;
}

/** Puts secrets in their place in a folder. Throws where others stand there already, or where they are none. */
export function placeSecrets(folder: string, { ledgerKey, logSigningKeys }: GivenSecrets): void {
  const place = (name: string, form: SecretForm, given: string | undefined) => {
    if (given === undefined) return;
    const secret = checked(given.trim(), form, `what is given as ${name}`);
    if (keptSecret(folder, name, form, () => secret) !== secret)
      throw new Error(`${join(folder, name)} holds another secret already`);
  };
  place(LEDGER_KEY_FILE, LEDGER_KEY, ledgerKey);
  place(SIGNING_KEYS_FILE, SIGNING_KEYS, logSigningKeys);
}

function tokenFrom(text: string | undefined, folder: string): string {
  return text ? checked(text, TOKEN, "ON_RECORD_TOKEN") : keptSecret(folder, "token", TOKEN);
}

function madeFolder(text: string | undefined): string {
  const folder = resolve(text || ".on-record");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`ON_RECORD_DATA must be a folder that can be made or written to: ${why}`, { cause: error });
  }
  return folder;
}

/** Reads the settings and makes the folder. Throws with a message that names the variable at fault. */
export function localSettings(environment: Readonly<Record<string, string | undefined>>): LocalSettings {
  const port = portFrom(environment["ON_RECORD_PORT"]);
  const folder = madeFolder(environment["ON_RECORD_DATA"]);
  return {
    host: environment["ON_RECORD_HOST"] || "127.0.0.1",
    port,
    folder,
    token: tokenFrom(environment["ON_RECORD_TOKEN"], folder),
    ledgerKey: ledgerKeyIn(folder),
    ...logKeysIn(folder),
  };
}
