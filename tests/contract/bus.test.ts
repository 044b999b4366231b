import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { expect, onTestFinished, test } from "vitest";
import { instantOf } from "@on-record/core/domain/time";
import type { BusMessage } from "@on-record/core/log/ports";
import { EventBridgeBus } from "@on-record/core/storage/eventbridge-bus";
import { FaultyBus, failNth } from "@on-record/core/storage/faulty";
import { MemoryBus } from "@on-record/core/storage/memory-bus";
import { startScriptedService, type ScriptedAnswer, type ScriptedCall } from "../helpers/scripted-storage.ts";
import { describeBusContract, messages, type BusUnderTest } from "./bus.contract.ts";

interface PutEvents {
  Entries: { EventBusName: string; Source: string; DetailType: string; Detail: string; Time: number }[];
}
type Call = ScriptedCall<PutEvents>;

const carries = (refused: number | null) => (message: BusMessage) => (message.detail as { n: number }).n === refused;

async function memory(): Promise<BusUnderTest> {
  const bus = new MemoryBus();
  return { bus, accepted: () => bus.accepted, refuse: (n) => bus.refuseWhen(carries(n)) };
}

async function scripted(script: (call: Call, nth: number) => ScriptedAnswer) {
  const service = await startScriptedService(script);
  const client = new EventBridgeClient({ endpoint: service.endpoint, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return { bus: new EventBridgeBus({ client, bus: "ledger" }), calls: service.calls };
}

/** EventBridge as far as PutEvents goes: an answer for each entry, a 200 even when entries are refused. */
async function eventBridge(): Promise<BusUnderTest> {
  const accepted: BusMessage[] = [];
  let refuses = carries(null);
  const { bus } = await scripted(({ body }) => {
    const answers = body.Entries.map((entry) => {
      expect(entry.EventBusName).toBe("ledger");
      const message: BusMessage = {
        source: entry.Source,
        detailType: entry.DetailType,
        detail: JSON.parse(entry.Detail),
        time: instantOf(entry.Time * 1000),
      };
      if (refuses(message)) return { ErrorCode: "InternalFailure", ErrorMessage: "scripted" };
      accepted.push(message);
      return { EventId: "e" };
    });
    return { body: { Entries: answers, FailedEntryCount: 0 } };
  });
  return {
    bus,
    accepted: () => accepted,
    refuse: (n) => {
      refuses = carries(n);
    },
  };
}

const sizesOf = (calls: Call[]) => calls.map((call) => call.body.Entries.length);
const acceptAll = ({ body }: Call): ScriptedAnswer => ({
  body: { Entries: body.Entries.map(() => ({ EventId: "e" })), FailedEntryCount: 0 },
});

describeBusContract("memory", memory);
describeBusContract("EventBridge", eventBridge);
describeBusContract("faulty, with no fault planned", async () => {
  const inner = await memory();
  return { ...inner, bus: new FaultyBus(inner.bus, () => undefined) };
});

test("EventBridge: a call carries at most ten entries and one megabyte, counted in bytes", async () => {
  const { bus, calls } = await scripted(acceptAll);
  expect(await bus.publish(messages(21))).toBe(21);
  expect(sizesOf(calls.splice(0))).toEqual([10, 10, 1]);
  // 4 bytes each in UTF-8: three such messages fit one call, counted in UTF-16 units six would.
  expect(await bus.publish(messages(7, { text: "🗣".repeat(80_000) }))).toBe(7);
  expect(sizesOf(calls)).toEqual([3, 3, 1]);
});

test("EventBridge: entries without an answer count as refused", async () => {
  const { bus } = await scripted(() => ({ body: { Entries: [{ EventId: "e" }], FailedEntryCount: 0 } }));
  expect(await bus.publish(messages(3))).toBe(1);
});

test("EventBridge: a throttled call is made again", async () => {
  const { bus } = await scripted((call, nth) => (nth < 3 ? { error: "ThrottlingException" } : acceptAll(call)));
  expect(await bus.publish(messages(2))).toBe(2);
});

test("EventBridge: a bus that cannot be reached is store_unavailable; a wrong request is our bug and stays as it is", async () => {
  const cut = await scripted(() => "hang up");
  await expect(cut.bus.publish(messages(1))).rejects.toMatchObject({ code: "store_unavailable" });
  const wrong = await scripted(() => ({ error: "ValidationException" }));
  await expect(wrong.bus.publish(messages(1))).rejects.toMatchObject({ name: "ValidationException" });
});

test("a lost answer leaves the messages on the bus: publishing again repeats them", async () => {
  const { bus, accepted } = await memory();
  const losing = new FaultyBus(bus, failNth("publish", 1, "after"));
  await expect(losing.publish(messages(2))).rejects.toMatchObject({ code: "store_unavailable" });
  expect(await losing.publish(messages(2))).toBe(2);
  expect(accepted()).toEqual([...messages(2), ...messages(2)]);
});
