import { setImmediate as turn } from "node:timers/promises";
import type { Bus, BusMessage } from "../log/ports.ts";
import { parseObject } from "./forms.ts";

/** A bus that keeps what it accepted, for tests. */
export class MemoryBus implements Bus {
  readonly #accepted: BusMessage[] = [];
  #refuses: (message: BusMessage) => boolean = () => false;

  /** What was accepted, in order. */
  get accepted(): BusMessage[] {
    return this.#accepted.map(copyOf);
  }

  /** From now on refuses the messages that the condition names; `() => false` ends it. */
  refuseWhen(condition: (message: BusMessage) => boolean): void {
    this.#refuses = condition;
  }

  async publish(messages: readonly BusMessage[]): Promise<number> {
    const offered = messages.map(copyOf);
    await turn();
    const refused = offered.findIndex((message) => this.#refuses(message));
    const taken = refused === -1 ? offered : offered.slice(0, refused);
    this.#accepted.push(...taken);
    return taken.length;
  }
}

function copyOf(message: BusMessage): BusMessage {
  return { ...message, detail: parseObject(JSON.stringify(message.detail)) };
}
