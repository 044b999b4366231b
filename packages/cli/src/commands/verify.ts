import { join, resolve } from "node:path";
import { command } from "../args.ts";
import { DONE, FAILED, UsageError, type Io } from "../io.ts";
import { HTTP_OPTIONS, JSON_OPTION, remoteLedger } from "../ledger.ts";
import { startProgress, type Progress } from "../progress.ts";
import { counted, oneLine, say, sayJson } from "../text.ts";
import { Found } from "../verify/finding.ts";
import { readKept, writeKept, type KeepFile } from "../verify/keep.ts";
import { keysGiven } from "../verify/trust.ts";
import { verifyExport, type Verified, type VerifyAsked } from "../verify/verify.ts";

const NAMED_COUNT = 5;

function keysText({ keysFrom, keys }: Verified): string {
  if (keysFrom === "given") return "The key is the one that you gave.";
  if (keysFrom === "kept") return "The key is the one that was trusted before.";
  return `The key was taken on trust: this log was not seen before, and the key came with it. Compare it with one that you have from elsewhere: ${keys.join(" ")}`;
}

function uncheckedText({ erased, withoutData }: Verified): string[] {
  const named = erased.slice(0, NAMED_COUNT).map(({ event }) => event);
  const more = erased.length > NAMED_COUNT ? ", …" : "";
  return [
    ...(erased.length === 0
      ? []
      : [`what ${counted(erased.length, "erased event")} said, as the salt is gone (${named.join(", ")}${more})`]),
    ...(withoutData === 0
      ? []
      : [
          `what ${counted(withoutData, "event")} of actors and propositions said: that takes a token of scope admin, or an export`,
        ]),
    "request digests, which are in no proof",
  ];
}

function told(verified: Verified, keptIn: string | undefined): string {
  const { origin, size, root, signedBy, digests, continues } = verified;
  const before =
    continues === null
      ? "It was not seen before: nothing to compare it with."
      : `It continues what was seen at ${continues.seenAt}: the same first ${counted(continues.size, "event")}.`;
  return [
    `Good. ${counted(size, "event")} of ${origin}, root ${root}, signed by ${signedBy.join(", ")}.`,
    `Every entry is the one that was signed, in its place. What ${counted(digests, "event")} said is what was recorded.`,
    before,
    keysText(verified),
    `Not checked: ${uncheckedText(verified).join("; ")}.`,
    ...(keptIn === undefined ? [] : [`Remembered in ${keptIn}, for the next time.`]),
  ].join("\n");
}

/** What to remember from now on. A log that was seen further on stays so. */
function remembered(kept: KeepFile, verified: Verified, url: string | undefined, now: number): KeepFile {
  const { origin, size, root, checkpoint, keys } = verified;
  const seenAt = new Date(now).toISOString();
  const addresses = url === undefined ? kept.addresses : { ...kept.addresses, [url]: origin };
  return { logs: { ...kept.logs, [origin]: { keys, size, root, checkpoint, seenAt } }, addresses };
}

interface Values {
  url: string | undefined;
  token: string | undefined;
  data: string | undefined;
}

/** Verifies what was named: a folder, an address, or this machine's ledger. */
async function verifyNamed(
  target: string,
  values: Values,
  io: Io,
  asked: VerifyAsked,
): Promise<{ verified: Verified; url?: string }> {
  const isAddress = /^https?:\/\//.test(target);
  if (target !== "" && !isAddress) return { verified: await verifyExport(resolve(io.cwd, target), asked) };
  if (isAddress && values.url !== undefined)
    throw new UsageError("--url and the address behind verify are the same thing: give one of them");
  const ledger = await remoteLedger(io, isAddress ? { ...values, url: target } : values);
  // What is asked over HTTP is of no use to who verifies an export.
  const { verifyRemote } = await import("../verify/online.ts");
  return { verified: await verifyRemote(ledger, asked), url: ledger.url };
}

/** `on-record verify`. */
export const verify = command({
  name: "verify",
  summary: "Prove that nothing in a log was altered, dropped, inserted or moved",
  about:
    "Checks an export without the ledger and without a network, or a ledger over HTTP. The checkpoint's signature; that every entry is in the tree that it signs, in its place; that what each event says is what its digest was taken of; and that the log is the one that was seen the last time, continued. The first event that is not as it was is named, by number and id.\n\nIt shares nothing with the server but the hashing, and takes the server's word for nothing but its key, the first time: give the key that you have from elsewhere with --key, and not even for that. What was seen is remembered, log by log, in verified.json in .on-record in your home folder: there a forked or shortened log is found out.\n\nOver HTTP a token of scope admin lets it check everything; one of scope read, everything but what actors and propositions say.",
  args: [
    {
      name: "folder|url",
      about: "an export, or a ledger's address (default: this machine's running ledger)",
      optional: true,
    },
  ],
  options: {
    key: {
      type: "string",
      multiple: true,
      value: "<key>",
      about: "a verifier key, <name>+<id>+<base64>, to trust in place of any other; from now on, too",
    },
    keep: { type: "string", value: "<file>", about: "remember what was seen in this file" },
    "no-keep": { type: "boolean", about: "neither read nor write what is remembered" },
    ...HTTP_OPTIONS,
    ...JSON_OPTION,
  },
  failsWhen: "something is not as it was",
  examples: [
    ["on-record verify backup-2025-08-20", "Check an export, and remember how far the log was"],
    [
      "on-record verify https://ledger.example --key 'ledger.example/log+3a8f01c2+AQ…'",
      "Check a ledger by a key that was printed in the paper",
    ],
    ["on-record verify --json", "Check this machine's ledger, for a program"],
  ],
  async run({ values, arg }, io) {
    const { json } = values;
    if (values.keep !== undefined && values["no-keep"]) throw new UsageError("--keep and --no-keep exclude each other");
    const keepPath = values["no-keep"]
      ? undefined
      : resolve(io.cwd, values.keep ?? join(io.home, ".on-record", "verified.json"));
    const kept = keepPath === undefined ? { logs: {}, addresses: {} } : await readKept(keepPath);
    let progress: Progress | undefined;
    const onStart = (total: number) => {
      progress = startProgress(io, "verifying", { total, unit: "events", json });
      return progress.at;
    };
    try {
      const { verified, url } = await verifyNamed(arg("folder|url"), values, io, {
        given: keysGiven(values.key),
        kept,
        signal: io.signal,
        onStart,
      });
      progress?.end();
      if (keepPath !== undefined) await writeKept(keepPath, remembered(kept, verified, url, io.clock()));
      await (json ? sayJson(io.out, { verified: true, ...verified }) : say(io.out, told(verified, keepPath)));
      return DONE;
    } catch (error) {
      progress?.end();
      if (!(error instanceof Found)) throw error;
      await (json
        ? sayJson(io.out, { verified: false, finding: error.finding })
        : say(io.out, `NOT as it was (${error.finding.kind}): ${oneLine(error.message)}.`));
      return FAILED;
    }
  },
});
