import * as z from "zod";
import { envelopeOf, isErased, LogEntry, type StoredEvent } from "./envelope.ts";

/**
 * One line of an export: an entry of the log, and beside it what its event holds. Of an erased event `salt` and
 * `requestDigest` are gone, and `data` is what erasure left. Where `data` is not there at all, the Events table does not
 * hold the event that the log names.
 */
export const ExportLine = z.strictObject({
  entry: LogEntry,
  data: z.unknown().optional(),
  salt: z.string().max(100).optional(),
  requestDigest: z.string().max(100).optional(),
  /** That it was erased. */
  erased: z.literal(true).optional(),
});
export type ExportLine = z.infer<typeof ExportLine>;

/** The line of an entry and its event; `null` for an event that is not there. */
export function exportLineOf(entry: LogEntry, event: StoredEvent | null): ExportLine {
  if (event === null) return { entry };
  const { data, salt, requestDigest } = event;
  return isErased(event) ? { entry, data, erased: true } : { entry, data, salt, requestDigest };
}

/** The event as the Events table held it. */
export function storedEventOf({ entry, data, salt = "", requestDigest = "" }: ExportLine): StoredEvent {
  return { ...envelopeOf({ ...entry, data, salt, requestDigest }), data, salt, requestDigest };
}
