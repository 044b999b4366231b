import type { LogEntry } from "../log/envelope.ts";
import type { BusMessage } from "../log/ports.ts";
import { LEDGER_SOURCE } from "../wiring.ts";

/** What the bus is told of an entry: a wake-up that names it. Whoever wants the data reads it from the ledger. */
export function messageOf(entry: LogEntry): BusMessage {
  const { id, stream, version, type, sequence, recordedAt } = entry;
  return {
    source: LEDGER_SOURCE,
    detailType: type,
    detail: { id, stream, version, type, sequence, recordedAt },
    time: recordedAt,
  };
}
