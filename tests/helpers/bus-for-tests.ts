import {
  EventBridgeClient,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
} from "@aws-sdk/client-eventbridge";
import { startBus, type Bus, type Rule } from "@on-record/local/bus";
import { openQueues, type Queues } from "@on-record/local/queues";
import { afterEach } from "vitest";
import { useTestEngine } from "./engine-for-tests.ts";

export function busClient(endpoint: string): EventBridgeClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  return new EventBridgeClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
}

export function put(client: EventBridgeClient, ...Entries: PutEventsRequestEntry[]): Promise<PutEventsCommandOutput> {
  return client.send(new PutEventsCommand({ Entries }));
}

export function entry(more: PutEventsRequestEntry = {}): PutEventsRequestEntry {
  return { Source: "on-record.test", DetailType: "Tested", Detail: '{"n":1}', ...more };
}

export interface BusUnderTest {
  readonly bus: Bus;
  readonly client: EventBridgeClient;
  readonly queues: Queues;
}

/** Buses with the real SDK client, over one engine per test file; each is stopped after its test. */
export function useBuses() {
  const at = useTestEngine();
  const open: BusUnderTest[] = [];
  afterEach(async () => {
    for (const { bus, client } of open.splice(0)) {
      client.destroy();
      await bus.stop();
    }
  });
  return {
    at,
    start: async (rules: Rule[] = [], queues = openQueues(at.table)): Promise<BusUnderTest> => {
      const bus = await startBus({ queues, rules, onError: () => undefined });
      const started = { bus, client: busClient(bus.endpoint), queues };
      open.push(started);
      return started;
    },
  };
}
