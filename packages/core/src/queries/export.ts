import { exportLineOf, type ExportLine } from "../log/export-line.ts";
import type { LogReader, StreamStore } from "../log/ports.ts";
import { PageRoom } from "./page-room.ts";
import { segmentsBetween } from "./sequence-at.ts";

export interface ExportSources {
  log: Pick<LogReader, "head" | "segmentAt">;
  streams: Pick<StreamStore, "read">;
}

export interface ExportPage {
  lines: ExportLine[];
  size: number;
  /** The number to go on behind; absent at the end. */
  next?: number;
}

/** The log with the events behind it, from behind a sequence number on: as many as are asked for, and as one answer takes. */
export async function exportPage(
  { log, streams }: ExportSources,
  { after, limit }: { after: number; limit: number },
): Promise<ExportPage> {
  const { size } = await log.head();
  const [first, end] = [after + 1, Math.min(size, after + 1 + limit)];
  const segments = await segmentsBetween(log, first, end);
  const entries = segments
    .flatMap((segment) => segment.entries)
    .filter(({ sequence }) => first <= sequence && sequence < end);
  const events = await streams.read(entries.map(({ id }) => id));
  const room = new PageRoom();
  const lines = entries.map((entry, index) => exportLineOf(entry, events[index] ?? null));
  const tooMany = lines.findIndex((line) => !room.take(line));
  const page = tooMany === -1 ? lines : lines.slice(0, tooMany);
  const last = page.at(-1)?.entry.sequence;
  return { lines: page, size, ...(last !== undefined && last + 1 < size && { next: last }) };
}
