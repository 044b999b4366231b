import { afterAll, expect, test } from "vitest";
import { DynamoStreams } from "@on-record/core/storage/dynamo-streams";
import { FaultyStreams } from "@on-record/core/storage/faulty";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { freshStream, sampleEvent, StorageEngine } from "../helpers/storage-fixtures.ts";
import { describeStreamsContract } from "./streams.contract.ts";

const engine = new StorageEngine();
afterAll(() => engine.stop());

describeStreamsContract("memory", async () => new MemoryStreams());
describeStreamsContract(
  "faulty, with no fault planned",
  async () => new FaultyStreams(new MemoryStreams(), () => undefined),
);
describeStreamsContract("DynamoDB", async () => new DynamoStreams(await engine.table()));

test("memory: a gap, which no caller can cause but by a bug, is refused", async () => {
  await expect(new MemoryStreams().append(sampleEvent(freshStream(), 2))).rejects.toBeInstanceOf(RangeError);
});
