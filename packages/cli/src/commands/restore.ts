import { resolve } from "node:path";
import { fromBase64 } from "@on-record/core/log/tree/text";
import { command } from "../args.ts";
import { DONE, Failure, UsageError, type Io } from "../io.ts";
import { JSON_OPTION } from "../ledger.ts";
import { startProgress } from "../progress.ts";
import { counted, say, sayJson } from "../text.ts";
import { openNewLedger, type NewLedger } from "../upkeep/new-ledger.ts";
import { STORE_OPTIONS } from "../upkeep/open.ts";
import { restoreFrom } from "../upkeep/restore.ts";
import { Found } from "../verify/finding.ts";
import { keysGiven } from "../verify/trust.ts";
import { verifyExport, type Verified } from "../verify/verify.ts";

interface Values {
  data: string | undefined;
  aws: boolean;
  json: boolean;
  "log-keys": string | undefined;
  "ledger-key": string | undefined;
}

/** Proves the export before anything of it is written. */
async function provedExport(folder: string, keys: readonly string[], io: Io, json: boolean): Promise<Verified> {
  let end = () => {};
  try {
    return await verifyExport(folder, {
      given: keysGiven(keys),
      kept: { logs: {}, addresses: {} },
      signal: io.signal,
      onStart(total) {
        const progress = startProgress(io, "verifying", { total, unit: "events", json });
        end = progress.end;
        return progress.at;
      },
    });
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    throw new Failure(
      `nothing was restored, as the export is not as it was (${error.finding.kind}): ${error.message}`,
      { cause: error },
    );
  } finally {
    end();
  }
}

function told(verified: Verified, name: string, values: Values): string {
  const { size, root, origin } = verified;
  const start =
    values.data === undefined
      ? "Views are built when it is woken."
      : `Start it with ON_RECORD_DATA=${values.data} npm start; its views are built then.`;
  return [
    `${counted(size, "event")} restored, word for word, with the root ${root}.`,
    ...(name === origin
      ? []
      : [
          `It is signed as the log ${name}, no longer as ${origin}: --log-keys takes the old keys over, into a new folder.`,
        ]),
    ...(values["ledger-key"] === undefined && !values.aws
      ? ["Without --ledger-key it does not recognise repeats of requests that the old one had answered."]
      : []),
    start,
  ].join("\n");
}

async function restoreInto(
  ledger: NewLedger,
  verified: Verified,
  folder: string,
  values: Values,
  io: Io,
): Promise<string> {
  const name = ledger.signers[0]?.name ?? "";
  if (values["log-keys"] !== undefined && name !== verified.origin)
    throw new Failure(`--log-keys holds keys of the log ${name}, and the export is of ${verified.origin}`);
  const root = fromBase64(verified.root) ?? new Uint8Array();
  const progress = startProgress(io, "restoring", { total: verified.size, unit: "events", json: values.json });
  await restoreFrom(folder, ledger, { size: verified.size, root }, { signal: io.signal, onStep: progress.at });
  progress.end();
  return name;
}

/** `on-record restore`. */
export const restore = command({
  name: "restore",
  summary: "Bring an export back into an empty ledger, word for word",
  about:
    "The same events, with the same numbers, recorded at the same times by the same principals, and so the same root: that is compared with the export's checkpoint before anything is said to be done. The export is verified first, and one that is not as it was is refused. The ledger must be empty, and nothing else may use it meanwhile. One that was killed is gone on with when it is run again.\n\nNothing is announced again. Tokens and subscriptions are no part of an export. The log is signed with keys of the new ledger's own, under a name of its own, unless --log-keys brings the old ones; --ledger-key brings the secret by which repeats of old requests are recognised. Both stand in the old ledger's data folder.",
  options: {
    from: { type: "string", value: "<folder>", about: "the export" },
    data: { type: "string", value: "<folder>", about: "the new ledger's folder, which is made" },
    aws: { ...STORE_OPTIONS.aws, about: `${STORE_OPTIONS.aws.about}; signed with ON_RECORD_LOG_SIGNING_KEYS` },
    key: {
      type: "string",
      multiple: true,
      value: "<key>",
      about: "a verifier key to trust in place of the one in the export",
    },
    "log-keys": { type: "string", value: "<file>", about: "the old ledger's log-signing-keys" },
    "ledger-key": { type: "string", value: "<file>", about: "the old ledger's ledger-key" },
    ...JSON_OPTION,
  },
  examples: [
    ["on-record restore --from backup-2025-08-20 --data .on-record-2", "Into a new ledger of this machine"],
    [
      "on-record restore --from backup --data new --log-keys old/log-signing-keys --ledger-key old/ledger-key",
      "The same ledger, moved: its log goes on under its name",
    ],
  ],
  async run({ values }, io) {
    if (!values.from) throw new UsageError("on-record restore needs --from: the folder of an export");
    const folder = resolve(io.cwd, values.from);
    const verified = await provedExport(folder, values.key, io, values.json);
    const ledger = await openNewLedger(io, values);
    try {
      const name = await restoreInto(ledger, verified, folder, values, io);
      const { size, root } = verified;
      await (values.json
        ? sayJson(io.out, { restored: size, root, log: name })
        : say(io.out, told(verified, name, values)));
      return DONE;
    } finally {
      await ledger.close();
    }
  },
});
