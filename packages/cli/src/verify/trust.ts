import { openCheckpoint, parseCheckpoint, type LogCheckpoint } from "@on-record/core/log/tree/checkpoint";
import { NoteError } from "@on-record/core/log/tree/errors";
import { formatVerifierKey, parseVerifierKey, type Verifier } from "@on-record/core/log/tree/keys";
import { messageOf } from "../text.ts";
import { UsageError } from "../io.ts";
import { finding, Found } from "./finding.ts";
import type { KeepFile } from "./keep.ts";

/** Whose word it is that these are the log's keys. */
export type KeysFrom = "given" | "kept" | "first_use";

/** A checkpoint whose signature is good. */
export interface Trusted {
  checkpoint: LogCheckpoint;
  note: string;
  /** The trusted keys that signed it. */
  signedBy: string[];
  /** What to trust from now on. */
  keys: string[];
  from: KeysFrom;
}

/** Keys that a person typed. */
export function keysGiven(texts: readonly string[]): Verifier[] {
  return texts.map((text) => {
    try {
      return parseVerifierKey(text);
    } catch (error) {
      throw new UsageError(`--key: ${messageOf(error)}`, { cause: error });
    }
  });
}

function offeredKeys(texts: readonly string[]): Verifier[] {
  return finding("damaged", () => texts.map(parseVerifierKey));
}

function originIn(note: string): string {
  return finding("damaged", () => parseCheckpoint(note.slice(0, note.lastIndexOf("\n\n") + 1)).origin);
}

/** The keys to check with: what the person says, else what was trusted before, else what the ledger says of itself. */
function chosen(note: string, given: readonly Verifier[], offered: readonly string[], kept: KeepFile) {
  if (given.length > 0) return { verifiers: given, from: "given" as const };
  const known = kept.logs[originIn(note)];
  if (known !== undefined) return { verifiers: known.keys.map(parseVerifierKey), from: "kept" as const };
  return { verifiers: offeredKeys(offered), from: "first_use" as const };
}

/** Opens a checkpoint, or finds that nobody who is trusted signed it. */
export function trust(
  note: string,
  { given, offered, kept }: { given: readonly Verifier[]; offered: readonly string[]; kept: KeepFile },
): Trusted {
  const { verifiers, from } = chosen(note, given, offered, kept);
  const origin = verifiers[0]?.name;
  if (origin === undefined)
    throw new Found("unsigned", "there is no key to check the checkpoint with: give one with --key");
  const signedFor = originIn(note);
  if (signedFor !== origin) throw new Found("other_log", `the checkpoint is of the log ${signedFor}, not of ${origin}`);
  try {
    const { checkpoint, signedBy } = openCheckpoint(note, { origin, verifiers });
    const good = new Set(signedBy.map(({ name, id }) => `${name}+${id}`));
    const signing = verifiers.filter(({ name, id }) => good.has(`${name}+${id}`));
    const texts = (keys: readonly Verifier[]) => keys.map(formatVerifierKey);
    // On first use a key that signed nothing yet has not earned trust.
    return { checkpoint, note, signedBy: [...good], keys: texts(from === "first_use" ? signing : verifiers), from };
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    const hint = from === "kept" ? ". If the log's keys were replaced, give the new one with --key" : "";
    throw new Found("unsigned", `the checkpoint is not what the log signed: ${error.message}${hint}`, {}, error);
  }
}
