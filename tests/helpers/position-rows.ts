import type { ActorId, PropositionId, StatementId } from "@on-record/core/domain/ids";
import type { PositionId } from "@on-record/core/domain/position/entry";
import { isProvisional } from "@on-record/core/domain/position/fold";
import { sequenceIn } from "@on-record/core/projections/projection";
import type { DerivedEvent } from "@on-record/core/projections/positions/derived";
import { entryKeyIn, positionPk, POSITIONS, REVIEW_PK } from "@on-record/core/projections/positions/rows";
import { unpackEntry, type EntryRow } from "@on-record/core/projections/positions/entry-form";
import type { RecordingViews } from "./recording-views.ts";

/** The entries of a position in order as they stood after sequence number `known`: read from the rows, the plain way. */
export function entriesKnown(views: RecordingViews, position: PositionId, known = Infinity): EntryRow[] {
  const pk = positionPk(position);
  const newest = new Map<string, EntryRow | null>();
  for (const row of views.under(pk)) {
    if (row.pk !== pk || !row.sk.startsWith("e#") || sequenceIn(row.sk) > known) continue;
    newest.set(entryKeyIn(row.sk), unpackEntry(row.sk, row.body as Parameters<typeof unpackEntry>[1]));
  }
  return [...newest.values()].filter((version) => version !== null);
}

/** Every position that has rows. */
export function positionsIn(views: RecordingViews): PositionId[] {
  const prefix = `${POSITIONS}#position#`;
  const names = new Set(views.under(prefix).map(({ pk }) => pk.slice(prefix.length)));
  return [...names].map((name) => {
    const [actor, proposition] = name.split("#");
    return { actor: actor as ActorId, proposition: proposition as PropositionId };
  });
}

/** All derived events in the order of the log. */
export function derivedIn(views: RecordingViews): DerivedEvent[] {
  const rows = views.under(`${POSITIONS}#derived#`);
  return rows.toSorted((a, b) => (a.sk < b.sk ? -1 : 1)).map(({ body }) => body as DerivedEvent);
}

/** The review items that are open after sequence number `known`. */
export function openReviews(
  views: RecordingViews,
  known = Infinity,
): Extract<DerivedEvent, { type: "ReviewRequested" }>[] {
  const items = new Map<string, { open: boolean; event?: DerivedEvent }>();
  for (const { sk, body } of views.under(REVIEW_PK)) {
    if (sequenceIn(sk) > known) continue;
    const item = sk.slice(0, sk.lastIndexOf("#"));
    items.set(item, { ...items.get(item), ...(body as { open: boolean }) });
  }
  return [...items.values()].flatMap(({ open, event }) => (open && event?.type === "ReviewRequested" ? [event] : []));
}

/** Statements are named by one letter. */
export const letterOf = (id: StatementId) => id.charAt(3);

/** A position's entry in a line: `b closed/partial -> ruled_out`, then what is in doubt or contested. */
export function entryLine({ entry, outcome, state }: EntryRow): string {
  const what = {
    moved: () => (outcome.kind === "moved" ? `${outcome.change}/${outcome.reversal}` : ""),
    noted: () => (outcome.kind === "noted" ? `noted(${outcome.why})` : ""),
    contested: () => (outcome.kind === "contested" ? `contests(${outcome.change}/${outcome.reversal})` : ""),
    provisional: () => (outcome.kind === "provisional" ? `in doubt with ${letterOf(outcome.against)}` : ""),
  }[outcome.kind]();
  const { held } = state;
  const shown = held === null ? "nothing" : `${held.stance}${held.condition === undefined ? "" : ` ${held.condition}`}`;
  const basis = held === null ? "" : ` by ${letterOf(held.statement)}`;
  const marks = [
    isProvisional(state) ? "provisional" : "",
    ...state.contests.map((c) => `contested by ${letterOf(c.statement)}`),
  ];
  const mark = entry.kind === "condition_met" ? " met" : "";
  return [`${letterOf(entry.statement)}${mark} ${what} -> ${shown}${basis}`, ...marks.filter((m) => m !== "")].join(
    ", ",
  );
}

/** A derived event in a line, without its cause. */
export function eventLine(event: DerivedEvent): string {
  const letter = letterOf(event.statement);
  switch (event.type) {
    case "PositionChanged":
      return `${letter} ${event.change}/${event.reversal}`;
    case "PositionChangeWithdrawn":
      return `withdrawn: ${letter} ${event.change}/${event.reversal}`;
    case "PositionContested":
      return `contested by ${letter}`;
    case "PositionContestEnded":
      return `contest of ${letter} ended: ${event.how}`;
    case "ReviewRequested":
      return `review ${letter}: ${event.reason}${event.against === undefined ? "" : ` against ${letterOf(event.against)}`}`;
  }
}
