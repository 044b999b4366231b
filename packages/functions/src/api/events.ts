import type { LedgerError } from "@on-record/core/errors";
import { envelopeOf, isErased, withoutErased, type StoredEvent, type StreamName } from "@on-record/core/log/envelope";
import type { LogReader } from "@on-record/core/log/ports";
import { readEvent } from "@on-record/core/log/upcast";
import { placesInLog } from "@on-record/core/log/places";
import { PageRoom } from "@on-record/core/queries/page-room";
import { etagOf } from "../http/preconditions.ts";
import { queryOf, validate } from "../http/validate.ts";
import { nextLink, NumberedPage } from "./page.ts";
import type { ApiContext, ApiParts } from "./route.ts";

/**
 * Events as their readers see them: never with a salt or a request's digest, by which a guess could be confirmed.
 * `sequence` and `recordedAt` are there once the event has entered the log. As many as one answer can carry.
 */
async function presentEvents(log: LogReader, events: readonly StoredEvent[]): Promise<object[]> {
  const room = new PageRoom();
  const places = await placesInLog(
    log,
    events.map(({ id }) => id),
  );
  const shown = events.map((event, index) => ({
    ...envelopeOf(event),
    ...places[index],
    ...(isErased(event) ? { erased: true } : { data: readEvent(event).data }),
  }));
  const tooMany = shown.findIndex((event) => !room.take(event));
  return tooMany === -1 ? shown : shown.slice(0, tooMany);
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
  const events = await presentEvents(log, withoutErased(stored).slice(after, after + limit));
  const last = after + events.length;
  if (events.length > 0 && last < stored.length) c.header("link", nextLink(c.req.path, last, limit));
  c.header("etag", etagOf(stored.length));
  return c.json({ events });
}
