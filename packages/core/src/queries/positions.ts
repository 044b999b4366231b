import type { ActorId, PropositionId, StatementId } from "../domain/ids.ts";
import { keysThrough, type PositionId } from "../domain/position/entry.ts";
import { isProvisional, type Contest, type Held } from "../domain/position/fold.ts";
import type { Force, PlacedStance } from "../domain/stance.ts";
import type { Instant, SaidAt } from "../domain/time.ts";
import type { Checkpoint, ViewStore } from "../log/ports.ts";
import { actorIndexPk, entriesThrough, POSITIONS, propositionIndexPk, statementPk } from "../projections/positions/rows.ts";
import type { StatementRow } from "../projections/positions/statements.ts";
import { lastEntryOf, type Visible } from "../projections/positions/timeline.ts";
import { answered, momentFrom, newestVersion, visibleAt, type Answered, type AskedMoment, type Moment } from "./moment.ts";

/** The words that a position rests on. */
export interface Basis {
  statement: StatementId;
  speaker: ActorId;
  /** Whether the actor spoke for itself. */
  direct: boolean;
  saidAt: SaidAt;
  text: string;
  evidence?: { start: number; end: number } | undefined;
  cue?: string | undefined;
  /** Publishers whose reports stand. */
  corroboration: number;
  /** Somebody denies that it was said so. */
  disputed: boolean;
}

/** Where an actor stands on a proposition. */
export interface Position extends PositionId {
  stance: PlacedStance;
  condition?: string | undefined;
  force: Force;
  /** When the stance was taken up, without a different one since. */
  since: Instant;
  basis: Basis;
  /** Delegated words that contradict it and wait for the actor or an editor. */
  contests: Contest[];
  /** An editor has still to settle which of two statements came last. */
  provisional: boolean;
  /** The broader proposition that it is inherited from. */
  inheritedFrom?: PropositionId;
}

async function basisOf(views: ViewStore, held: Held, visible: Visible): Promise<Basis> {
  const row = await newestVersion(views, statementPk(held.statement), visible);
  if (row === null) throw new Error(`a position rests on ${held.statement}, which its view does not hold`);
  const { statement, corroboration } = row.body as StatementRow;
  return {
    statement: held.statement,
    speaker: held.speaker,
    direct: held.direct,
    saidAt: statement.saidAt,
    text: statement.text,
    ...(held.evidence && { evidence: held.evidence }),
    ...(held.cue !== undefined && { cue: held.cue }),
    corroboration,
    disputed: statement.disputes.length > 0,
  };
}

/** One position at a moment, by two reads; `null` when the actor had none. */
export async function readPosition(
  views: ViewStore,
  id: PositionId,
  moment: Moment,
  place: Checkpoint,
): Promise<Position | null> {
  const visible = visibleAt(place, moment);
  const last = await lastEntryOf(views, id, entriesThrough(keysThrough(moment.asOf)), visible);
  if (last === null || last.state.held === null) return null;
  const { held, contests } = last.state;
  return {
    ...id,
    stance: held.stance,
    ...(held.condition !== undefined && { condition: held.condition }),
    force: held.force,
    since: held.since,
    basis: await basisOf(views, held, visible),
    contests,
    provisional: isProvisional(last.state),
  };
}

/** One actor's position on one proposition; `null` when it had none at that moment. */
export async function findPosition(
  views: ViewStore,
  id: PositionId,
  asked: AskedMoment,
): Promise<Answered<Position | null>> {
  const place = await views.checkpoint(POSITIONS);
  const moment = momentFrom(asked, place);
  return answered(await readPosition(views, id, moment, place), moment, place);
}

/** A page of a list: `next` is the key to go on behind, absent on the last page. */
export interface Page<T> {
  items: T[];
  next?: string;
}

/** Reads the positions that an index lists, in the order of its sort keys, a page at a time. */
async function pageOf(
  views: ViewStore,
  index: { pk: string; idFrom: (sk: string) => PositionId },
  asked: AskedMoment,
  paging: { after?: string | undefined; limit: number },
): Promise<Answered<Page<Position>>> {
  const place = await views.checkpoint(POSITIONS);
  const moment = momentFrom(asked, place);
  const from = paging.after === undefined ? {} : { from: `${paging.after}\u0001` };
  const rows = await views.query(index.pk, { ...from, limit: paging.limit + 1 });
  const listed = rows.slice(0, paging.limit);
  const positions = await Promise.all(listed.map(({ sk }) => readPosition(views, index.idFrom(sk), moment, place)));
  const last = rows.length > paging.limit ? listed.at(-1) : undefined;
  const items = positions.filter((position) => position !== null);
  return answered({ items, ...(last && { next: last.sk }) }, moment, place);
}

/** An actor's positions, by proposition. */
export function positionsOfActor(
  views: ViewStore,
  actor: ActorId,
  asked: AskedMoment,
  paging: { after?: string | undefined; limit: number },
): Promise<Answered<Page<Position>>> {
  const idFrom = (sk: string) => ({ actor, proposition: sk as PropositionId });
  return pageOf(views, { pk: actorIndexPk(actor), idFrom }, asked, paging);
}

/** All actors' positions on a proposition, by actor. */
export function positionsOnProposition(
  views: ViewStore,
  proposition: PropositionId,
  asked: AskedMoment,
  paging: { after?: string | undefined; limit: number },
): Promise<Answered<Page<Position>>> {
  const idFrom = (sk: string) => ({ actor: sk as ActorId, proposition });
  return pageOf(views, { pk: propositionIndexPk(proposition), idFrom }, asked, paging);
}
