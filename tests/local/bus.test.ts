import { ListRulesCommand, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { BusEvent } from "@on-record/local/put-events";
import { openQueues, type Queues } from "@on-record/local/queues";
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { entry, put, useBuses } from "../helpers/bus-for-tests.ts";

const { at, start } = useBuses();

const queued = async (queues: Queues, queue: string): Promise<BusEvent[]> =>
  (await queues.receive(queue, { max: 25, visibilityMs: 60_000, maxReceives: 9 })).messages.map(({ body }) =>
    JSON.parse(body),
  );

describe("the bus, asked by the AWS SDK", () => {
  it("delivers EventBridge's envelope to the queue of every rule that matches, before it answers", async () => {
    const [all, some, none] = [randomUUID(), randomUUID(), randomUUID()];
    const { client, queues } = await start([
      { name: "all", pattern: { source: [{ prefix: "on-record." }] }, target: { queue: all } },
      { name: "some", pattern: { detail: { n: [{ numeric: [">", 1] }] } }, target: { queue: some } },
      { name: "none", pattern: { source: ["elsewhere"] }, target: { queue: none } },
    ]);
    const answer = await put(
      client,
      entry({ Time: new Date("2025-08-19T14:00:00.789Z"), Resources: ["actor/trump"] }),
      entry({ Detail: '{"n":2}' }),
    );
    expect(answer.FailedEntryCount).toBe(0);
    const events = await queued(queues, all);
    expect(events.map(({ id }) => id)).toEqual(answer.Entries?.map(({ EventId }) => EventId));
    expect(events[0]).toEqual({
      version: "0",
      id: answer.Entries?.[0]?.EventId,
      "detail-type": "Tested",
      source: "on-record.test",
      account: "000000000000",
      time: "2025-08-19T14:00:00Z",
      region: "us-east-1",
      resources: ["actor/trump"],
      detail: { n: 1 },
    });
    expect(events[1]?.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect((await queued(queues, some)).map(({ detail }) => detail)).toEqual([{ n: 2 }]);
    expect(await queued(queues, none)).toEqual([]);
  });

  it("answers a bad entry in its place and takes the others", async () => {
    const queue = randomUUID();
    const { client, queues } = await start([
      { name: "all", pattern: { source: [{ exists: true }] }, target: { queue } },
    ]);
    const { Source: _source, ...noSource } = entry();
    const { DetailType: _detailType, ...noDetailType } = entry();
    const { Detail: _detail, ...noDetail } = entry();
    const answer = await put(
      client,
      noSource,
      noDetailType,
      noDetail,
      entry({ Detail: "{" }),
      entry({ Detail: "[1]" }),
      entry({ Source: "aws.ec2" }),
      entry(),
    );
    expect(answer.FailedEntryCount).toBe(6);
    expect(answer.Entries?.map(({ ErrorCode, ErrorMessage }) => [ErrorCode, ErrorMessage])).toEqual([
      ["InvalidArgument", "Parameter Source is not valid. Reason: Source is a required argument."],
      ["InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType is a required argument."],
      ["InvalidArgument", "Parameter Detail is not valid. Reason: Detail is a required argument."],
      ["MalformedDetail", "Detail is malformed."],
      ["MalformedDetail", "Detail is malformed."],
      ["NotAuthorizedForSourceException", "Not authorized for the source."],
      [undefined, undefined],
    ]);
    expect(await queued(queues, queue)).toHaveLength(1);
  });

  it("refuses no entries, more than ten, and more than 1 MB, and takes exactly 1 MB", async () => {
    const queue = randomUUID();
    const { client, queues } = await start([
      { name: "all", pattern: { source: [{ exists: true }] }, target: { queue } },
    ]);
    const refused = { name: "ValidationException", $metadata: expect.objectContaining({ httpStatusCode: 400 }) };
    await expect(put(client)).rejects.toMatchObject(refused);
    await expect(put(client, ...Array.from({ length: 11 }, () => entry()))).rejects.toMatchObject(refused);
    const padding = 1024 * 1024 - Buffer.byteLength('on-record.testTested{"p":""}');
    const large = (bytes: number): PutEventsRequestEntry => entry({ Detail: JSON.stringify({ p: "x".repeat(bytes) }) });
    await expect(put(client, large(padding + 1))).rejects.toMatchObject({
      ...refused,
      message: "Total size of the entries in the request is over the limit.",
    });
    await expect(put(client, large(padding - 13), entry({ Time: new Date() }))).rejects.toMatchObject(refused);
    expect(await queued(queues, queue)).toEqual([]);
    expect((await put(client, large(padding))).FailedEntryCount).toBe(0);
    expect((await queued(queues, queue))[0]?.detail["p"]).toHaveLength(padding);
  });

  it("accepts events for an unknown bus and gives each bus its own rules", async () => {
    const queue = randomUUID();
    const { client, queues } = await start([
      { name: "own", busName: "on-record", pattern: { source: [{ exists: true }] }, target: { queue } },
    ]);
    const arn = "arn:aws:events:us-east-1:000000000000:event-bus/on-record";
    const answer = await put(
      client,
      entry({ EventBusName: "nobody" }),
      entry(),
      entry({ EventBusName: "on-record" }),
      entry({ EventBusName: arn }),
    );
    expect(answer.FailedEntryCount).toBe(0);
    expect((await queued(queues, queue)).map(({ id }) => id)).toEqual(
      answer.Entries?.slice(2).map(({ EventId }) => EventId),
    );
  });

  it("refuses operations it does not have, bodies that are no JSON, and web pages", async () => {
    const { client, bus } = await start();
    await expect(client.send(new ListRulesCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
      $metadata: { httpStatusCode: 400 },
    });
    const post = (headers: Record<string, string>, body: string) =>
      fetch(bus.endpoint, { method: "POST", headers: { "x-amz-target": "AWSEvents.PutEvents", ...headers }, body });
    expect(await (await post({}, "{")).json()).toMatchObject({ __type: "SerializationException" });
    expect((await post({ origin: "https://example.org" }, "{}")).status).toBe(403);
  });

  it("answers 500 and counts nothing as accepted when the event could not be stored", async () => {
    const queues = openQueues(at.table);
    const failing: Queues = Object.create(queues, {
      sendAll: {
        value: async () => {
          throw new Error("disk full");
        },
      },
    });
    const { client } = await start(
      [{ name: "all", pattern: { source: [{ exists: true }] }, target: { queue: "q" } }],
      failing,
    );
    await expect(put(client, entry())).rejects.toMatchObject({
      name: "InternalException",
      $metadata: { httpStatusCode: 500 },
    });
  });

  it("takes many calls at once and loses none", async () => {
    const queue = randomUUID();
    const { client, queues } = await start([
      { name: "all", pattern: { source: [{ exists: true }] }, target: { queue } },
    ]);
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        put(client, ...Array.from({ length: 5 }, (_unused, j) => entry({ Detail: JSON.stringify({ n: i * 5 + j }) }))),
      ),
    );
    const seen: unknown[] = [];
    for (let batch = await queued(queues, queue); batch.length > 0; batch = await queued(queues, queue))
      seen.push(...batch.map(({ detail }) => detail["n"]));
    expect(seen).toHaveLength(100);
    expect(new Set(seen).size).toBe(100);
  });
});
