import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { ViewRow } from "@on-record/core/log/ports";
import { bodyOf } from "@on-record/core/projections/body";
import { positions } from "@on-record/core/projections/positions";
import { POSITIONS } from "@on-record/core/projections/positions/rows";
import { eventsOf } from "@on-record/core/projections/run";
import { replay } from "@on-record/core/projections/replay";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { loadEngine } from "../tests/fixtures/ledger-maker/engine.ts";
import { LEDGER_KEY, type BenchOptions, type Place } from "./place.ts";
import { tableOf } from "./report.ts";
import { median } from "./rounds.ts";

/** A rebuild of the positions, beside reading the log and writing the same rows with nothing between. */
export async function rebuildRows({ endpoint }: Place, { rounds, statements }: BenchOptions): Promise<string> {
  const loaded = await loadEngine({ endpoint, ledgerKey: LEDGER_KEY, seed: 1, statements });
  const client = new DynamoDBClient({ ...clientConfig(endpoint), cacheMiddleware: true });
  const log = new DynamoLog({ client, table: TABLE_NAMES.log });
  const streams = new DynamoStreams({ client, table: TABLE_NAMES.events });
  const views = new DynamoViews({ client, table: TABLE_NAMES.views });
  const bySequence = await rowsBySequence(views);
  const plain = async (round: number) => {
    const { size } = await log.head();
    for (let next = 0; next < size;) {
      const segment = await log.segmentAt(next);
      if (segment === null) throw new Error("the log ends early");
      const events = await eventsOf(segment.entries, streams);
      const rows = events.flatMap(({ entry }) => bySequence.get(entry.recordedAt) ?? []);
      await views.put(unique(rows).map((row) => ({ ...row, pk: `plain-${round}#${row.pk}` })));
      next = segment.first + segment.entries.length;
    }
  };
  const rates: { plain: number[]; rebuilt: number[] } = { plain: [], rebuilt: [] };
  for (let round = 0; round <= rounds; round += 1) {
    const plainly = await seconds(() => plain(round));
    const rebuilt = await seconds(() => replay(positions, { log, streams, views }, { afresh: true }));
    if (round === 0) continue;
    rates.plain.push(loaded.events / plainly);
    rates.rebuilt.push(loaded.events / rebuilt);
    console.error(`round ${round}: ${(plainly / rebuilt).toFixed(2)}`);
  }
  client.destroy();
  const ratio = median(rates.rebuilt.map((rate, round) => rate / (rates.plain[round] ?? Number.NaN)));
  return tableOf(
    [`${loaded.events} events`, "events a second", "vs plain"],
    [
      ["reading the log and writing the same rows", median(rates.plain).toFixed(0), "1.00"],
      ["**rebuild** of the positions", median(rates.rebuilt).toFixed(0), ratio.toFixed(2)],
    ],
  );
}

const unique = (rows: readonly ViewRow[]) => [...new Set(rows)];

async function seconds(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/** The rows of the positions by when they were made: those that a segment makes. */
async function rowsBySequence(views: DynamoViews): Promise<Map<string, ViewRow[]>> {
  const found = new Map<string, ViewRow[]>();
  for await (const rows of views.scan()) {
    for (const row of rows) {
      if (!row.pk.startsWith(`${POSITIONS}#`)) continue;
      const made =
        bodyOf<{ recordedAt?: string }>(row).recordedAt ??
        /\d{4}-\d\d-\d\dT[\d:.]+Z(?=#\d{12}$)/.exec(row.sk)?.[0] ??
        "";
      found.set(made, [...(found.get(made) ?? []), row]);
    }
  }
  return found;
}
