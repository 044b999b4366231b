import { ActorId, PropositionId, type StatementId } from "../domain/ids.ts";
import { entriesOf, keysThrough, type PositionId } from "../domain/position/entry.ts";
import { isProvisional, type Contest, type FoldState } from "../domain/position/fold.ts";
import { isRedacted } from "../domain/statement/erasure.ts";
import type { Force, PlacedStance } from "../domain/stance.ts";
import type { Instant, SaidAt } from "../domain/time.ts";
import type { Checkpoint, ViewStore } from "../log/ports.ts";
import { openView, type OpenView } from "../projections/builds.ts";
import { newestVersion, type Horizon } from "../projections/moments.ts";
import { newestEntry } from "../projections/positions/entries.ts";
import { actorIndexPk, POSITIONS, propositionIndexPk, statementPk } from "../projections/positions/rows.ts";
import type { StatementRow } from "../projections/positions/statements.ts";
import { Timeline } from "../projections/positions/timeline.ts";
import { bodyOf } from "../projections/body.ts";
import type { ViewReader } from "../projections/projection.ts";
import { answered, horizonOf, momentFrom, type Answered, type AskedMoment, type Moment } from "./moment.ts";

/** The words that a position rests on. */
export interface Basis {
  statement: StatementId;
  speaker: ActorId;
  /** Whether the actor spoke for itself. */
  direct: boolean;
  saidAt: SaidAt;
  /** Absent once it is erased, as are evidence and cue. */
  text?: string;
  /** What was said is to be known no longer; that something was, and how it was read, stays. */
  erased?: true;
  evidence?: { start: number; end: number } | undefined;
  cue?: string | undefined;
  /** Publishers whose reports stand. */
  corroboration: number;
  /** Somebody denies that it was said so. */
  disputed: boolean;
}

/** A contest as it is shown. */
export type OpenContest = Omit<Contest, "assessment">;

/** Where an actor stands on a proposition. */
export interface Position extends PositionId {
  stance: PlacedStance;
  condition?: string | undefined;
  force: Force;
  /** When the stance was taken up, without a different one since. */
  since: Instant;
  basis: Basis;
  /** Delegated words that contradict it and wait for the actor or an editor. */
  contests: OpenContest[];
  /** An editor has still to settle which of two statements came last. */
  provisional: boolean;
  /** The broader proposition that it is inherited from. */
  inheritedFrom?: PropositionId;
}

/** Where a position stands, before the words are read that it rests on. */
type Stood = Omit<Position, "actor" | "proposition" | "basis" | "force" | "condition"> & { conditional: boolean };

function openIn({ contests }: Pick<FoldState, "contests">): OpenContest[] {
  return contests.map(({ assessment: _assessment, ...contest }) => contest);
}

function stoodIn({ held, contests, ...rest }: FoldState): (Stood & { statement: StatementId }) | null {
  if (held === null) return null;
  const { statement, stance, condition, since } = held;
  const provisional = isProvisional({ held, contests, ...rest });
  const open = openIn({ contests });
  return { statement, stance, since, contests: open, provisional, conditional: condition !== undefined };
}

/** Reads the words behind a standpoint as they were known: what their assessment says of them is theirs. */
async function withWords(
  views: Pick<ViewStore, "query">,
  id: PositionId,
  { statement, conditional, ...stood }: Stood & { statement: StatementId },
  horizon: Horizon,
): Promise<Position> {
  const version = await newestVersion(views, statementPk(statement), horizon);
  if (version === null) throw new Error(`a position rests on ${statement}, which its view does not hold`);
  const row = bodyOf<StatementRow>(version);
  const [entry] = entriesOf(row.statement, row.sequence).get(id.proposition) ?? [];
  if (entry === undefined) throw new Error(`a position rests on ${statement}, which says nothing of it`);
  const { speaker, voice, force, condition, evidence, cue } = entry;
  const { saidAt, text, disputes } = row.statement;
  const words = { text, ...(evidence && { evidence }), ...(cue !== undefined && { cue }) };
  return {
    ...id,
    ...stood,
    ...(conditional && condition !== undefined && { condition }),
    force,
    basis: {
      statement,
      speaker,
      direct: voice === "direct",
      saidAt,
      ...(isRedacted(row.statement) ? { erased: true } : words),
      corroboration: row.corroboration,
      disputed: disputes.length > 0,
    },
  };
}

