import { openCheckpoint, type LogCheckpoint, type LogTrust } from "./checkpoint.ts";
import { ProofError } from "./errors.ts";
import { HASH_BYTES, leafHash } from "./hash.ts";
import { base64, fromBase64, fromDecimal } from "./text.ts";
import { checkInclusion } from "./verify.ts";

const HEADER = "c2sp.org/tlog-proof@v1";
/** A tree of 2^53 entries, the largest that a number counts, needs no more. */
const HASHES_COUNT = 53;

/** A proof that stands alone: an entry's place, the way to the root, and the signed root (C2SP tlog-proof). */
export interface ProofFile {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The checkpoint as a note, to the letter. */
  readonly checkpoint: string;
  /** Anything that helps; nobody vouches for it. */
  readonly extra?: Uint8Array;
}

export function formatProofFile(file: ProofFile): string {
  const { index, hashes, checkpoint, extra } = file;
  const lines = [HEADER, ...(extra ? [`extra ${base64(extra)}`] : []), `index ${index}`, ...hashes.map(base64)];
  return `${lines.join("\n")}\n\n${checkpoint}`;
}

/** Takes a proof apart. Nothing of it is checked: see `checkProofFile`. */
export function parseProofFile(text: string): ProofFile {
  const split = text.indexOf("\n\n");
  const [header, ...lines] = text.slice(0, Math.max(split, 0)).split("\n");
  if (header !== HEADER) throw new ProofError("malformed", `a proof begins with ${HEADER}, and has an empty line`);
  const [, opaque] = /^extra (.*)$/.exec(lines[0] ?? "") ?? [];
  const extra = opaque === undefined ? undefined : fromBase64(opaque);
  if (opaque !== undefined) {
    if (!extra) throw new ProofError("malformed", "the proof's line extra is not base64");
    lines.shift();
  }
  const [, digits = ""] = /^index (\d+)$/.exec(lines.shift() ?? "") ?? [];
  const index = fromDecimal(digits);
  if (index === undefined) throw new ProofError("malformed", "the proof has no line with its index");
  if (lines.length > HASHES_COUNT) {
    throw new ProofError("malformed", `${lines.length} hashes are too many for any proof`);
  }
  const hashes = lines.map((line, i) => {
    const hash = fromBase64(line);
    if (hash?.length !== HASH_BYTES) throw new ProofError("malformed", `hash ${i} of the proof is not a hash`);
    return hash;
  });
  return { index, hashes, checkpoint: text.slice(split + 2), ...(extra ? { extra } : {}) };
}

/**
 * Throws unless the proof shows that this log, by its signature, holds this entry. Gives the entry's place and the
 * checkpoint. The caller compares what the entry says with what was asked: its sequence number with the place, too.
 */
export function checkProofFile(
  text: string,
  entry: Uint8Array,
  trust: LogTrust,
): { index: number; checkpoint: LogCheckpoint } {
  const { index, hashes, checkpoint: note } = parseProofFile(text);
  const { checkpoint } = openCheckpoint(note, trust);
  const { size, root } = checkpoint;
  checkInclusion({ index, size, root, leaf: leafHash(entry), proof: hashes });
  return { index, checkpoint };
}
