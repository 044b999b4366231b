import type { LedgerError } from "@on-record/core/errors";
import { envelopeOf, type StoredEvent, type StreamName } from "@on-record/core/log/envelope";
import type { LogReader } from "@on-record/core/log/ports";
import { readEvent } from "@on-record/core/log/upcast";
import { etagOf } from "../http/preconditions.ts";
import { queryOf, validate } from "../http/validate.ts";
import { nextLink, NumberedPage } from "./page.ts";
import type { ApiContext, ApiParts } from "./route.ts";

/**
 * An event as its readers see it: never with its salt or the request's digest, by which a guess could be confirmed.
 * `sequence` and `recordedAt` are there once the event has entered the log.
 */
async function presentEvent(log: LogReader, event: StoredEvent): Promise<object> {
  const sequence = await log.sequenceOf(event.id);
  const segment = sequence === null ? null : await log.segmentAt(sequence);
  const place = segment === null ? {} : { sequence, recordedAt: segment.recordedAt };
  return { ...envelopeOf(event), ...place, data: readEvent(event).data };
}

/** A stream's events, a page at a time: what happened to a statement, an actor or a proposition. */
export async function answerEvents(
  c: ApiContext,
  { streams, log }: ApiParts,
  stream: StreamName,
  notFound: LedgerError,
): Promise<Response> {
  const { after = 0, limit } = validate(NumberedPage, queryOf(c.req.raw));
  const stored = await streams.load(stream);
  if (stored.length === 0) throw notFound;
  const page = stored.slice(after, after + limit);
  const events = await Promise.all(page.map((event) => presentEvent(log, event)));
  if (after + limit < stored.length) c.header("link", nextLink(c.req.path, after + limit, limit));
  c.header("etag", etagOf(stored.length));
  return c.json({ events });
}