/**
 * One position at a moment; `null` when the actor had none. Two reads where the newest is asked for, the last entry and
 * the words behind it; of a past `knownAt` always three, two for the place in the timeline.
 */
export async function readPosition(
  rows: ViewReader,
  id: PositionId,
  moment: Moment,
  place: Checkpoint,
): Promise<Position | null> {
  const horizon = horizonOf(place, moment);
  const newest = moment.isLatest ? await newestEntry(rows, id, keysThrough(moment.asOf), place.next) : null;
  if (newest === null) return positionSeen(rows, id, moment.asOf, horizon);
  const stood = stoodIn(newest.state);
  return stood && withWords(rows, id, stood, horizon);
}

/** One position as those see it who see so much. */
export async function positionSeen(
  rows: ViewReader,
  id: PositionId,
  asOf: Instant,
  horizon: Horizon,
): Promise<Position | null> {
  const timeline = new Timeline(rows, id, horizon);
  const last = await timeline.lastBefore(keysThrough(asOf));
  if (last === null || last.standpoint === null) return null;
  const { contested, ...standpoint } = last.standpoint;
  const contests = contested ? openIn((await timeline.entry(last)).state) : [];
  return withWords(rows, id, { ...standpoint, contests }, horizon);
}

/** One actor's position on one proposition; `null` when it had none at that moment. */
export async function findPosition(
  views: ViewStore,
  id: PositionId,
  asked: AskedMoment,
): Promise<Answered<Position | null>> {
  const { place, rows } = await openView(views, POSITIONS);
  const moment = momentFrom(asked, place);
  return answered(await readPosition(rows, id, moment, place), moment, place);
}

/** A page of a list: `next` is the key to go on behind, absent on the last page. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** Which page of a list: the items behind the key `after`. */
export interface Paging {
  after?: string | undefined;
  limit: number;
}

/** Reads the positions that indexes list, in the order of their sort keys and each key once, a page at a time. */
export async function pageOf(
  rows: ViewReader,
  indexes: readonly string[],
  { after, limit }: Paging,
  read: (sk: string) => Promise<Position | null>,
): Promise<Page<Position>> {
  const range = { ...(after !== undefined && { from: `${after}\u0001` }), limit: limit + 1 };
  const listing = await Promise.all(indexes.map((pk) => rows.query(pk, range)));
  const keys = [...new Set(listing.flat().map(({ sk }) => sk))].toSorted(compareKeys);
  const listed = keys.slice(0, limit);
  const positions = await Promise.all(listed.map(read));
  const last = keys.length > limit ? listed.at(-1) : undefined;
  return { items: positions.filter((position) => position !== null), ...(last !== undefined && { next: last }) };
}

/** Ids are ASCII: comparing them as texts is comparing their bytes. */
function compareKeys(a: string, b: string): number {
  return a < b ? -1 : 1;
}

async function listPositions(
  { place, rows }: OpenView,
  index: { pk: string; idFrom: (sk: string) => PositionId },
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  const moment = momentFrom(asked, place);
  const page = await pageOf(rows, [index.pk], paging, (sk) => readPosition(rows, index.idFrom(sk), moment, place));
  return answered(page, moment, place);
}

/** An actor's positions as a view shows them, by proposition. */
export function positionsShown(
  view: OpenView,
  actor: ActorId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  const idFrom = (sk: string) => ({ actor, proposition: PropositionId.parse(sk) });
  return listPositions(view, { pk: actorIndexPk(actor), idFrom }, asked, paging);
}

/** An actor's positions, by proposition. */
export async function positionsOfActor(
  views: ViewStore,
  actor: ActorId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  return positionsShown(await openView(views, POSITIONS), actor, asked, paging);
}

/** All actors' positions on a proposition, by actor. */
export async function positionsOnProposition(
  views: ViewStore,
  proposition: PropositionId,
  asked: AskedMoment,
  paging: Paging,
): Promise<Answered<Page<Position>>> {
  const idFrom = (sk: string) => ({ actor: ActorId.parse(sk), proposition });
  return listPositions(
    await openView(views, POSITIONS),
    { pk: propositionIndexPk(proposition), idFrom },
    asked,
    paging,
  );
}
