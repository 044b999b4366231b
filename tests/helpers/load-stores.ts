/** Reads the stopped ledger's own tables, through an engine of ours. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { positions } from "@on-record/core/projections/positions";
import { derivedPk } from "@on-record/core/projections/positions/rows";
import { catchUp } from "@on-record/core/projections/run";
import { DynamoLog } from "@on-record/core/storage/dynamo-log";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { QUEUES, STREAM_CONSUMERS } from "@on-record/core/wiring";
import { startEngine } from "@on-record/local/engine";
import { allItems, openLocalTable } from "@on-record/local/local-table";
import { queueKey } from "@on-record/local/queue-items";
import { openQueues } from "@on-record/local/queues";
import { clientConfig, TABLE_NAMES } from "@on-record/local/tables";
import { AUDIT_QUEUE, SUBSCRIBER } from "./load-names.ts";
import type { Check } from "./load-check.ts";

export interface Stores {
  /** The ids of all events in the Events table. */
  readonly stored: Set<string>;
  /** The details of all that the bus accepted for the audit, repeats included. */
  readonly audited: unknown[];
  /** The derived events that a rebuild from the log makes. */
  readonly rebuilt: object[];
  readonly stuck: Check;
}

export async function readStores(folder: string): Promise<Stores> {
  const engine = await startEngine({ folder });
  const client = new DynamoDBClient(clientConfig(engine.endpoint));
  try {
    const log = new DynamoLog({ client, table: TABLE_NAMES.log });
    const streams = new DynamoStreams({ client, table: TABLE_NAMES.events });
    const stored = new Set<string>();
    for await (const page of streams.scan()) for (const { stream, version } of page) stored.add(`${stream}@${version}`);
    const views = new MemoryViews();
    await catchUp(positions, { log, streams, views });
    const { size } = await log.head();
    return {
      stored,
      audited: await messagesIn(client, AUDIT_QUEUE),
      rebuilt: await derivedIn(views, size),
      stuck: await checkStuck(client, log),
    };
  } finally {
    client.destroy();
    await engine.stop();
  }
}

async function derivedIn(views: MemoryViews, size: number): Promise<object[]> {
  const derived: object[] = [];
  for (let first = 0; first < size; first += 1_000) {
    derived.push(...(await views.query(derivedPk(first), {})).map(({ body }) => body));
  }
  return derived;
}

async function messagesIn(client: DynamoDBClient, queue: string): Promise<unknown[]> {
  const table = openLocalTable(client, TABLE_NAMES.local);
  const details: unknown[] = [];
  for await (const item of allItems(table, queueKey(queue))) {
    const event = JSON.parse(String(item["body"])) as { detail: unknown };
    details.push(event.detail);
  }
  return details;
}

/** Nothing waits anywhere, nothing was given up. */
async function checkStuck(client: DynamoDBClient, log: DynamoLog): Promise<Check> {
  const table = openLocalTable(client, TABLE_NAMES.local);
  const violations: string[] = [];
  const streams = Object.keys(STREAM_CONSUMERS).map((name) => `stream/${name}`);
  const queues = [...Object.keys(QUEUES), `function/${SUBSCRIBER}`, ...streams];
  for (const queue of queues) {
    const waiting = await table.query(queueKey(queue), { limit: 100 });
    if (waiting.length > 0) violations.push(`${waiting.length} messages are stuck in ${queue}`);
  }
  for (const { queue, reason } of await openQueues(table).listDeadLetters()) {
    violations.push(`a dead letter of ${queue}: ${reason}`);
  }
  const { size, pointedThrough, publishedThrough } = await log.head();
  if (pointedThrough !== size) violations.push(`pointers reach ${pointedThrough} of ${size}`);
  if (publishedThrough !== size) violations.push(`the bus was told of ${publishedThrough} of ${size}`);
  return { name: "nothing is stuck, nothing was given up", seen: `${queues.length} queues`, violations };
}
