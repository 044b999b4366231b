import { NoteError } from "./errors.ts";
import { emptyRoot, HASH_BYTES, type TreeHead } from "./hash.ts";
import type { KeyName, Signer, Verifier } from "./keys.ts";
import { openNote, signNote } from "./note.ts";
import { base64, fromBase64, fromDecimal, sameBytes } from "./text.ts";

/** The body of a checkpoint note: where a log stands (C2SP tlog-checkpoint). Not a projection's checkpoint. */
export interface LogCheckpoint extends TreeHead {
  /** Names the log: its address without scheme. */
  readonly origin: string;
  /** Lines behind the root, of no meaning here. */
  readonly extensions: readonly string[];
}

/** The note's text. */
export function formatCheckpoint(checkpoint: LogCheckpoint): string {
  const { origin, size, root, extensions } = checkpoint;
  const text = [origin, size, base64(root), ...extensions].map((line) => `${line}\n`).join("");
  // Reading it back is the check: what would be read as something else is not to be signed.
  if (parseCheckpoint(text).extensions.length !== extensions.length) {
    throw new NoteError("malformed", "a line of a checkpoint has no newline in it");
  }
  return text;
}

export function parseCheckpoint(text: string): LogCheckpoint {
  const [origin = "", sizeText = "", rootText = "", ...rest] = text.split("\n");
  if (rest.length === 0 || rest.at(-1) !== "") {
    throw new NoteError("malformed", "a checkpoint has at least three lines: origin, size and root");
  }
  const extensions = rest.slice(0, -1);
  if (origin === "" || extensions.includes("")) throw new NoteError("malformed", "a checkpoint has no empty line");
  const size = fromDecimal(sizeText);
  if (size === undefined) throw new NoteError("malformed", "the second line of a checkpoint is the size, in digits");
  const root = fromBase64(rootText);
  if (root?.length !== HASH_BYTES) {
    throw new NoteError("malformed", "the third line of a checkpoint is the root, 32 bytes in base64");
  }
  if (size === 0 && !sameBytes(root, emptyRoot())) {
    throw new NoteError("malformed", "a checkpoint of size 0 has the root of the empty tree");
  }
  return { origin, size, root, extensions };
}

/** The checkpoint as a note. */
export function signCheckpoint(checkpoint: LogCheckpoint, signers: readonly Signer[]): string {
  return signNote(formatCheckpoint(checkpoint), signers);
}

/** What a verifier trusts: a log's name, and the keys that may sign for it, old ones among them. */
export interface LogTrust {
  readonly origin: string;
  readonly verifiers: readonly Verifier[];
}

/** Throws unless the note is a checkpoint of this log, signed by one of its keys. */
export function openCheckpoint(
  note: string | Uint8Array,
  trust: LogTrust,
): { checkpoint: LogCheckpoint; signedBy: readonly KeyName[] } {
  const { text, signedBy } = openNote(note, trust.verifiers);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== trust.origin) {
    throw new NoteError(
      "disproved",
      `the checkpoint is of the log ${checkpoint.origin.slice(0, 100)}, not of ${trust.origin}`,
    );
  }
  return { checkpoint, signedBy };
}
