import { afterAll } from "vitest";
import { DynamoEraser } from "@on-record/core/storage/dynamo-eraser";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { FaultyErasers } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeErasersContract, type ErasedStores } from "./erasers.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

async function inMemory(): Promise<ErasedStores> {
  const [streams, views] = [new MemoryStreams(), new MemoryViews()];
  return { streams, events: streams, views, rows: views };
}

describeErasersContract("memory", inMemory);
describeErasersContract("faulty, with no fault planned", async () => {
  const stores = await inMemory();
  const faulty = new FaultyErasers({ events: stores.events, views: stores.rows }, () => undefined);
  return { ...stores, events: faulty, rows: faulty };
});
describeErasersContract("DynamoDB", async () => {
  const [events, table] = [await engine.table(), await engine.table()];
  const views = new DynamoViews(table);
  return { streams: new DynamoStreams(events), events: new DynamoEraser(events), views, rows: views };
});
