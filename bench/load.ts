import { loadEngine } from "../tests/fixtures/ledger-maker/engine.ts";
import { LEDGER_KEY, type BenchOptions, type Place } from "./place.ts";
import { tableOf } from "./report.ts";

/** How long the loader takes to fill an empty engine. */
export async function loadRows({ endpoint }: Place, { statements }: BenchOptions): Promise<string> {
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const onRound = (events: number) => console.error(`${events} events, ${seconds(startedAt)} s`);
  const loaded = await loadEngine({ endpoint, ledgerKey: LEDGER_KEY, seed: 1, statements, onRound });
  const { user, system } = process.cpuUsage(cpuBefore);
  const cells = [loaded.statements, loaded.events, seconds(startedAt), Math.round((user + system) / 1e6)];
  return tableOf(["statements", "events", "seconds", "of them CPU in this process"], [cells.map(String)]);
}

function seconds(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 1_000);
}
