import { readEvent } from "@on-record/core/log/upcast";
import type { StoredEvent } from "@on-record/core/log/envelope";
import { LedgerFold } from "@on-record/core/projections/positions/ledger-fold";
import type { LoggedEvent } from "@on-record/core/projections/projection";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { loadLedger } from "../tests/fixtures/ledger-maker/bulk.ts";
import { LEDGER_KEY, type BenchOptions, type Place } from "./place.ts";
import { tableOf } from "./report.ts";
import { median } from "./rounds.ts";

const STATEMENTS = 10_000;

function seconds(work: () => unknown): number {
  globalThis.gc?.();
  const startedAt = performance.now();
  work();
  return (performance.now() - startedAt) / 1_000;
}

/** The fold of all positions from parsed events, beside parsing the same events. */
export async function foldRows(_place: Place, { rounds }: BenchOptions): Promise<string> {
  const [streams, log] = [new MemoryStreams(), new MemoryLog()];
  await loadLedger(
    { streams, log, views: new MemoryViews(), ledgerKey: LEDGER_KEY },
    { seed: 1, statements: STATEMENTS },
  );
  const logged: LoggedEvent[] = [];
  const texts: string[] = [];
  const { size } = await log.head();
  while (logged.length < size) {
    const segment = await log.segmentAt(logged.length);
    const entries = segment?.entries ?? [];
    const stored: (StoredEvent | null)[] = await streams.read(entries.map(({ id }) => id));
    for (const [index, entry] of entries.entries()) {
      const event = stored[index];
      if (!event) throw new Error(`${entry.id} is not there`);
      logged.push({ entry, event: readEvent(event) });
      texts.push(JSON.stringify({ ...entry, data: event.data }));
    }
  }
  const [parsing, folding]: [number[], number[]] = [[], []];
  let positionsCount = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const parsed = seconds(() => texts.map((text): unknown => JSON.parse(text)));
    const folded = seconds(() => {
      const fold = new LedgerFold();
      for (const each of logged) fold.apply(each);
      positionsCount = fold.positions().length;
    });
    if (round === 0) continue;
    parsing.push(size / parsed);
    folding.push(size / folded);
  }
  const ratio = median(folding.map((rate, round) => rate / (parsing[round] ?? Number.NaN)));
  return tableOf(
    ["pure fold", "events a second", "vs parsing"],
    [
      [`\`JSON.parse\` of ${size} events`, median(parsing).toFixed(0), "1.00"],
      [`**fold** to ${positionsCount} positions`, median(folding).toFixed(0), ratio.toFixed(2)],
    ],
  );
}
