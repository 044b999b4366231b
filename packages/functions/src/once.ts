/** Makes a thing at the first call and gives the same one from then on. A failure is not kept: the next call tries again. */
export function once<T extends object | ((...args: never[]) => unknown)>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
