import { NoteError, ProofError } from "@on-record/core/log/tree/errors";

/** What is wrong with a log. */
export type FindingKind =
  /** An event, or what it says, is not what was entered in its place. */
  | "altered"
  | "missing"
  | "inserted"
  | "moved"
  /** A file breaks off. */
  | "cut_off"
  /** It is marked as erased, but no tombstone in the log says that it was. */
  | "not_erased"
  /** The checkpoint is not signed by a key that is trusted. */
  | "unsigned"
  /** It is of another log than the one that was asked for, or seen before. */
  | "other_log"
  /** It is not the log that was seen before, continued. */
  | "forked"
  /** It has fewer events than were seen before. */
  | "shrunk"
  /** A file is not of its form, or not as it was written. */
  | "damaged";

/** The first thing that was found to be wrong. */
export interface Finding {
  kind: FindingKind;
  message: string;
  /** Of the event that it is about. */
  sequence?: number | undefined;
  event?: string | undefined;
  /** Of an export. */
  file?: string | undefined;
}

/** Ends a verification. */
export class Found extends Error {
  override readonly name = "Found";
  readonly finding: Finding;

  constructor(kind: FindingKind, message: string, more: Omit<Finding, "kind" | "message"> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.finding = { kind, message, ...more };
  }
}

/** Runs a check of the log's mathematics; what it disproves is a finding of this kind. */
export function finding<T>(kind: FindingKind, check: () => T, more: Omit<Finding, "kind" | "message"> = {}): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ProofError || error instanceof NoteError) throw new Found(kind, error.message, more, error);
    throw error;
  }
}

/** An event as messages name it. */
export function eventName(sequence: number, id: string | undefined): string {
  return id === undefined ? `event ${sequence}` : `event ${sequence} (${id})`;
}
