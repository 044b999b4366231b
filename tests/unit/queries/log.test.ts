import { PrincipalId } from "@on-record/core/domain/ids";
import { instantOf } from "@on-record/core/domain/time";
import { LogEntry } from "@on-record/core/log/envelope";
import type { LogReader, Segment } from "@on-record/core/log/ports";
import { listLog, type LogFilter } from "@on-record/core/queries/log";
import { MemoryLog } from "@on-record/core/storage/memory-log";
import { MemoryStreams } from "@on-record/core/storage/memory-streams";
import { MemoryViews } from "@on-record/core/storage/memory-views";
import { expect, test } from "vitest";

const START_MS = Date.parse("2025-01-01T00:00:00Z");
const MINUTE_MS = 60_000;
const RARE = PrincipalId.parse("seldom-seen");

function entryAt(sequence: number, recordedBy: PrincipalId): LogEntry {
  const at = instantOf(START_MS + sequence * MINUTE_MS);
  return LogEntry.parse({
    id: `actor/a${sequence}@1`,
    stream: `actor/a${sequence}`,
    version: 1,
    type: "ActorRegistered",
    schemaVersion: 1,
    receivedAt: at,
    recordedBy,
    requestId: "r",
    digest: "d".repeat(43),
    sequence,
    recordedAt: at,
  });
}

/** A log whose events came one by one, each in a segment of its own, and how many of these were read. */
class SlowLog extends MemoryLog implements LogReader {
  readonly #entries: LogEntry[];
  read = 0;

  constructor(count: number, rare: ReadonlySet<number>) {
    super();
    const often = PrincipalId.parse("every-day");
    this.#entries = Array.from({ length: count }, (_, n) => entryAt(n, rare.has(n) ? RARE : often));
  }

  override async head() {
    const size = this.#entries.length;
    const recordedAt = this.#entries.at(-1)?.recordedAt ?? null;
    return { ...(await super.head()), size, recordedAt, pointedThrough: size, publishedThrough: size };
  }

  override async segmentAt(sequence: number): Promise<Segment | null> {
    const entry = this.#entries[sequence];
    this.read += 1;
    return entry === undefined ? null : { first: sequence, recordedAt: entry.recordedAt, entries: [entry] };
  }
}

test("A page of the log reads a bounded number of segments, however small they are, and leads on to what it left", async () => {
  const log = new SlowLog(1_500, new Set([3, 1_200, 1_499]));
  const sources = { log, streams: new MemoryStreams(), views: new MemoryViews() };
  const filter: LogFilter = {
    recordedBy: RARE,
    recordedFrom: instantOf(START_MS),
    recordedTo: instantOf(START_MS + 2_000 * MINUTE_MS),
  };
  const found: number[] = [];
  let pages = 0;
  for (let after: number | undefined = -1; after !== undefined; pages += 1) {
    log.read = 0;
    const page = await listLog(sources, filter, { after, limit: 10 });
    expect(log.read).toBeLessThan(450);
    found.push(...page.entries.map(({ sequence }) => sequence));
    after = page.next;
  }
  expect(found).toEqual([3, 1_200, 1_499]);
  expect(pages).toBeLessThan(10);
});
