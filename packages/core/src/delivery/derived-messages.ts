import type { BusMessage } from "../log/ports.ts";
import type { DerivedEvent } from "../projections/positions/derived.ts";
import { POSITIONS_SOURCE } from "../wiring.ts";

/** What the bus carries of a derived event: all of it. Its `id` tells a repeat, its `number` restores the order. */
export function derivedMessage(event: DerivedEvent): BusMessage {
  return { source: POSITIONS_SOURCE, detailType: event.type, detail: event, time: event.recordedAt };
}
