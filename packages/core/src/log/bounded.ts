/** How many reads of one step are under way at once: enough to hide the distance, few enough for one Lambda. */
const WIDTH_COUNT = 16;

/** `Promise.all` over `items`, a bounded number at a time; results stand in the items' order. */
export async function mapBounded<T, R>(items: readonly T[], one: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += WIDTH_COUNT) {
    results.push(...(await Promise.all(items.slice(from, from + WIDTH_COUNT).map(one))));
  }
  return results;
}
