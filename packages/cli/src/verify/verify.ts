import { checkConsistency } from "@on-record/core/log/tree/verify";
import { base64 } from "@on-record/core/log/tree/text";
import type { TreeHead } from "@on-record/core/log/tree/hash";
import type { Verifier } from "@on-record/core/log/tree/keys";
import { FILES } from "../export/layout.ts";
import { compareAll } from "./compare.ts";
import { EventChecks, type Unchecked } from "./events.ts";
import { finding, Found } from "./finding.ts";
import { headOf, type KeepFile, type Kept } from "./keep.ts";
import { checkSums, eventsIn, faultWithoutLeaves, isTree, leavesIn, rootsOf, smallFile } from "./offline.ts";
import { trust, type KeysFrom, type Trusted } from "./trust.ts";

/** What was proved, and what was not. */
export interface Verified {
  origin: string;
  size: number;
  root: string;
  signedBy: string[];
  keysFrom: KeysFrom;
  keys: string[];
  /** Events whose data was proved by their digests. */
  digests: number;
  /** Erased events: the salt is gone, and with it what could prove the data that is left. */
  erased: Unchecked[];
  /** Events whose data was not to be had. */
  withoutData: number;
  /** The log that was seen before, and which this one continues. */
  continues: { size: number; seenAt: string } | null;
  checkpoint: string;
}

/** What a verification starts from. */
export interface VerifyAsked {
  given: readonly Verifier[];
  kept: KeepFile;
  signal: AbortSignal;
  onStart: (size: number) => (done: number) => void;
}

/** What was seen of the log before. */
export function seenBefore({ checkpoint }: Trusted, kept: KeepFile): Kept | undefined {
  return Object.hasOwn(kept.logs, checkpoint.origin) ? kept.logs[checkpoint.origin] : undefined;
}

/** A log that has become shorter than it was, or has another root of the same size. */
export function refuseShrunk({ size, root }: TreeHead, seen: Kept | undefined): void {
  if (seen === undefined) return;
  if (seen.size > size) {
    const hint = "an older export can be verified with --no-keep";
    throw new Found(
      "shrunk",
      `the log has ${size} events, and had ${seen.size} when it was seen at ${seen.seenAt}: some were dropped (${hint})`,
    );
  }
  if (seen.size < size) return;
  finding("forked", () => checkConsistency({ old: headOf(seen), head: { size, root }, proof: [] }));
}

export function verified(
  trusted: Trusted,
  checks: { digests: number; erased: Unchecked[]; withoutData: number },
  seen: Kept | undefined,
): Verified {
  const { checkpoint, note, signedBy, keys, from } = trusted;
  const continues = seen === undefined ? null : { size: seen.size, seenAt: seen.seenAt };
  const { origin, size, root } = checkpoint;
  return { origin, size, root: base64(root), signedBy, keysFrom: from, keys, ...checks, continues, checkpoint: note };
}

/** Proves an export, without the ledger and without a network. Throws the first thing that is wrong. */
export async function verifyExport(folder: string, { given, kept, signal, onStart }: VerifyAsked): Promise<Verified> {
  const note = await smallFile(folder, FILES.checkpoint);
  const offered = (await smallFile(folder, FILES.keys)).split("\n").filter((line) => line !== "");
  const trusted = trust(note, { given, offered, kept });
  const head = trusted.checkpoint;
  const seen = seenBefore(trusted, kept);
  refuseShrunk(head, seen);
  const { frontier, earlier } = await rootsOf(leavesIn(folder), seen?.size ?? 0);
  if (!isTree(head, frontier)) throw await faultWithoutLeaves(folder, head);
  if (seen !== undefined && earlier !== undefined) {
    const same = () => checkConsistency({ old: headOf(seen), head: { size: seen.size, root: earlier }, proof: [] });
    finding("forked", same);
  }
  const checks = new EventChecks();
  const onStep = onStart(head.size);
  await compareAll(
    leavesIn(folder),
    eventsIn(folder),
    (line) => checks.add(line),
    (done) => {
      signal.throwIfAborted();
      onStep(done);
    },
  );
  checks.finish();
  await checkSums(folder);
  const { digests, erased } = checks;
  return verified(trusted, { digests, erased, withoutData: 0 }, seen);
}
