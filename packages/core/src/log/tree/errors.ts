/** `malformed`: it is not of its form, so it says nothing. `disproved`: it was read, and what it claims is not so. */
export type Fault = "malformed" | "disproved";

/**
 * A tree, tile, entry or proof that does not hold; the message names what is wrong.
 * No `LedgerError`: verifiers throw it that have no ledger at hand.
 */
export class ProofError extends Error {
  override readonly name = "ProofError";
  readonly fault: Fault;

  constructor(fault: Fault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/** A signed note, a key or a checkpoint that does not hold. The message never contains a signer's key. */
export class NoteError extends Error {
  override readonly name = "NoteError";
  readonly fault: Fault;

  constructor(fault: Fault, message: string) {
    super(message);
    this.fault = fault;
  }
}
