import { afterAll } from "vitest";
import { DynamoViews } from "@on-record/core/storage/dynamo-views";
import { FaultyViews } from "@on-record/core/storage/faulty";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeViewsContract } from "./views.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

describeViewsContract("memory", async () => new MemoryViews());
describeViewsContract("faulty, with no fault planned", async () => new FaultyViews(new MemoryViews(), () => undefined));
describeViewsContract("DynamoDB", async () => new DynamoViews(await engine.table()));
