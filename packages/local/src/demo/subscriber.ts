import { setTimeout as sleep } from "node:timers/promises";
import { POSITIONS_SOURCE } from "@on-record/core/wiring";
import { DerivedEvent } from "@on-record/core/projections/positions/derived";
import type { Bus } from "../bus.ts";
import { BUS_NAME } from "../runtime.ts";

/** An alert bot's rule: positions that were reversed, in part or in full. An EventBridge event pattern. */
export const REVERSALS = {
  source: [POSITIONS_SOURCE],
  "detail-type": ["PositionChanged"],
  detail: { reversal: ["partial", "full"] },
};

/** A rule of one who wants everything: by it the demo knows that the bus has nothing more to bring. */
export const EVERYTHING = { source: [POSITIONS_SOURCE] };

const LONGEST_WAIT_MS = 10_000;
const LOOK_EVERY_MS = 10;

/** Receives what a rule of the bus matches. The bus delivers at least once, so a repeated id is counted and ignored. */
export class Subscriber {
  readonly received = new Map<string, DerivedEvent>();
  #deliveries = 0;

  constructor(bus: Bus, name: string, pattern: object) {
    const handler = async ({ detail }: { detail: unknown }): Promise<void> => {
      const event = DerivedEvent.parse(detail);
      this.#deliveries += 1;
      this.received.set(event.id, event);
    };
    bus.addRule({ name, busName: BUS_NAME, pattern, target: { functionName: name, handler } });
  }

  /** How often something was delivered, repeats included. */
  get deliveries(): number {
    return this.#deliveries;
  }

  /** Waits until all of these have come; gives up after a while, for whoever looks then to see what is missing. */
  async waitFor(ids: readonly string[]): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    while (Date.now() < deadline && !ids.every((id) => this.received.has(id))) await sleep(LOOK_EVERY_MS);
  }
}
