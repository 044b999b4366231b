import type { Instant } from "../../domain/time.ts";
import { mapBounded } from "../../log/bounded.ts";
import { bodyOf } from "../../projections/body.ts";
import { openView } from "../../projections/builds.ts";
import { CHANGES_SHAPE, type ChangesShape } from "../../projections/changes/rows.ts";
import { horizonAt, horizonBefore, newestVersion } from "../../projections/moments.ts";
import type { DerivedEvent } from "../../projections/positions/derived.ts";
import { POSITIONS, statementPk } from "../../projections/positions/rows.ts";
import type { StatementRow } from "../../projections/positions/statements.ts";
import type { ViewReader } from "../../projections/projection.ts";
import { findChanges, type ChangesFound, type ChangeSources } from "../changes.ts";
import { answered, momentFrom, type Answered, type AskedMoment } from "../moment.ts";
import type { Paging } from "../positions.ts";
import type { ChangeFilter } from "./filter.ts";

/**
 * When the words that an event is about had been said, as it was known when the event was announced. What ends
 * something is about words as they were before: whoever was told of the one is told of the other.
 */
async function saidIn(rows: ViewReader, event: DerivedEvent): Promise<Instant> {
  if (event.type === "PositionChanged") return event.saidFrom;
  const isEnd = event.type === "PositionChangeWithdrawn" || event.type === "PositionContestEnded";
  const horizon = isEnd ? horizonBefore(event) : horizonAt(event);
  const version = await newestVersion(rows, statementPk(event.statement), horizon);
  if (version === null) throw new Error(`${event.id} is about ${event.statement}, which its view did not hold`);
  return bodyOf<StatementRow>(version).statement.saidAt.from;
}

/**
 * As `listChanges`, at a past moment: only what had been announced by `knownAt`, about words that had been said by
 * `asOf`. What was announced then stays announced, whatever withdrew it since.
 */
export async function listChangesAt(
  sources: ChangeSources,
  filter: ChangeFilter,
  asked: AskedMoment,
  paging: Paging,
  shape: ChangesShape = CHANGES_SHAPE,
): Promise<Answered<ChangesFound>> {
  const view = await openView(sources.views, POSITIONS);
  const { place, rows } = view;
  const moment = momentFrom(asked, place);
  const { asOf, knownAt } = moment;
  const { recordedTo } = filter;
  const isPast = place.recordedAt !== null && knownAt < place.recordedAt;
  const bounded = isPast && (recordedTo === undefined || knownAt < recordedTo);
  const known = bounded ? { ...filter, recordedTo: knownAt } : filter;
  const { items, next } = await findChanges(view, sources, known, paging, shape);
  const said = await mapBounded(items, (event) => saidIn(rows, event));
  const then = items.filter((_, nth) => (said[nth] ?? "") <= asOf);
  return answered({ items: then, next }, moment, place);
}
