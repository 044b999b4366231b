import type { BusEvent } from "@on-record/local/put-events";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { busClient, entry, put, useBuses } from "../helpers/bus-for-tests.ts";
import { until } from "../helpers/engine-for-tests.ts";

const { at, start } = useBuses();

describe("a rule's function", () => {
  const backoff = { baseMs: 5, capMs: 10 };

  it("receives the event itself, from a rule added at run time, until the rule is removed", async () => {
    const { client, bus } = await start();
    const events: BusEvent[] = [];
    const handler = async (event: BusEvent): Promise<void> => void events.push(event);
    const rule = bus.addRule({
      name: "subscriber",
      pattern: { "detail-type": ["Tested"] },
      target: { functionName: randomUUID(), handler },
    });
    expect(() => bus.addRule({ name: "subscriber", pattern: { source: ["x"] }, target: { queue: "q" } })).toThrow(
      "exists already",
    );
    const answer = await put(client, entry());
    await until("the event", () => events.length === 1);
    expect(events[0]).toMatchObject({ id: answer.Entries?.[0]?.EventId, detail: { n: 1 } });
    await rule.remove();
    await put(client, entry());
    expect(events).toHaveLength(1);
  });

  it("is tried three times, then the event is a dead letter, and a redrive delivers it", async () => {
    const { client, bus, queues } = await start();
    const functionName = randomUUID();
    const queue = `function/${functionName}`;
    const tried: string[] = [];
    let broken = true;
    const handler = async ({ id }: BusEvent): Promise<void> => {
      tried.push(id);
      if (broken) throw new Error("receiver is down");
    };
    bus.addRule({ name: "flaky", pattern: { source: [{ exists: true }] }, target: { functionName, handler, backoff } });
    const answer = await put(client, entry());
    const id = answer.Entries?.[0]?.EventId;
    await until("the dead letter", async () => (await queues.listDeadLetters(queue)).length === 1);
    expect(tried).toEqual([id, id, id]);
    expect(await queues.listDeadLetters(queue)).toMatchObject([{ reason: "Error: receiver is down", receives: 3 }]);
    broken = false;
    expect(await queues.redrive(queue)).toBe(1);
    await until("the redriven event", () => tried.length === 4);
    expect(await queues.listDeadLetters(queue)).toEqual([]);
  });

  it("still receives what was accepted when the process is killed between the answer and the delivery", async () => {
    const functionName = randomUUID();
    const pattern = { source: [{ exists: true }] };
    // The first life: its function never gets to its end, nothing is stopped cleanly before the second begins.
    const first = await start();
    let reached = 0;
    let release = (): void => undefined;
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const dying = async (): Promise<void> => {
      reached += 1;
      await stuck;
      throw new Error("killed");
    };
    first.bus.addRule({
      name: "alert",
      pattern,
      target: { functionName, handler: dying, backoff: { baseMs: 60_000, capMs: 60_000 } },
    });
    const accepted = await put(first.client, entry({ Detail: '{"n":1}' }));
    await until("the first delivery", () => reached === 1);
    const alsoAccepted = await put(first.client, entry({ Detail: '{"n":2}' }));

    const second = await start();
    const events: BusEvent[] = [];
    second.bus.addRule({
      name: "alert",
      pattern,
      target: { functionName, handler: async (event) => void events.push(event) },
    });
    await until("both events", () => events.length >= 2);
    const ids = [...(accepted.Entries ?? []), ...(alsoAccepted.Entries ?? [])].map(({ EventId }) => EventId);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(ids));
    release();
  });

  it("receives every accepted event although the process that accepted them dies by SIGKILL", async () => {
    const functionName = randomUUID();
    const script = join(import.meta.dirname, "bus-host.ts");
    const host = spawn(process.execPath, ["--import", "tsx", script, at.engine.endpoint, functionName], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    host.stdout.setEncoding("utf8").on("data", (text: string) => void (printed += text));
    await until("the host", () => printed.includes("\n"), 10_000);
    const [endpoint = ""] = printed.split("\n");
    const client = busClient(endpoint);
    const accepted: string[] = [];
    const one = async (): Promise<void> => {
      const answer = await put(client, ...Array.from({ length: 5 }, () => entry()));
      for (const { EventId } of answer.Entries ?? []) if (EventId !== undefined) accepted.push(EventId);
    };
    for (let round = 0; round < 4; round++) await Promise.all([one(), one(), one()]);
    // These may or may not be accepted: the process dies while it works on them.
    const inFlight = Promise.allSettled([one(), one()]);
    host.kill("SIGKILL");
    await once(host, "exit");
    await inFlight;
    client.destroy();

    const delivered = new Set(printed.trim().split("\n").slice(1));
    expect(delivered.size).toBeLessThan(accepted.length);
    const { bus } = await start();
    bus.addRule({
      name: "printer",
      pattern: { source: [{ exists: true }] },
      target: { functionName, handler: async ({ id }: BusEvent) => void delivered.add(id) },
    });
    await until("every accepted event", () => accepted.every((id) => delivered.has(id)));
    expect(accepted.length).toBeGreaterThanOrEqual(60);
  }, 15_000);
});
