/** One way of doing the work; all ways of a row do the same work on the same engine. */
export interface Way {
  readonly name: string;
  /** Does the nth piece of work; n is never given twice. */
  readonly run: (n: number) => Promise<unknown>;
}

/** How a way did, one figure a round: pieces of work a second, and what each cost this process in CPU time. */
export interface Measured {
  readonly name: string;
  readonly perSecond: number[];
  readonly cpuMs: number[];
}

export interface RoundsOptions {
  readonly rounds: number;
  /** Pieces of work of one way in one round. */
  readonly count: number;
  /** How many are under way at once. */
  readonly clients: number;
  readonly onRound?: (round: number) => Promise<void>;
}

/**
 * Measures the ways in turn, A B C A B C, so that what the machine does beside this meets all of them alike.
 * One round before the first warms up and is not counted.
 */
export async function measure(ways: readonly Way[], options: RoundsOptions): Promise<Measured[]> {
  const measured = ways.map(({ name }) => ({ name, perSecond: [] as number[], cpuMs: [] as number[] }));
  let next = 0;
  for (let round = 0; round <= options.rounds; round += 1) {
    for (const [index, way] of ways.entries()) {
      globalThis.gc?.();
      const { seconds, cpuMs } = await timed(way, next, options);
      next += options.count;
      if (round === 0) continue;
      measured[index]?.perSecond.push(options.count / seconds);
      measured[index]?.cpuMs.push(cpuMs / options.count);
    }
    await options.onRound?.(round);
  }
  return measured;
}

async function timed({ run }: Way, first: number, { count, clients }: RoundsOptions) {
  let next = first;
  const client = async (): Promise<void> => {
    while (next < first + count) {
      const n = next;
      next += 1;
      await run(n);
    }
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds, cpuMs: (user + system) / 1_000 };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
