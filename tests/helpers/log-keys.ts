import { formatCheckpoint, type LogTrust } from "@on-record/core/log/tree/checkpoint";
import { formatSignerKey, formatVerifierKey, signerOf, verifierOf, type Signer } from "@on-record/core/log/tree/keys";
import { checkpointSigner, type SignCheckpoint } from "@on-record/core/sequencer/seal";

/** The name of the logs of tests. */
export const ORIGIN = "ledger.example/log";
const SEED = new Uint8Array(32).fill(7);

export const SIGNER: Signer = signerOf(ORIGIN, SEED);
export const SIGNER_KEY = formatSignerKey(ORIGIN, SEED);
export const VERIFIER_KEY = formatVerifierKey(SIGNER);
export const TRUST: LogTrust = { origin: ORIGIN, verifiers: [verifierOf(ORIGIN, SIGNER.publicKey)] };

export const sign: SignCheckpoint = checkpointSigner([SIGNER]);

/** A checkpoint that is never looked at: for thousands of commits whose signatures nobody checks. */
export const leaveUnsigned: SignCheckpoint = (head) => formatCheckpoint({ origin: ORIGIN, extensions: [], ...head });
