import { NoteError } from "./errors.ts";
import { isKeyName, type KeyName, type Signer, type Verifier } from "./keys.ts";
import { base64, fromBase64, fromUtf8, hex, utf8 } from "./text.ts";

/** Bounds of what is read before any signature is known to be good. C2SP asks for at least 16 signatures. */
const NOTE_BYTES = 262_144;
const SIGNATURES_COUNT = 64;

/** A text whose signatures were checked. */
export interface OpenedNote {
  /** With the newline at its end. */
  readonly text: string;
  /** The known keys that signed it; never empty. */
  readonly signedBy: readonly KeyName[];
  /** Keys that signed it and are not known. What they signed was not checked, and means nothing. */
  readonly unknown: readonly KeyName[];
}

/** A text with its signatures (C2SP signed-note). While a key is being replaced, the old and the new one sign. */
export function signNote(text: string, signers: readonly Signer[]): string {
  if (!isNoteText(text)) {
    throw new NoteError("malformed", "a note's text is Unicode, without controls but newline, which ends it");
  }
  if (signers.length === 0 || signers.length > SIGNATURES_COUNT) {
    throw new NoteError("malformed", `a note has 1 to ${SIGNATURES_COUNT} signatures, not ${signers.length}`);
  }
  const known = byName(signers);
  const message = utf8(text);
  const lines = [...known.values()].map((signer) => {
    const signature = base64(new Uint8Array([...idBytes(signer.id), ...signer.sign(message)]));
    return `— ${signer.name} ${signature}\n`;
  });
  return `${text}\n${lines.join("")}`;
}

/**
 * Throws unless a known key signed the note, and every signature that bears a known key's name and id is good.
 * Signatures of unknown keys are passed over: keys change, and others may sign as well.
 */
export function openNote(note: string | Uint8Array, verifiers: readonly Verifier[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const known = byName(verifiers);
  const message = utf8(text);
  const signedBy = new Map<string, KeyName>();
  const unknown: KeyName[] = [];
  for (const { name, id, signature } of signatures) {
    const verifier = known.get(`${name}+${id}`);
    if (!verifier) {
      unknown.push({ name, id });
    } else if (verifier.verifies(message, signature)) {
      signedBy.set(`${name}+${id}`, { name, id });
    } else {
      throw new NoteError("disproved", `the signature of ${name}+${id} is not good`);
    }
  }
  if (signedBy.size === 0) {
    const some = unknown.slice(0, 3).map(({ name, id }) => `${name.slice(0, 100)}+${id}`);
    throw new NoteError("disproved", `no known key signed the note, but ${some.join(", ")}`);
  }
  return { text, signedBy: [...signedBy.values()], unknown };
}

interface Signature extends KeyName {
  readonly signature: Uint8Array;
}

function parseNote(note: string | Uint8Array): { text: string; signatures: Signature[] } {
  if (note.length > NOTE_BYTES) throw new NoteError("malformed", `a note has at most ${NOTE_BYTES} bytes`);
  const whole = typeof note === "string" ? note : fromUtf8(note);
  if (whole === undefined || !isNoteText(whole)) {
    throw new NoteError("malformed", "a note is UTF-8, without controls but newline, which ends it");
  }
  const split = whole.lastIndexOf("\n\n");
  if (split < 0) throw new NoteError("malformed", "a note has an empty line between its text and its signatures");
  const lines = whole
    .slice(split + 2)
    .split("\n")
    .slice(0, -1);
  if (lines.length === 0 || lines.length > SIGNATURES_COUNT) {
    throw new NoteError("malformed", `a note has 1 to ${SIGNATURES_COUNT} signatures, not ${lines.length}`);
  }
  return { text: whole.slice(0, split + 1), signatures: lines.map((line, i) => parseSignature(line, i + 1)) };
}

function parseSignature(line: string, number: number): Signature {
  const [, name, body] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = body === undefined ? undefined : fromBase64(body);
  if (name === undefined || !isKeyName(name) || !bytes || bytes.length < 5) {
    throw new NoteError(
      "malformed",
      `signature ${number} of the note is not a dash, a name, and a signature in base64`,
    );
  }
  return { name, id: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** Keys by name and id. Two that share both leave open which is meant. */
function byName<K extends KeyName>(keys: readonly K[]): Map<string, K> {
  const known = new Map(keys.map((key) => [`${key.name}+${key.id}`, key]));
  if (known.size < keys.length) throw new NoteError("malformed", "two of the keys have the same name and id");
  return known;
}

function isNoteText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- controls are what a note may not hold
  return text.isWellFormed() && text.endsWith("\n") && !/[\0-\x09\x0b-\x1f]/.test(text);
}

function idBytes(id: string): number[] {
  return [0, 2, 4, 6].map((at) => Number.parseInt(id.slice(at, at + 2), 16));
}
