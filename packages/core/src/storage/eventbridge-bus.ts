import { PutEventsCommand, type EventBridgeClient, type PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";
import type { Bus, BusMessage } from "../log/ports.ts";
import { callAws } from "./aws-calls.ts";

const ENTRIES_PER_CALL_COUNT = 10;
const CALL_BYTES = 1_000_000;
/** What EventBridge counts for an entry's time. */
const TIME_BYTES = 14;

/** EventBridge, by PutEvents. Calls follow one another, so that order holds as far as the bus keeps it. */
export class EventBridgeBus implements Bus {
  readonly #client: EventBridgeClient;
  readonly #bus: string;

  constructor({ client, bus }: { client: EventBridgeClient; bus: string }) {
    this.#client = client;
    this.#bus = bus;
  }

  async publish(messages: readonly BusMessage[]): Promise<number> {
    let accepted = 0;
    for (const entries of callsOf(messages.map((message) => this.#entryOf(message)))) {
      const taken = await this.#put(entries);
      accepted += taken;
      if (taken < entries.length) break;
    }
    return accepted;
  }

  /** How many from the front were accepted: a 200 is not success, each entry has an answer of its own. */
  async #put(entries: PutEventsRequestEntry[]): Promise<number> {
    const command = new PutEventsCommand({ Entries: entries });
    const { Entries: answers = [] } = await callAws(async () => this.#client.send(command));
    const refused = entries.findIndex((_, at) => answers[at]?.EventId === undefined);
    return refused === -1 ? entries.length : refused;
  }

  #entryOf({ source, detailType, detail, time }: BusMessage): PutEventsRequestEntry {
    return {
      EventBusName: this.#bus,
      Source: source,
      DetailType: detailType,
      Detail: JSON.stringify(detail),
      Time: new Date(time),
    };
  }
}

/** Cuts entries into calls that EventBridge takes. One that is too large alone goes alone: the service names the error. */
function callsOf(entries: readonly PutEventsRequestEntry[]): PutEventsRequestEntry[][] {
  const calls: PutEventsRequestEntry[][] = [];
  let current: PutEventsRequestEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    if (current.length === ENTRIES_PER_CALL_COUNT || (current.length > 0 && bytes + size > CALL_BYTES)) {
      calls.push(current);
      current = [];
      bytes = 0;
    }
    current.push(entry);
    bytes += size;
  }
  if (current.length > 0) calls.push(current);
  return calls;
}

function sizeOf({ Source = "", DetailType = "", Detail = "" }: PutEventsRequestEntry): number {
  return TIME_BYTES + Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
