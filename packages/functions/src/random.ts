import { randomBytes } from "node:crypto";

const POOL_BYTES = 4_096;

/** Random bytes out of a pool: to ask for sixteen at a time costs more than to hash with them. None are given twice. */
export function pooledRandom(): (bytes: number) => Uint8Array {
  let pool = Buffer.alloc(0);
  let taken = 0;
  return (bytes) => {
    if (bytes > POOL_BYTES) return randomBytes(bytes);
    if (taken + bytes > pool.length) {
      pool = randomBytes(POOL_BYTES);
      taken = 0;
    }
    taken += bytes;
    return pool.subarray(taken - bytes, taken);
  };
}
