import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { LedgerStores } from "@on-record/local/stores";
import { parseSignerKey, type Signer } from "@on-record/core/log/tree/keys";
import { onFile } from "../files.ts";
import { UsageError, type Io } from "../io.ts";
import { openStores } from "./open.ts";

/** A ledger that is to be filled, and the keys that its log is signed with. */
export interface NewLedger {
  stores: LedgerStores;
  signers: readonly Signer[];
  close: () => Promise<void>;
}

export interface NewLedgerValues {
  data: string | undefined;
  aws: boolean;
  "log-keys": string | undefined;
  "ledger-key": string | undefined;
}

/** Keys as their file or variable has them, a key a line. */
function signersIn(text: string): Signer[] {
  return text
    .split(/[\s,]+/)
    .filter((key) => key !== "")
    .map(parseSignerKey);
}

async function secretIn(io: Io, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const whole = resolve(io.cwd, path);
  return onFile("read", whole, async () => (await readFile(whole, "utf8")).trim());
}

/** Opens the ledger that the options name, making what it needs to start with. */
export async function openNewLedger(io: Io, values: NewLedgerValues): Promise<NewLedger> {
  const { data, aws } = values;
  if (aws || io.stores !== undefined) {
    const given = io.env["ON_RECORD_LOG_SIGNING_KEYS"];
    if (!given) throw new UsageError("--aws needs ON_RECORD_LOG_SIGNING_KEYS: what is restored is signed anew");
    return { ...(await openStores(io, { data, aws })), signers: signersIn(given) };
  }
  if (data === undefined) throw new UsageError("on-record restore needs --data: the folder of the new ledger");
  const { openNewStores } = await import("@on-record/local/stores");
  const secrets = {
    ledgerKey: await secretIn(io, values["ledger-key"]),
    logSigningKeys: await secretIn(io, values["log-keys"]),
  };
  const { stores, settings, close } = await openNewStores(resolve(io.cwd, data), secrets);
  return { stores, signers: signersIn(settings.logSigningKeys), close };
}
