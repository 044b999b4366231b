import { listCommand, redriveCommand } from "@on-record/cli/dead-letters";
import { systemClock, type Clock, type Loop } from "@on-record/local/loops";
import type { QueueMessage } from "@on-record/local/queue-items";
import { startSqsConsumer, type QueueConsumerOptions } from "@on-record/local/queue-worker";
import { openQueues, type Queues } from "@on-record/local/queues";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { until, useTestEngine } from "../helpers/engine-for-tests.ts";

const at = useTestEngine();

const running: Loop[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((loop) => loop.stop()));
});

/** A clock that is moved by hand. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = 1_755_600_000_000;
  return { now: () => now, sleep: systemClock.sleep, advance: (ms) => void (now += ms) };
}

const RECEIVE = { max: 10, visibilityMs: 30_000, maxReceives: 3 };
const bodies = (messages: readonly QueueMessage[]): string[] => messages.map(({ body }) => body);
const receive = async (queues: Queues, queue: string, options = RECEIVE): Promise<readonly QueueMessage[]> =>
  (await queues.receive(queue, options)).messages;

function consume(
  queues: Queues,
  queue: string,
  handler: (event: SQSEvent) => Promise<SQSBatchResponse | void>,
  more: Partial<QueueConsumerOptions> = {},
): void {
  const options = {
    queues,
    queue,
    functionName: "test",
    batchSize: 10,
    visibilitySeconds: 30,
    maxReceives: 3,
    backoff: { baseMs: 5, capMs: 20 },
    onError: () => undefined,
    ...more,
  };
  running.push(startSqsConsumer(handler, options));
}

describe("a queue", () => {
  it("gives messages in the order of sending, with what SQS tells about them", async () => {
    const queues = openQueues(at.table);
    const queue = randomUUID();
    await queues.send(queue, ["1", "2"]);
    await queues.send(queue, ["3"]);
    const messages = await receive(queues, queue);
    expect(bodies(messages)).toEqual(["1", "2", "3"]);
    expect(messages.map(({ receives }) => receives)).toEqual([1, 1, 1]);
  });

  it("hides a received message until its visibility timeout, then gives it again", async () => {
    const clock = handClock();
    const queues = openQueues(at.table, clock);
    const queue = randomUUID();
    await queues.send(queue, ["x"]);
    expect(await receive(queues, queue)).toHaveLength(1);
    clock.advance(29_999);
    expect((await queues.receive(queue, RECEIVE)).nextVisibleAt).toBe(clock.now() + 1);
    clock.advance(1);
    expect((await receive(queues, queue)).map(({ receives }) => receives)).toEqual([2]);
  });

  it("gives a removed message never again, and one removed too late again", async () => {
    const clock = handClock();
    const queues = openQueues(at.table, clock);
    const queue = randomUUID();
    await queues.send(queue, ["kept", "gone"]);
    const [late, gone] = await receive(queues, queue);
    if (late === undefined || gone === undefined) throw new Error("both were sent");
    await queues.remove([gone]);
    clock.advance(30_000);
    expect(bodies(await receive(queues, queue))).toEqual(["kept"]);
    await queues.remove([late]);
    clock.advance(30_000);
    expect(bodies(await receive(queues, queue))).toEqual(["kept"]);
  });

  it("gives what a killed process had in hand to the next process at once", async () => {
    const queue = randomUUID();
    const killed = openQueues(at.table);
    await killed.send(queue, ["in hand"]);
    await receive(killed, queue);
    await killed.send(queue, ["not yet received"]);
    const next = openQueues(at.table);
    expect(bodies(await receive(next, queue))).toEqual(["not yet received"]);
    await next.recover(queue);
    expect(bodies(await receive(next, queue))).toEqual(["in hand"]);
  });

  it("buries a message that was received too often without an answer, as when it kills the process", async () => {
    const queue = randomUUID();
    await openQueues(at.table).send(queue, ["poison"]);
    for (let life = 0; life < 3; life++) {
      const queues = openQueues(at.table);
      await queues.recover(queue);
      expect(await receive(queues, queue)).toHaveLength(1);
    }
    const queues = openQueues(at.table);
    await queues.recover(queue);
    expect(await receive(queues, queue)).toEqual([]);
    expect(await queues.listDeadLetters(queue)).toMatchObject([{ body: "poison", receives: 3 }]);
  });

  it("lets two consumers share it without losing anything", async () => {
    const queue = randomUUID();
    const sender = openQueues(at.table);
    const wanted = Array.from({ length: 60 }, (_, i) => String(i));
    await Promise.all(Array.from({ length: 6 }, (_, i) => sender.send(queue, wanted.slice(i * 10, i * 10 + 10))));
    const seen: string[] = [];
    for (const queues of [openQueues(at.table), openQueues(at.table)]) {
      consume(queues, queue, async ({ Records }) => void seen.push(...Records.map(({ body }) => body)));
    }
    await until("all 60", () => new Set(seen).size === 60);
    expect([...new Set(seen)].toSorted()).toEqual(wanted.toSorted());
  });

  it("keeps a body of 1 MB whole, through retry, burial and redrive, and leaves nothing behind", async () => {
    const clock = handClock();
    const queues = openQueues(at.table, clock);
    const queue = randomUUID();
    const body = "é😀".repeat(170_000);
    const [id = ""] = await queues.send(queue, [body]);
    const [message] = await receive(queues, queue);
    if (message === undefined) throw new Error("it was sent");
    await queues.bury(message, "tried");
    expect((await queues.listDeadLetters(queue))[0]?.body === body).toBe(true);
    await queues.redrive(queue);
    const [again] = await receive(queues, queue);
    if (again === undefined) throw new Error("it was redriven");
    expect(again.body === body).toBe(true);
    await queues.remove([again]);
    expect(await at.table.query(`body#${id}`, { limit: 10 })).toEqual([]);
  });
});

describe("a queue's consumer", () => {
  it("calls the handler with SQS's event and removes what was handled", async () => {
    const queues = openQueues(at.table);
    const queue = randomUUID();
    const events: SQSEvent[] = [];
    consume(queues, queue, async (event) => void events.push(event));
    const [messageId] = await queues.send(queue, ['{"n":1}']);
    await until("the event", () => events.length === 1);
    expect(events[0]?.Records).toMatchObject([
      {
        messageId,
        body: '{"n":1}',
        eventSource: "aws:sqs",
        eventSourceARN: `arn:aws:sqs:us-east-1:000000000000:${queue}`,
        attributes: { ApproximateReceiveCount: "1" },
      },
    ]);
    await until("it is removed", async () => (await at.table.query(`queue#${queue}`, { limit: 1 })).length === 0);
  });

  it("retries only what the handler reports", async () => {
    const queues = openQueues(at.table);
    const queue = randomUUID();
    const seen: string[] = [];
    await queues.send(queue, ["good", "bad", "fine"]);
    consume(queues, queue, async ({ Records }) => {
      seen.push(...Records.map(({ body, attributes }) => `${body}/${attributes.ApproximateReceiveCount}`));
      const failed = Records.filter(
        ({ body, attributes }) => body === "bad" && attributes.ApproximateReceiveCount === "1",
      );
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    });
    await until("the retry", () => seen.length === 4);
    expect(seen).toEqual(["good/1", "bad/1", "fine/1", "bad/2"]);
    expect(await queues.listDeadLetters(queue)).toEqual([]);
  });

  it("buries a message after its last try with the reason, lists it, and redrives it", async () => {
    const queues = openQueues(at.table);
    const queue = randomUUID();
    let broken = true;
    let calls = 0;
    consume(queues, queue, async () => {
      calls += 1;
      if (broken) throw new TypeError("the view is gone");
    });
    const [id = ""] = await queues.send(queue, ["wake"]);
    await until("the dead letter", async () => (await queues.listDeadLetters(queue)).length === 1);
    expect(calls).toBe(3);
    const shown = await listCommand(queues, { queue });
    expect(shown).toContain("TypeError: the view is gone");
    expect(shown).toContain("tried 3 times");
    expect(JSON.parse(await listCommand(queues, { queue, json: true }))).toMatchObject([
      { id, queue, body: "wake", receives: 3 },
    ]);
    expect(await queues.listDeadLetters()).toContainEqual(expect.objectContaining({ queue, id }));

    broken = false;
    expect(await redriveCommand(queues, { queue, ids: [id, "unknown"] })).toBe(
      "1 dead letter sent again. 1 not found.",
    );
    await until("the redriven message", () => calls === 4);
    expect(await listCommand(queues, { queue })).toBe(`No dead letters of ${queue}.`);
    expect(await redriveCommand(queues, { queue, json: true })).toBe('{"redriven":0}');
  });

  it("treats a failure of an unknown message, and a handler that never ends, as a failure of the whole batch", async () => {
    const queues = openQueues(at.table);
    const [unknown, endless] = [randomUUID(), randomUUID()];
    await queues.send(unknown, ["a"]);
    await queues.send(endless, ["b"]);
    consume(queues, unknown, async () => ({ batchItemFailures: [{ itemIdentifier: "" }] }), { maxReceives: 1 });
    consume(queues, endless, () => new Promise(() => undefined), { maxReceives: 1, visibilitySeconds: 0.05 });
    await until(
      "both dead letters",
      async () => (await queues.listDeadLetters(unknown)).length + (await queues.listDeadLetters(endless)).length === 2,
    );
    expect((await queues.listDeadLetters(endless))[0]?.reason).toContain("ran longer than 50 ms");
  });

  it("finishes the batch in hand before it stops, and takes no other", async () => {
    const queues = openQueues(at.table);
    const queue = randomUUID();
    const done: string[] = [];
    let begun = false;
    await queues.send(queue, ["1", "2"]);
    consume(
      queues,
      queue,
      async ({ Records }) => {
        begun = true;
        await new Promise((resolve) => setTimeout(resolve, 50));
        done.push(...Records.map(({ body }) => body));
      },
      { batchSize: 1 },
    );
    await until("the first batch", () => begun);
    await running.pop()?.stop();
    expect(done).toEqual(["1"]);
    expect(bodies(await receive(queues, queue))).toEqual(["2"]);
  });
});
