import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

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
}

const DEFAULT_PORT = 4004;
const SECRET_BYTES = 32;

function portFrom(text: string | undefined): number {
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`ON_RECORD_PORT must be a port, 0 to 65535, but is "${text}"`);
  return port;
}

/** A secret that is made once and kept beside the data, readable by its owner alone. */
function keptSecret(folder: string, name: string): string {
  const path = join(folder, name);
  try {
    writeFileSync(path, `${randomBytes(SECRET_BYTES).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const secret = readFileSync(path, "utf8").trim();
  if (secret === "") throw new Error(`${path} is empty: put the secret back, or remove the file to have one made`);
  return secret;
}

/** Reads the settings and makes the folder. Throws with a message that names the variable at fault. */
export function localSettings(environment: Readonly<Record<string, string | undefined>>): LocalSettings {
  const port = portFrom(environment["ON_RECORD_PORT"]);
  const folder = resolve(environment["ON_RECORD_DATA"] || ".on-record");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    host: environment["ON_RECORD_HOST"] || "127.0.0.1",
    port,
    folder,
    token: environment["ON_RECORD_TOKEN"] || keptSecret(folder, "token"),
    ledgerKey: keptSecret(folder, "ledger-key"),
  };
}
