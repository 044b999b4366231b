import { createPrivateKey, createPublicKey, hash, sign, verify } from "node:crypto";

/*
 * All that the log's mathematics takes from the platform. A build for browsers puts a file of the same three
 * functions in the place of this one; nothing else in this folder that a verifier needs knows where it runs.
 */

/** SHA-256, 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return plain(hash("sha256", bytes, "buffer"));
}

/** The PKCS #8 frame of a raw Ed25519 seed (RFC 8410, section 7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** A key from a seed of 32 bytes (RFC 8032, section 5.1.5): its public half of 32 bytes, and signatures of 64. */
export function ed25519Key(seed: Uint8Array): { publicKey: Uint8Array; sign: (message: Uint8Array) => Uint8Array } {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return { publicKey: plain(spki.subarray(-32)), sign: (message) => plain(sign(null, message, key)) };
}

/** Whether the signature is that of this key, of 32 bytes, over this message. One of another length is not. */
export function ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString("base64url");
  return verify(null, message, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }), signature);
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
