import { formatSignerKey, formatVerifierKey, isKeyName, parseSignerKey } from "@on-record/core/log/tree/keys";
import { command } from "../args.ts";
import { DONE, UsageError } from "../io.ts";
import { JSON_OPTION } from "../ledger.ts";
import { say, sayJson } from "../text.ts";

const SEED_BYTES = 32;

function told(signer: string, verifier: string): string {
  return [
    `signer    ${signer}`,
    `verifier  ${verifier}`,
    "",
    "The signer key is a secret. To sign with it:",
    "  1. On this machine, put it first in log-signing-keys in the data folder, a key a line, and start the ledger again.",
    "     Deployed, put it first in ON_RECORD_LOG_SIGNING_KEYS, and the verifier key in ON_RECORD_LOG_VERIFIER_KEYS.",
    "     As long as the old key stands behind it, checkpoints bear both signatures.",
    "  2. Hand the verifier key to everybody who checks the log: on-record verify … --key <verifier>.",
    "  3. When nobody relies on the old key any more, take it out of the signing keys, and put its verifier key in",
    "     log-verifier-keys in the data folder (deployed: leave it in ON_RECORD_LOG_VERIFIER_KEYS).",
    "Whoever verified before sees a key that they do not know, and has to be told of it.",
  ].join("\n");
}

/** `on-record log-keys new`. */
export const newLogKey = command({
  name: "log-keys new",
  summary: "Make a pair of keys that sign and verify the log's checkpoints",
  about:
    "A ledger of this machine makes its first pair itself. This makes another: for a deployed ledger, or to replace one that was in use long enough or was seen by others. All keys of a log bear its name, which is its address without https:// and which no other log has. Nothing is stored and nothing is sent.",
  args: [{ name: "name", about: "the log's name, such as ledger.example/log: the first part of its other keys" }],
  options: JSON_OPTION,
  examples: [
    ["on-record log-keys new ledger.example/log", "Make a pair for the log of that name"],
    ["on-record log-keys new ledger.example/log --json", "The same for a program: signer and verifier"],
  ],
  async run({ values, arg }, io) {
    const name = arg("name");
    if (!isKeyName(name))
      throw new UsageError(`"${name}" is no name of a log: it has no space, no plus and no control character`);
    const signer = formatSignerKey(name, io.random(SEED_BYTES));
    const verifier = formatVerifierKey(parseSignerKey(signer));
    if (values.json) await sayJson(io.out, { signer, verifier });
    else await say(io.out, told(signer, verifier));
    return DONE;
  },
});
